# SPDX-License-Identifier: MIT
"""Source to syntax tree: the LALR(1) automaton of grammar.lark, driven over the tokens.

The loop is the textbook one (Aho, Lam, Sethi, Ullman, "Compilers", algorithm 4.44). It needs no recursion, so neither
does a source of any shape; what nesting later passes may see is bounded here.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from msgspec import Struct

from munition.attenuators.lua import faults
from munition.attenuators.lua.actions import ACTIONS, Action, NotAssignable, NotAStatement, Workspace
from munition.attenuators.lua.expected import Stack, explain, misplaced, unassignable
from munition.attenuators.lua.lexer import Tokens, kind_numbers, tokenize
from munition.attenuators.lua.limits import DEFAULT_LIMITS, SourceLimits
from munition.attenuators.lua.syntax import Block, Chunk, Function
from munition.attenuators.lua.tables import load
from munition.diagnostics import Diagnostic
from munition.source import Source, Span

_Rule: TypeAlias = tuple[int, int, Action | None, int]


class Parsed(Struct, frozen=True, eq=False):
    """A tree, or why there is none. `chunk` is None exactly when `diagnostics` is not empty."""

    chunk: Chunk | None
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source, limits: SourceLimits = DEFAULT_LIMITS) -> Parsed:
    """Parse a Lua 5.4 chunk. The first fault of its syntax, or the limit it exceeds, is the only diagnostic."""
    if len(source.text) > limits.source_bytes:
        return _refused(faults.source_too_long(len(source.text), limits.source_bytes))
    tokens = tokenize(source)
    if len(tokens.kinds) - 1 > limits.tokens:
        at = limits.tokens
        return _refused(faults.too_many_tokens(at, Span(tokens.starts[at], tokens.ends[at])))
    workspace = Workspace(tokens, load().terminals, _operators())
    result = _drive(source, tokens, workspace, limits)
    if isinstance(result, Diagnostic):
        return _refused(result)
    if workspace.functions - 1 > limits.functions:
        return _refused(faults.too_many_functions(limits.functions, Span(0, 0)))
    main = Function(0, len(source.text), (), True, result, 0, "main chunk")
    w = workspace
    return Parsed(Chunk(main, w.names, w.bindings, w.functions, w.gotos, w.labels), ())


def _refused(diagnostic: Diagnostic) -> Parsed:
    return Parsed(None, (diagnostic,))


@cache
def _rules() -> list[_Rule]:
    return [
        (made, length, ACTIONS[action] if action else None, levels)
        for made, length, action, levels in load().rules
    ]


@cache
def _operators() -> list[str]:
    """The text of each operator and reserved word by its kind number."""
    texts = [""] * len(load().terminals)
    for text, kind in kind_numbers().items():
        texts[kind] = text
    return texts


def _drive(source: Source, tokens: Tokens, w: Workspace, limits: SourceLimits) -> Block | Diagnostic:
    # One function on purpose: a call per token would double the time.
    tables = load()
    rows, gotos, level_of, accept, nesting = (
        tables.rows,
        tables.gotos,
        tables.levels,
        tables.accept,
        limits.nesting,
    )
    rules = _rules()
    kinds, starts, ends = tokens.kinds, tokens.starts, tokens.ends
    states: list[int] = [0]
    values: list[Any] = []
    firsts: list[int] = []  # of each value, its first token
    at = 0
    kind = kinds[0]
    while True:
        action = rows[states[-1]][kind]
        if action > 0:
            states.append(action)
            values.append(at)
            firsts.append(at)
            if level_of[kind]:
                w.level += 1
                if w.level > nesting:
                    return faults.nested_too_deeply(nesting, Span(starts[at], ends[at]))
            at += 1
            kind = kinds[at]
        elif action < 0:
            made, length, build, levels = rules[-action - 1]
            if build is None:
                states[-1] = gotos[states[-2]][made]
                continue
            if length:
                first = firsts[-length]
                arguments = values[-length:]
                del states[-length:], values[-length:], firsts[-length:]
            else:
                first = at
                arguments = []
            w.level -= levels
            try:
                values.append(build(w, arguments, starts[first], ends[at - 1] if at else 0))
            except NotAStatement:
                return misplaced(source, tokens, at)
            except NotAssignable:
                return unassignable(source, tokens, at)
            firsts.append(first)
            states.append(gotos[states[-1]][made])
        elif states[-1] == accept and kind == 0:
            block: Block = values[0]
            return block
        else:
            return (
                tokens.fault
                if kind == 1 and tokens.fault
                else explain(source, tokens, at, Stack(states, firsts))
            )
