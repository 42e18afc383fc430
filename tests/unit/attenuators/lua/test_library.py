# SPDX-License-Identifier: MIT
from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from lupa import lua54

from munition.attenuators.lua import faults
from munition.attenuators.lua.codes import EXPLANATIONS
from munition.attenuators.lua.hint_words import REPLACEMENTS
from munition.attenuators.lua.library import (
    ENTRIES,
    GLOBALS,
    LIBRARIES,
    MEMBERS,
    MODULES,
    Sort,
    Status,
)
from munition.capability.names import GRANTABLE, NAMES
from munition.codegen.prebuilt import load_runtime
from munition.errors import MissingToolError


def test_every_standard_name_is_in_the_table() -> None:
    runtime = lua54.LuaRuntime(register_eval=False, register_builtins=False)
    lines = runtime.execute(
        """local out = {}
        for name, value in pairs(_G) do
            out[#out + 1] = name
            if type(value) == "table" and name ~= "_G" then
                for field in pairs(value) do out[#out + 1] = name .. "." .. field end
            end
        end
        return table.concat(out, " ")"""
    )
    standard = {name for name in str(lines).split() if not name.startswith("python")}
    compatible = {f"math.{name}" for name in ("cosh", "sinh", "tanh", "pow", "frexp", "ldexp", "log10")}
    own = {name for name in ENTRIES if name.startswith("munition.")}
    assert standard - compatible == set(ENTRIES) - {"loadstring"} - own


def test_what_is_not_available_says_why() -> None:
    for entry in ENTRIES.values():
        missing = entry.status in (Status.UNGRANTABLE, Status.LEFT_OUT)
        assert bool(entry.reason) == missing
        assert (entry.symbol is not None) == (
            entry.status is Status.SUPPORTED and entry.sort is Sort.FUNCTION
        )


def test_capabilities_are_real_and_grantable_exactly_when_the_status_says_so() -> None:
    for entry in ENTRIES.values():
        if entry.capability is not None:
            assert entry.capability in NAMES
            assert (entry.capability in GRANTABLE) == (entry.status is not Status.UNGRANTABLE)
        assert entry.status is not Status.UNGRANTABLE or entry.capability is not None


def test_symbols_are_those_of_the_runtime_s_convention() -> None:
    assert ENTRIES["string.format"].symbol == "lua_string_format"
    assert ENTRIES["print"].symbol == "lua_base_print"
    symbols = [entry.symbol for entry in ENTRIES.values() if entry.symbol]
    assert len(symbols) == len(set(symbols))


def test_the_runtime_implements_what_is_supported() -> None:
    try:
        functions = load_runtime().functions
    except MissingToolError:
        pytest.skip("the runtime is not built")
    assert [entry.name for entry in ENTRIES.values() if entry.symbol and entry.symbol not in functions] == []


def test_tables_hold_every_name_once() -> None:
    held = [name for table in (GLOBALS, *LIBRARIES, *MODULES) for name in MEMBERS[table]]
    assert sorted([*held, *MODULES]) == sorted(ENTRIES)
    assert all(implied in ENTRIES for entry in ENTRIES.values() for implied in entry.implies)


def test_replacements_are_for_names_that_do_not_exist() -> None:
    assert not set(REPLACEMENTS) & set(ENTRIES)


def test_every_explanation_has_a_title_and_a_text() -> None:
    for code, text in EXPLANATIONS.items():
        title, _, rest = text.partition("\n\n")
        assert "\n" not in title, code
        assert title
        assert rest.strip(), code


def test_every_code_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[4] / "docs" / "errors.md").read_text(encoding="utf-8")
    for code, explanation in EXPLANATIONS.items():
        assert f"| {code} | {explanation.partition(chr(10))[0]} |" in text


def test_every_code_is_used_by_one_fault_and_explained() -> None:
    text = inspect.getsource(faults)
    assert set(re.findall(r'"([LC]\d{3})"', text)) == set(EXPLANATIONS)
