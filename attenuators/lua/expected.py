# SPDX-License-Identifier: MIT
"""Say what is wrong at a token that the grammar does not accept, in the reference implementation's words."""

from __future__ import annotations

from dataclasses import dataclass

from munition.attenuators.lua import faults
from munition.attenuators.lua.lexer import Tokens
from munition.diagnostics import Diagnostic
from munition.source import Source, Span


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The parser's stack at the fault: a state per symbol after the first state, and each symbol's first token."""

    states: list[int]
    firsts: list[int]


def explain(source: Source, tokens: Tokens, at: int, stack: Stack) -> Diagnostic:
    span = Span(tokens.starts[at], tokens.ends[at])
    return faults.unexpected_symbol(source.text[span.start:span.end].decode("latin-1"), span)
