# SPDX-License-Identifier: MIT
"""The tables of gates.py against the runtime they speak of."""

from __future__ import annotations

import re

from munition.codegen.prebuilt import load_runtime
from munition.runtime.build import SOURCES
from munition.runtime.gates import PARTS, Need

RUNTIME = load_runtime()


def test_every_name_is_a_function_of_the_runtime() -> None:
    names = {n for part in PARTS for n in (*part.functions, *part.openers)}
    names |= {n for part in PARTS for n in part.functions.values() if n is not None}
    assert names <= RUNTIME.functions.keys()


def test_stand_ins_are_of_the_type_of_what_they_stand_for() -> None:
    for part in PARTS:
        for name, other in part.functions.items():
            assert other is None or RUNTIME.function_type(name) == RUNTIME.function_type(other), name


def test_no_function_is_behind_two_gates_or_its_own_opener() -> None:
    names = [n for part in PARTS for n in part.functions]
    assert len(names) == len(set(names))
    assert not any(part.functions.keys() & part.openers for part in PARTS)


def test_every_need_is_one_of_a_part() -> None:
    assert {need for part in PARTS for need in part.needs} == set(Need)


def test_nobody_gives_values_metatables_whom_the_tables_do_not_know() -> None:
    found = {
        (source.name, line.strip())
        for source in SOURCES.glob("*.c")
        for line in source.read_text().splitlines()
        if re.search(r"->metatable = (?!NULL)", line)
    }
    # base.c: setmetatable; object.c: userdata_new.
    assert {name for name, _ in found} <= {"base.c", "object.c"}, found


def test_functions_behind_gates_are_compiled_as_functions_of_their_own() -> None:
    """A compiler that put one into its caller would make the gate useless without anybody noticing."""
    text = "\n".join(source.read_text() for source in SOURCES.glob("*.c"))
    shared = {
        "rt_call",
        "rt_callee",
        "rt_index_string",
        "rt_stack_overflow",
        "value_to_string",
        "table_release",
        "heap_init",
    }
    shared |= {"number_format_g14"}
    for name in {n for part in PARTS for n in part.functions} - shared:
        assert re.search(rf"^\[\[gnu::noinline\]\] [\w ]+[ *]{name}\(", text, re.MULTILINE), name
