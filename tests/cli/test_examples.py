# SPDX-License-Identifier: MIT
"""Every example behaves as the reference implementation of Lua 5.4 does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import lupa.lua54
import pytest

import munition
from munition.cli.json_values import encode

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
TEXT = (EXAMPLES / "data" / "lighthouse.txt").read_text("utf-8")
# Script, capabilities, script arguments.
RUNS: list[tuple[str, str, list[str]]] = [
    ("pricing", "", []),
    ("classify", "log", []),
    ("json", "log", []),
    ("wordcount", "log", [TEXT]),
    ("wordcount", "log", []),
    ("order_states", "", []),
    ("mandelbrot", "log", []),
    ("queens", "", []),
    ("queens", "", ["8"]),
    ("template", "", []),
    ("wc", "log,filesystem_read:.", ["lighthouse.txt", "missing.txt", "order.json"]),
    ("wc", "log,filesystem_read:.", ["lighthouse.txt"]),
]
CALLS: list[tuple[str, str, list[Any]]] = [
    ("classify", "classify", ["GET /x 404 1ms"]),
    ("wordcount", "count", ["to be, or not to be; that's it", 2]),
    ("queens", "solve", [7]),
    ("template", "render", ["{{#if a}}{{b.c}}{{/if}}", {"a": True, "b": {"c": "<>"}}]),
    ("order_states", "process", [["pay", "cancel", "pay"]]),
    (
        "pricing",
        "process",
        [
            {
                "lines": [{"sku": "A", "unit_cents": 250, "quantity": 12}],
                "shipping": "express",
                "customer": {"tier": "gold"},
            }
        ],
    ),
]
PRELUDE = """
local out = {}
local function put(...)
  local n = select('#', ...)
  for i = 1, n do out[#out + 1] = tostring((select(i, ...))) .. (i < n and '\\t' or '\\n') end
end
print = put
return function(source, name, call, ...)
  local chunk = assert(load(source, '@' .. name, 't'))
  local results
  if call then chunk() results = table.pack(_G[call](...)) else results = table.pack(chunk(...)) end
  return table.concat(out), results
end
"""


def value_of(found: Any) -> Any:
    """A Lua value of the reference as munition gives it to Python."""
    if lupa.lua54.lua_type(found) != "table":
        return found
    table = {key: value_of(item) for key, item in found.items()}
    return (
        [table[i] for i in range(1, len(table) + 1)] if set(table) == set(range(1, len(table) + 1)) else table
    )


def reference(name: str, call: str | None, arguments: list[Any]) -> tuple[str, list[Any]]:
    """What PUC Lua prints and returns."""
    lua = lupa.lua54.LuaRuntime(register_eval=False, register_builtins=False)
    source = (EXAMPLES / f"{name}.lua").read_text("utf-8")
    given = [
        lua.table_from(item, recursive=True) if isinstance(item, (dict, list)) else item for item in arguments
    ]
    printed, results = lua.execute(PRELUDE)(source, f"{name}.lua", call, *given)
    return printed, [value_of(results[i]) for i in range(1, results["n"] + 1)]


@pytest.mark.parametrize(("name", "caps", "arguments"), RUNS)
def test_an_example_prints_and_returns_what_the_reference_does(
    name: str, caps: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES / "data")
    module = munition.compile(EXAMPLES / f"{name}.lua", caps)
    outcome = munition.fire(module, None, arguments, capabilities=caps)
    printed, values = reference(name, None, arguments)
    assert (outcome.kind, outcome.message) == ("ok", "")
    assert outcome.text().decode() == printed
    assert encode(list(outcome.values)) == encode(values)


@pytest.mark.parametrize(("name", "function", "arguments"), CALLS)
def test_a_function_of_an_example_returns_what_the_reference_does(
    name: str, function: str, arguments: list[Any]
) -> None:
    caps = next(caps for run, caps, _ in RUNS if run == name)
    module = munition.compile(EXAMPLES / f"{name}.lua", caps)
    outcome = munition.fire(module, function, arguments, capabilities=caps)
    assert (outcome.kind, outcome.message) == ("ok", "")
    assert encode(list(outcome.values)) == encode(reference(name, function, arguments)[1])


def test_every_example_is_tried() -> None:
    scripts = {path.stem for path in EXAMPLES.glob("*.lua")}
    assert scripts == {name for name, _, _ in RUNS} | {"clock", "thief", "endless"}
    assert len(scripts) >= 10


@pytest.mark.slow
def test_the_demo_ends_as_it_says() -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "demo.py")], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
