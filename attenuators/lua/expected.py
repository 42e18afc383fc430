# SPDX-License-Identifier: MIT
"""Say what is wrong at a token that the grammar does not accept, in the reference implementation's words.

The automaton knows which tokens it would accept. What a person wants to read depends on where it stands: at the beginning
of an expression, at the beginning of a statement, or after something that only one token can complete.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from msgspec import Struct

from munition.attenuators.lua import faults
from munition.attenuators.lua.hints import Place, hint, opens_block
from munition.attenuators.lua.lexer import Tokens
from munition.attenuators.lua.tables import Tables, load
from munition.attenuators.lua.unclosed import find_suspect
from munition.diagnostics import Diagnostic
from munition.source import Source, Span


class Stack(Struct, frozen=True, eq=False):
    """The parser's stack at the fault: a state per symbol after the first state, and each symbol's first token."""

    states: list[int]
    firsts: list[int]


# What one missing token is called, in the order in which they are looked for: the first that is acceptable is named.
_WORDS: Final = (
    ("THEN", "then"), ("DO", "do"), ("IN", "in"), ("RPAREN", ")"), ("RSQUARE", "]"), ("RBRACE", "}"),
    ("DOUBLE_COLON", "::"), ("ASSIGN", "="), ("COMMA", ","), ("MORE", ">"), ("LPAREN", "("),
)  # fmt: skip
_BRACKETS: Final = {"RPAREN": ("LPAREN", "("), "RSQUARE": ("LSQUARE", "["), "RBRACE": ("LBRACE", "{")}
_BLOCK_ENDS: Final = frozenset(("END", "ELSE", "ELSEIF", "UNTIL", "$END"))
_BLOCK_OPENERS: Final = frozenset(("FUNCTION", "IF", "arms", "WHILE", "FOR", "DO", "REPEAT"))
_HEADS: Final = frozenset(("WHILE", "FOR"))  # their `do` opens the block, the word is what `end` closes
_MAX_LINE: Final = 200  # bytes; lines of a megabyte exist
_TARGET: Final = frozenset(("NAME", "LPAREN"))  # how what can be assigned begins
_NOT_ASSIGNABLE: Final = frozenset(("RPAREN", "STRING", "RBRACE"))  # how calls and parentheses end


def explain(source: Source, tokens: Tokens, at: int, stack: Stack) -> Diagnostic:
    """The diagnostic for the token number `at`, which the state on top of `stack` does not accept."""
    fault = _Fault(source, tokens, at, stack, load())
    accepted = fault.accepted()
    found = fault.terminal(at)
    if "NUMBER" in accepted or accepted == _TARGET:
        return faults.unexpected_symbol(fault.near(), fault.span(), fault.advice("expression"))
    if "NAME" in accepted and accepted <= {"NAME", "FUNCTION", "ELLIPSIS", "RPAREN"}:
        name = "<name> or '...'" if "ELLIPSIS" in accepted else "<name>"
        return faults.expected(name, fault.near(), fault.span(), fault.advice("name"))
    if "BREAK" in accepted:
        return _at_statement(fault, found, accepted)
    return _after(fault, accepted)


def misplaced(source: Source, tokens: Tokens, at: int) -> Diagnostic:
    """The diagnostic for an expression that ends before the token number `at` and is no statement."""
    fault = _Fault(source, tokens, at, Stack([0], []), load())
    return faults.not_a_statement(fault.near(), fault.span(), fault.advice("statement"))


def unassignable(source: Source, tokens: Tokens, at: int) -> Diagnostic:
    """The diagnostic for an expression that ends before the `=` or `,` at `at` and cannot be assigned."""
    fault = _Fault(source, tokens, at, Stack([0], []), load())
    return faults.not_assignable(fault.near(), fault.span())


def _at_statement(fault: _Fault, found: str, accepted: frozenset[str]) -> Diagnostic:
    """A statement may begin here, or the block may end."""
    if found in _BLOCK_ENDS:
        return _block_end(fault, accepted)
    advice = fault.unended(found)
    if advice is not None:
        return faults.unexpected_symbol(fault.near(), fault.span(), advice)
    if fault.in_expression_statement() and not fault.after_call():
        return faults.not_a_statement(fault.near(), fault.span(), fault.advice("statement"))
    return faults.unexpected_symbol(fault.near(), fault.span(), fault.advice("statement"))


def _block_end(fault: _Fault, accepted: frozenset[str]) -> Diagnostic:
    """A block ends here with the wrong word, or the source ends inside a block, or something follows a `return`."""
    after_return = fault.terminal(fault.at) not in _BLOCK_ENDS
    if "$END" in accepted:
        advice = fault.advice("after return" if after_return else "surplus end")
        return faults.expected("<eof>", fault.near(), fault.span(), advice)
    closer = "until" if "UNTIL" in accepted else "end"
    opener = fault.open_block()
    if opener is None:
        return faults.expected(f"'{closer}'", fault.near(), fault.span())
    word, token = opener
    return fault.missing(closer, word, token, "after return" if after_return else closer)


def _after(fault: _Fault, accepted: frozenset[str]) -> Diagnostic:
    """Something is complete but for one token."""
    top = fault.top()
    if top == "COLON" or (top == "NAME" and fault.below() == "COLON" and "STRING" in accepted):
        return faults.expected("function arguments", fault.near(), fault.span(), fault.advice("arguments"))
    if "ASSIGN" in accepted and "IN" in accepted:
        return faults.expected("'=' or 'in'", fault.near(), fault.span(), fault.advice("in"))
    if accepted & _BLOCK_ENDS:
        return _block_end(fault, accepted)
    if "ASSIGN" in accepted and fault.terminal(fault.at - 1) in _NOT_ASSIGNABLE:
        return faults.not_assignable(fault.near(), fault.span())
    for name, word in _WORDS:
        if name in accepted:
            return _missing_word(fault, name, word)
    return faults.unexpected_symbol(fault.near(), fault.span(), fault.advice("expression"))


def _missing_word(fault: _Fault, name: str, word: str) -> Diagnostic:
    bracket, text = _BRACKETS.get(name, ("", ""))
    token = fault.innermost(bracket)
    if token is not None:
        return fault.missing(word, text, token)
    return faults.expected(f"'{word}'", fault.near(), fault.span(), fault.advice(word))


class _Fault(Struct, frozen=True, eq=False):
    """The place of a fault, and what can be asked of it."""

    source: Source
    tokens: Tokens
    at: int
    stack: Stack
    tables: Tables

    def terminal(self, token: int) -> str:
        return self.tables.terminals[self.tokens.kinds[token]]

    def span(self) -> Span:
        return Span(self.tokens.starts[self.at], self.tokens.ends[self.at])

    def text(self, token: int) -> str:
        if not 0 <= token < len(self.tokens.kinds):
            return ""
        return self.source.text[self.tokens.starts[token] : self.tokens.ends[token]].decode("latin-1")

    def near(self) -> str:
        return self.text(self.at)

    def advice(self, expectation: str) -> str | None:
        at = self.at
        place = Place(
            expectation,
            self.text(at - 1),
            self.near(),
            self.text(at + 1),
            self.text(at - 2),
            self._gap(),
            self._line_to(at - 1),
        )
        return hint(place, faults.shown)

    def _gap(self) -> str:
        """The beginning of what stands between the fault and the token before it."""
        if not self.at:
            return ""
        start, end = self.tokens.ends[self.at - 1], self.tokens.starts[self.at]
        cut = self.source.text[start : min(end, start + _MAX_LINE)].decode("latin-1")
        is_next_line = self.source.line_of(start) < self.source.line_of(end)
        return cut + "\n" if is_next_line and "\n" not in cut else cut

    def _line_to(self, token: int) -> str:
        """The line the token ends on, up to there; nothing if it is too long to look at."""
        if token < 0:
            return ""
        end = self.tokens.ends[token]
        start = self.source.line_starts[self.source.line_of(end) - 1]
        return self.source.text[start:end].decode("latin-1") if end - start <= _MAX_LINE else ""

    def accepted(self) -> frozenset[str]:
        """The terminals that could stand here: those that lead to a shift (or the end) through any reductions."""
        names = enumerate(self.tables.terminals)
        return frozenset(name for kind, name in names if _shifts(self.tables, self.stack.states, kind))

    def top(self) -> str:
        """The symbol on top of the stack."""
        return self.tables.symbols[self.stack.states[-1]]

    def below(self) -> str:
        """The symbol under the top."""
        return self.tables.symbols[self.stack.states[-2]] if len(self.stack.states) > 1 else ""

    def in_expression_statement(self) -> bool:
        """The statement at the fault began as an expression (and is no assignment)."""
        symbols = [self.tables.symbols[state] for state in self.stack.states]
        rest = symbols[len(symbols) - symbols[::-1].index("stats") :] if "stats" in symbols else []
        return bool(rest) and rest[0] in ("NAME", "prefixexp", "LPAREN")

    def after_call(self) -> bool:
        """The expression before the fault is a call (it ends with its arguments)."""
        before = self.terminal(self.at - 1)
        return before in ("STRING", "RBRACE") or (before == "RPAREN" and not self._in_parentheses())

    def _in_parentheses(self) -> bool:
        # The whole expression is in parentheses: its first token opens the pair that the last one closes.
        first = self.stack.firsts[-1]
        depth = 0
        for token in range(first, self.at):
            name = self.terminal(token)
            depth += (name == "LPAREN") - (name == "RPAREN")
            if depth == 0:
                return name == "RPAREN" and token == self.at - 1
        return False

    def innermost(self, terminal: str) -> int | None:
        """The token number of the innermost open `terminal` on the stack."""
        for state, first in zip(reversed(self.stack.states), reversed(self.stack.firsts), strict=False):
            if self.tables.symbols[state] == terminal:
                return first
        return None

    def open_block(self) -> tuple[str, int] | None:
        """The word that opened the innermost block, and its token number."""
        symbols = [self.tables.symbols[state] for state in self.stack.states[1:]]
        for at in range(len(symbols) - 1, -1, -1):
            if symbols[at] not in _BLOCK_OPENERS:
                continue
            head = at
            while (
                symbols[at] == "DO"
                and head
                and symbols[head] not in _HEADS
                and symbols[head] not in ("stats", "block")
            ):
                head -= 1
            token = self.stack.firsts[head if symbols[head] in _HEADS else at]
            return self.text(token), token
        return None

    def missing(self, closer: str, opener: str, token: int, expectation: str = "") -> Diagnostic:
        """`closer` is missing for `opener` at `token`."""
        line = self.source.line_of(self.tokens.starts[token])
        advice = self._unclosed_advice(token) if closer == "end" else None
        if closer == "}" and opens_block(self._line_to(token)):
            advice = "blocks are written 'then ... end' and 'do ... end', without braces"
        advice = advice or self.unended(self.terminal(self.at)) or self.advice(expectation or closer)
        if line == self.source.line_of(self.span().start):
            return faults.expected(f"'{closer}'", self.near(), self.span(), advice)
        return faults.unclosed(closer, opener, line, self.near(), self.span(), advice)

    def unended(self, found: str) -> str | None:
        """Advice for a closing bracket inside a block that was begun inside the brackets."""
        bracket, _ = _BRACKETS.get(found, ("", ""))
        block = self.open_block() if bracket else None
        if block is None or not self._is_open(bracket, block[1]):
            return None
        line = self.source.line_of(self.tokens.starts[block[1]])
        return f"the '{block[0]}' at line {line} needs its 'end' before this"

    def _is_open(self, bracket: str, before: int) -> bool:
        """Whether such a bracket was opened before the token number `before`, and is still."""
        pairs = zip(self.stack.states[1:], self.stack.firsts, strict=True)
        return any(self.tables.symbols[state] == bracket and first < before for state, first in pairs)

    def _unclosed_advice(self, opener: int) -> str | None:
        """What probably went wrong in the block that the token number `opener` began."""
        names = [self.terminal(token) for token in range(opener, self.at)]
        for number, pair in enumerate(pairwise(names), opener):
            if pair == ("ELSE", "IF"):
                line = self.source.line_of(self.tokens.starts[number])
                return (
                    f"the 'else if' at line {line} begins a second 'if', which needs an 'end' of its own: "
                    "write 'elseif'"
                )
        found = find_suspect(self.source, self.tokens, self.at)
        if found is None:
            return None
        where = f"the '{found.word}' at line {found.line} may lack its 'end'"
        if found.end_line is None:
            return f"{where}: the function at line {found.next_line} stands no further right"
        return f"{where}: the 'end' at line {found.end_line} stands further left"


def _shifts(tables: Tables, states: list[int], kind: int) -> bool:
    """Whether the automaton, after any reductions, would shift a token of this kind (or accept, at the end)."""
    stack = list(states)
    while True:
        action = tables.rows[stack[-1]][kind]
        if action >= 0:
            return action > 0 or (kind == 0 and stack[-1] == tables.accept)
        made, length, _, _ = tables.rules[-action - 1]
        if length:
            del stack[-length:]
        stack.append(tables.gotos[stack[-1]][made])
