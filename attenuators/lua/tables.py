# SPDX-License-Identifier: MIT
"""The LALR(1) tables of grammar.lark, read from tables.json, which build_tables.py writes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct

TABLES_PATH: Final = Path(__file__).with_name("tables.json")


class Tables(Struct, frozen=True, eq=False):
    """The automaton. State 0 is the start.

    Attributes:
        accept: the state that has seen a whole chunk.
        terminals: names by kind number; kind 0 is the end of the source.
        nonterminals: names by number.
        levels: by kind, 1 where an unfinished one is a level of nesting.
        rules: per rule the nonterminal it makes, its length, its action or None, and the levels that end with it.
        symbols: per state, the name of the symbol that leads into it.
        rows: `rows[state][kind]` is 0 for an error, `s > 0` to shift into `s`, `-r - 1` to reduce by rule `r`.
        gotos: `gotos[state][nonterminal]` is the state after it.
    """

    accept: int
    terminals: list[str]
    nonterminals: list[str]
    levels: list[int]
    rules: list[tuple[int, int, str | None, int]]
    symbols: list[str]
    rows: list[list[int]]
    gotos: list[list[int]]


@cache
def load() -> Tables:
    """The tables, read once."""
    return Tables(**json.loads(TABLES_PATH.read_bytes()))
