# SPDX-License-Identifier: MIT
"""The same job in both languages: every example in AssemblyScript does what the one in Lua does."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import munition
from munition.module import Module
from tests.support.assemblyscript import needs_compiler

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TEXT = (EXAMPLES / "data" / "lighthouse.txt").read_text("utf-8")
CAPS = {"classify": "log", "wordcount": "log"}
LINES = ["sshd: Failed password for root from 10.0.0.9 port 1", "GET /h 200 3ms", "GET /r 200 5127ms", "POST /l 401 12ms",
         "GET /c 503 8ms", "kernel panic", "write: No space left on device", "", "hello there"]  # fmt: skip

pytestmark = needs_compiler


@cache
def module(name: str) -> Module:
    return munition.compile(EXAMPLES / name, CAPS.get(name.partition(".")[0], ""))


def both(name: str, function: str, arguments: list[Any]) -> tuple[Any, Any]:
    caps = CAPS.get(name, "")
    lua = munition.fire(module(f"{name}.lua"), function, arguments, capabilities=caps)
    ours = munition.fire(module(f"{name}.ts"), function, arguments, capabilities=caps)
    if not (lua.ok and ours.ok):
        assert lua.kind == ours.kind
        return lua.message, ours.message.partition(": ")[2]
    return lua.values, ours.values


ORDERS: list[dict[str, Any]] = [
    {
        "lines": [{"sku": "A", "unit_cents": 250, "quantity": 12}],
        "shipping": "express",
        "customer": {"tier": "gold"},
    },
    {
        "lines": [
            {"sku": "A", "unit_cents": 999, "quantity": 150},
            {"sku": "B", "unit_cents": 1, "quantity": 1},
        ]
    },
    {"lines": [{"sku": "A", "unit_cents": 250, "quantity": 0}]},
    {"lines": [], "shipping": "balloon"},
]


@pytest.mark.parametrize("order", ORDERS)
def test_pricing(order: dict[str, Any]) -> None:
    lua, ours = both("pricing", "process", [order])
    assert lua == ours


@pytest.mark.parametrize("n", [1, 4, 6, 8])
def test_queens(n: int) -> None:
    lua, ours = both("queens", "solve", [n])
    assert lua == (ours[0]["count"], ours[0]["first"])


@pytest.mark.parametrize("events", [["pay", "pay", "pack", "ship", "deliver"], ["pay", "pack"], ["ship"], []])
def test_order_states(events: list[str]) -> None:
    (lua,), (ours,) = both("order_states", "process", [events])
    assert (lua["state"], lua["history"]) == (ours["state"], ours["history"])
    assert (lua.get("stopped_at", 0), lua.get("reason")) == (ours["stopped_at"], ours["reason"])


@pytest.mark.parametrize("text", ["to be, or not to be; that's it", TEXT, "", "one\ntwo\n"])
def test_wordcount(text: str) -> None:
    (lua,), (ours,) = both("wordcount", "count", [text])
    assert [[e["word"], e["times"]] for e in ours.pop("frequent")] == lua.pop("frequent")
    assert lua == ours


@pytest.mark.parametrize("line", LINES)
def test_classify(line: str) -> None:
    (lua,), (ours,) = both("classify", "classify", [line])
    assert (lua["class"], lua["captures"]) == (ours["kind"], ours["captures"])


def test_classify_prints() -> None:
    outcome = munition.fire(module("classify.ts"), "report", [LINES[:2]], capabilities="log")
    assert (
        outcome.text().decode()
        == f"security     {LINES[0]}\nrequest      {LINES[1]}\n  1 security\n  1 request\n"
    )
