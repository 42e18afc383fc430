# SPDX-License-Identifier: MIT
"""Help for typical mistakes: what people who know other languages write, and what Lua wants instead.

Tables from what stands at and around the offending token to one sentence. Nothing here decides whether a program is
correct; it only makes a refusal useful.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from msgspec import Struct

from munition.attenuators.lua.hint_words import AFTER, AHEAD
from munition.attenuators.lua.lexer import RESERVED


class Place(Struct, frozen=True, eq=False):
    """The surroundings of a syntax error.

    Attributes:
        expectation: what the grammar wanted: `expression`, `statement`, `name`, `arguments`, `surplus end`, `after return`,
            or a closing word or bracket.
        before: text of the token before the offending one.
        found: text of the offending token, empty at the end of the source.
        after: text of the token after it.
        earlier: text of the token before `before`.
        gap: what stands between `before` and `found`: spaces, line ends, comments.
        line: the line of `before`, up to its end.
    """

    expectation: str
    before: str
    found: str
    after: str
    earlier: str
    gap: str
    line: str


_Test: TypeAlias = Callable[[Place], bool]

_QUOTES: Final = ("'", '"')
_ARITHMETIC: Final = frozenset(("+", "-", "*", "/", "%", "^", "..", "|", "&", "<<", ">>", "//"))
_OPERATORS: Final = _ARITHMETIC | {"and", "or", "not", "#", "~", "==", "~=", "<", ">", "<=", ">="}
_STATEMENTS: Final = frozenset(("if", "for", "while", "repeat", "do", "local", "return", "break", "goto"))
_BODIES: Final = frozenset(("then", "do"))
_PARAMETERS: Final = re.compile(r"\bfunction\b[^()]*\([^()]*$")
_SIGNATURE: Final = re.compile(r"\bfunction\b[^()]*\([^()]*\)$")
_TEXT_AND_NAME: Final = re.compile(r"(['\"])[^'\"]*\1[A-Za-z_]\w*$")
_LAMBDA: Final = re.compile(r"\blambda\b")
_LOCAL_CALL: Final = re.compile(r"^\s*local\s+\w+\s*\($")
_BLOCK_WITH_COLON: Final = re.compile(r"^\s*(?:if|elseif|elif|while|for)\b[^\"']*:\s")
_BLOCK_WITH_BRACE: Final = re.compile(
    r"^[\s}]*(?:if|else|elseif|while|for|do|repeat|(?:local\s+)?function|try|catch)\b.*\{"
)
_FUNCTION_WITH_BRACE: Final = re.compile(r"\bfunction\b[^()]*\([^()]*\)$")


def opens_block(line: str) -> bool:
    """Whether the brace on this line was meant to begin a block, as in `if (x) {`."""
    return _BLOCK_WITH_BRACE.match(line) is not None


def _new_line(p: Place) -> bool:
    return "\n" in p.gap


def _compound(p: Place) -> bool:
    return p.found in _ARITHMETIC and p.after == "=" and p.expectation in {"statement", "=", "expression"}


def _doubled(p: Place) -> bool:
    return (p.found, p.after) in {("+", "+"), ("-", "-")} or (p.before, p.found) in {("+", "+")}


def _at(*texts: str) -> _Test:
    return lambda p: p.found in texts


def _pair(before: str, found: str) -> _Test:
    return lambda p: (p.before, p.found) == (before, found)


def _assigned_in_condition(p: Place) -> bool:
    return p.found == "=" and p.expectation in {"then", "do", "end", "until", "after return"}


def _is_name(text: str) -> bool:
    return text[:1].isalpha() and text not in RESERVED


def _is_text(text: str) -> bool:
    return text.startswith(_QUOTES)


def _is_value(text: str) -> bool:
    return _is_text(text) or _is_name(text) or text[:1].isdigit() or text in {"nil", "true", "false"}


def _lacks_operand(p: Place) -> bool:
    return p.before in _OPERATORS and p.expectation == "expression"


def _broken_quote(p: Place) -> bool:
    """`'it's'`: the text ended at the quote inside it."""
    if _TEXT_AND_NAME.search(p.line) is not None:
        return True
    return _is_text(p.before) and not p.gap and p.found[:1].isalpha()


_NO_BRACES: Final = "blocks are written 'then ... end' and 'do ... end', without braces"
_EQUAL: Final = "'=' assigns; comparison is written '=='"
_FUNCTION_VALUE: Final = "a function value is written 'function(x) return ... end'"
_FIELD: Final = "a table field is written 'name = value' or '[\"key\"] = value'"
_LAST: Final = "'return' is the last statement of its block: put the block's 'end' after it, or write 'do return ... end'"
_NO_SWITCH: Final = "Lua has no 'switch': use if/elseif, or a table of functions"
_NO_TYPES: Final = "Lua has no type annotations: leave ':' and the type out"
_LOOPS: Final = "a loop is written 'for i = 1, 10 do' or 'for k, v in pairs(t) do', without parentheses"
_COMMENT: Final = "comments begin with '--'"

# The first that fits is shown. `{before}` and `{found}` are the tokens.
_HINTS: Final[tuple[tuple[_Test, str], ...]] = (
    (_pair("else", "if"), "'else if' is one word in Lua: elseif"),
    (lambda p: p.before == "else" and p.found in {":", "then"}, "'else' is followed by its block at once, without '{found}'"),
    (lambda p: p.gap.startswith("--") and p.expectation in {"statement", "="} and _is_name(p.before),
     "'--' begins a comment: to count down write '{before} = {before} - 1'"),
    (_broken_quote, "the text ended at the quote inside it: write \\' or \\\" there, or quote the text with the other kind"),
    (lambda p: p.before in {"''", '""'} and _is_text(p.found) and not p.gap, "a text over several lines is written [[ ... ]]"),
    (lambda p: _is_text(p.before) and _is_text(p.found) and not p.gap, "a quote inside a text is written \\' or \\\""),
    (lambda p: p.expectation == "statement" and _is_text(p.before) and p.found in _OPERATORS,
     "put the whole argument into parentheses: without them it ends before '{found}'"),
    (lambda p: p.expectation == "after return" and p.found != "=", _LAST),
    (lambda p: p.before == "return" and (p.found in _STATEMENTS or p.found == "function"), _LAST),
    (_assigned_in_condition, _EQUAL),
    (lambda p: p.found in RESERVED and p.after == "=" and p.expectation in {"statement", "expression", "surplus end"},
     "'{found}' is a reserved word and cannot be a name"),
    (lambda p: p.before in _STATEMENTS and p.found == "=" and p.expectation != "then",
     "'{before}' is a reserved word and cannot be a name"),
    (lambda p: p.found == "in" or (p.found, p.after) == ("not", "in"),
     "Lua has no operator 'in': write 't[key] ~= nil' for a key, and a loop to look through a list"),
    (lambda p: p.expectation == ")" and p.found == "=" and bool(_PARAMETERS.search(p.line)),
     "parameters have no default values: write '{before} = {before} or DEFAULT' in the function's body"),
    (lambda p: p.expectation == ")" and p.found == "=",
     "comparison is written '=='; arguments have no names, but a table does: f{{{before} = ...}}"),
    (lambda p: p.expectation == "]" and p.found == "=", "'[' needs its ']' before the '='; comparison is written '=='"),
    (lambda p: p.before == ":" and p.found == "=", "assignment is written '='"),
    (lambda p: p.before == "==" and p.found == "=", "comparison is written '=='"),
    (_pair("=", "="), "comparison is written '==', without a space"),
    (_pair("<", ">"), "inequality is written '~='"),
    (lambda p: p.found == "==" and p.expectation in {"statement", "="}, "'==' compares; assignment is written '='"),
    (lambda p: _compound(p) and _is_name(p.before) and p.earlier not in {".", ":", ","},
     "Lua has no '{found}=': write '{before} = {before} {found} y'"),
    (_compound, "Lua has no '{found}=': write 'x = x {found} y'"),
    (lambda p: p.found == "+" and p.after == "+" and _is_name(p.before) and p.earlier not in {".", ":"},
     "Lua has no '++': write '{before} = {before} + 1'"),
    (_doubled, "Lua has no '++': write 'x = x + 1'"),
    (lambda p: (p.found, p.after) == ("~", "=") or (p.found == "not" and p.after == "="), "inequality is written '~='"),
    (lambda p: p.found == "&" and "&" in (p.before, p.after), "'&&' is written 'and'"),
    (lambda p: p.found == "|" and "|" in (p.before, p.after), "'||' is written 'or'"),
    (lambda p: p.before in AHEAD and p.earlier not in {".", ":"} and p.expectation in {"statement", "="}, "{ahead}"),
    (lambda p: p.before in AFTER and _is_value(p.found), "{aside}"),
    (lambda p: p.before == "case", _NO_SWITCH),
    (lambda p: p.found == "/" and p.after == "*", "comments begin with '--', long ones are written --[[ ... ]]"),
    (lambda p: p.found == "//" and p.expectation != "arguments", _COMMENT),
    (lambda p: p.found == "#" and p.expectation == "statement", _COMMENT),
    (lambda p: p.expectation == "name" and p.before == "local" and p.found in {"{", "["},
     "Lua takes no tables apart: write 'local a, b = t.a, t.b'"),
    (lambda p: p.found == "[" and p.expectation == "expression", "a list is written with braces: {{1, 2, 3}}"),
    (lambda p: p.before == "is" or (p.found in {"is", "isnt"} and p.expectation in {"then", "do", ")", "end", "until"}), "comparison is written '==' or '~='"),
    (_at("=>", "->"), _FUNCTION_VALUE),
    (lambda p: (p.found, p.after) in {("=", ">"), ("-", ">")} or (p.before, p.found) in {("=", ">"), ("-", ">")}, _FUNCTION_VALUE),
    (lambda p: _LAMBDA.search(p.line) is not None, _FUNCTION_VALUE),
    (lambda p: p.expectation == ")" and p.found == "," and _is_name(p.before),
     "parentheses hold one value here; " + _FUNCTION_VALUE.replace("(x)", "(a, b)")),
    (lambda p: p.found == "{" and _SIGNATURE.search(p.line) is not None,
     "a function's body follows its ')' at once and ends with 'end', without braces"),
    (lambda p: p.found == "{" and p.expectation in {"then", "do", "statement"}, _NO_BRACES),
    (lambda p: p.before == "}" and p.expectation in _BODIES, _NO_BRACES),
    (lambda p: p.found == "}" and p.expectation in {"statement", "after return", "end", "surplus end"}, "a block ends with 'end', and no '{{' is open here"),
    (lambda p: p.found == ":" and p.expectation in {"then", "do", "arguments"}, "a block begins with 'then' or 'do', not with ':'"),
    (lambda p: p.expectation in _BODIES and _BLOCK_WITH_COLON.match(p.line + " ") is not None,
     "a block begins with 'then' or 'do', not with ':'"),
    (lambda p: p.found == ":" and p.expectation in {"}", "="}, _FIELD),
    (lambda p: p.found == ":" and (p.earlier == "local" or p.expectation == ")"), _NO_TYPES),
    (lambda p: p.found == ":" and _SIGNATURE.search(p.line) is not None,
     "a function's body follows its ')' at once, without ':' or a type"),
    (lambda p: p.found == ":" and p.expectation == "statement", "a method call needs its arguments in parentheses"),
    (lambda p: p.found == "=" and p.expectation == "arguments", "a field is assigned with '.', not with ':'"),
    (lambda p: p.earlier == "local" and p.found == ".", "a field is set without 'local'"),
    (lambda p: _LOCAL_CALL.match(p.line) is not None, "a function is written 'local function name(...) ... end'"),
    (lambda p: p.expectation == "(" and p.before == "function", "here a function has no name: write 'name = function(...) ... end'"),
    (lambda p: p.expectation == "(" and p.found in {".", ":"} and p.earlier == "function",
     "only a plain name can be local: leave 'local' out"),
    (lambda p: p.expectation == "(" and p.found == "[", "write 't[...] = function(...) ... end'"),
    (lambda p: p.expectation == "(" and p.found in {".", ":"}, "the name after ':' is the last one"),
    (lambda p: p.expectation == "(", "a function's name, of letters, digits and '_', is followed by its parameters in parentheses"),
    (_pair("function", "("), "a function needs a name here, or a variable for it: 'local name = function(...) ... end'"),
    (lambda p: p.before == "for" and p.found == "(", _LOOPS),
    (lambda p: p.expectation == "," and p.found != "", "a loop that counts is written 'for i = first, last do'"),
    (lambda p: p.expectation == "then" and p.found == "else",
     "a value is chosen with 'condition and a or b', or in an if statement: the 'if' before this needs its 'then'"),
    (lambda p: p.expectation == "expression" and (p.before, p.found) in {("if", "then"), ("elseif", "then"), ("while", "do")},
     "the condition between '{before}' and '{found}' is missing"),
    (lambda p: p.expectation == "in", "a loop over a table is written 'for k, v in pairs(t) do'"),
    (lambda p: p.found == "" and p.expectation == "expression", "the script ends here: a value, and what closes the brackets and blocks, is missing"),
    (lambda p: p.found == "=" and p.before in _ARITHMETIC and not p.gap,
     "Lua has no '{before}=': assign the whole value in a statement of its own, as in 'x = x {before} y'"),
    (_lacks_operand, "a value is missing after '{before}'"),
    (lambda p: p.expectation == "expression" and "," in (p.before, p.found), "a ',' too many, or a value is missing beside it"),
    (lambda p: p.expectation == "expression" and p.found == "if",
     "an 'if' has no value: write 'condition and a or b', or an if statement around the assignment"),
    (lambda p: p.expectation == "expression" and p.found in _STATEMENTS, "'{found}' begins a statement, which has no value"),
    (lambda p: p.found == "then" and p.expectation == "do", "a loop's body begins with 'do'"),
    (lambda p: p.found == "do" and p.expectation == "then", "the body of an 'if' begins with 'then'"),
    (lambda p: p.expectation == "then" and p.found == ")", "there is one ')' too many"),
    (lambda p: p.expectation == "then", "the condition of an 'if' is followed by 'then'"),
    (lambda p: p.expectation == "do", "the head of a loop is followed by 'do'"),
    (lambda p: p.expectation == "surplus end",
     "no block is open here: there is an 'end' too many above, or an 'if', 'for', 'while' or 'function' is missing"),
    (lambda p: p.expectation == "name" and p.before == ":" and not _new_line(p),
     "a table field is written 'name = value', a method call 'object:name()'"),
    (lambda p: p.expectation == "name" and p.before in {".", ":"} and _new_line(p), "a name is missing after '{before}'"),
    (lambda p: p.expectation == "name" and p.before == "." and p.found in RESERVED,
     "'{found}' is a reserved word: write [\"{found}\"] in place of .{found}"),
    (lambda p: p.expectation == "name" and p.found in RESERVED, "'{found}' is a reserved word and cannot be a name"),
    (lambda p: p.expectation == "name" and p.before in RESERVED and p.found == "=",
     "'{before}' is a reserved word and cannot be a name"),
    (lambda p: p.found[:1] == "." and p.found[1:2].isdigit(), "an element is written with brackets: t[1]"),
    (lambda p: p.before == "..." and p.expectation == ")", "'...' has no name: write 'local args = {{...}}' in the function's body"),
    (lambda p: p.before == "...", "'...' stands for a function's extra arguments; table.unpack(t) gives the elements of a list"),
    (lambda p: p.found == "=" and p.expectation == "statement" and p.earlier == ",",
     "several variables are set as in 'a, b = 1, 2'"),
    (lambda p: p.found == "=" and p.expectation == "statement", "an assignment has no value: write one statement for each variable"),
    (lambda p: p.found == "for" and p.expectation in {"}", ")", "]"}, "Lua has no comprehensions: fill the table in a loop"),
    (lambda p: p.expectation == "]" and p.found == ":", "a part of a text is text:sub(first, last), a part of a list table.move(t, first, last, 1, {{}})"),
    (lambda p: p.expectation == "}" and p.found == "=",
     "a key that is no plain name is written in brackets: {{[\"some key\"] = value}}"),
    (lambda p: p.expectation == "}" and p.found != "", "fields of a table are separated by ',', and '{{' needs its '}}'"),
    (lambda p: p.expectation == ")" and _is_text(p.before) and _is_text(p.found),
     "arguments are separated by ',', texts are joined with '..'"),
    (lambda p: p.expectation == ")" and p.found != "", "arguments are separated by ',', and '(' needs its ')'"),
    (lambda p: p.expectation == "statement" and p.found in {")", "]"}, "there is one '{found}' too many"),
    (lambda p: "//" in p.line and p.expectation == "statement", "comments begin with '--'; '//' divides"),
    (lambda p: not p.before and p.found in {">", "$"}, "remove the '{found}' of a prompt or quotation"),
    (lambda p: _is_text(p.before) and _is_text(p.found) and not _new_line(p), "texts are joined with '..'"),
    (lambda p: p.expectation == "statement" and _is_value(p.before) and _is_value(p.found) and not _new_line(p),
     "something is missing between '{before}' and '{found}': '=', an operator or parentheses, or '--' if it is a comment"),
    (lambda p: p.expectation == "statement" and (p.found in {"not", "-", "nil", "true", "false"} or _is_text(p.found)),
     "a statement is a call or an assignment: it cannot begin with '{found}'"),
)  # fmt: skip


def hint(place: Place, show: Callable[[str], str]) -> str | None:
    """The first hint that fits, if any does; `show` makes the text of a token fit for a message."""
    text = next((text for test, text in _HINTS if test(place)), None)
    if text is None:
        return None
    return text.format(
        before=show(place.before),
        found=show(place.found),
        ahead=AHEAD.get(place.before, ""),
        aside=AFTER.get(place.before, ""),
    )
