# SPDX-License-Identifier: MIT
from __future__ import annotations

import logging

import pytest
from lark import Lark, Tree, UnexpectedInput, logger

from munition.attenuators.lua.actions import ACTIONS
from munition.attenuators.lua.build_tables import GRAMMAR_PATH, START, build
from munition.attenuators.lua.lexer import RESERVED, kind_numbers
from munition.attenuators.lua.parse import parse
from munition.attenuators.lua.tables import TABLES_PATH, load
from munition.source import Source


def test_the_shipped_tables_are_those_of_the_grammar() -> None:
    assert TABLES_PATH.read_text(encoding="utf-8") == build()


def test_every_action_of_the_grammar_exists_and_is_used() -> None:
    named = {action for _, _, action, _ in load().rules if action}
    assert named == set(ACTIONS)


def test_the_lexer_knows_every_terminal() -> None:
    assert set(kind_numbers().values()) == set(range(len(load().terminals)))
    assert {word.upper() for word in RESERVED} <= set(load().terminals)


def test_only_a_call_after_an_expression_is_ambiguous(caplog: pytest.LogCaptureFixture) -> None:
    logger.addHandler(caplog.handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        Lark(GRAMMAR_PATH.read_text(encoding="utf-8"), parser="lalr", lexer="basic", start=START, debug=True)
    finally:
        logger.setLevel(level)
        logger.removeHandler(caplog.handler)
    conflicts = [record.getMessage() for record in caplog.records if "conflict" in record.getMessage()]
    assert conflicts
    assert all("terminal LPAREN" in conflict for conflict in conflicts)


ACCEPTED = [
    "",
    "return",
    "local a <const>, b <close> = 1, nil; ::l:: goto l",
    "for i = 1, 10, 2 do for k, v in pairs(t) do break end end",
    "function a.b.c:d(x, ...) return x, ... end local function f() end",
    "x, y.z, w[1] = -2 ^ 2, not a == b, {1, a = 2; [3] = 4,}",
    'f"x" {1} (2):g [[y]] "z"',
    "repeat local x = f() until x while true do end if a then elseif b then else end",
    "x = 0x.8p1 + 1e5 - 3 // 2 .. 'a\\z  b' .. [==[ ]] ]==] -- comment\n --[[ long ]] ;;;",
]
REFUSED = [
    "local do = 1",
    "end",
    "x = = 1",
    "for 1 do end",
    "f(",
    "return return",
    "x = 3x",
    "a.b:c = 1",
    "{1}",
]


@pytest.fixture(scope="module")
def lark() -> Lark:
    """The grammar as Lark itself runs it."""
    return Lark(GRAMMAR_PATH.read_text(encoding="utf-8"), parser="lalr", start=START)


@pytest.mark.parametrize("text", ACCEPTED)
def test_lark_and_our_driver_accept_alike(lark: Lark, text: str) -> None:
    assert isinstance(lark.parse(text), Tree)
    assert parse(Source("test", text.encode())).chunk is not None


@pytest.mark.parametrize("text", REFUSED)
def test_lark_and_our_driver_refuse_alike(lark: Lark, text: str) -> None:
    with pytest.raises(UnexpectedInput):
        lark.parse(text)
    assert parse(Source("test", text.encode())).chunk is None
