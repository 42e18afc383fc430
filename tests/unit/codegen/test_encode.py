# SPDX-License-Identifier: MIT
"""The instruction buffer: numbers against the reader of munition/wasm, branches against the depth of blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from munition.codegen.encode import OPCODES, Code, sleb, uleb
from munition.wasm.leb import signed, unsigned
from munition.wasm.opcodes import OPCODES as READER_OPCODES


@given(st.integers(0, (1 << 64) - 1))
def test_unsigned_numbers_are_those_of_the_writer(value: int) -> None:
    assert uleb(value) == unsigned(value)


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_signed_numbers_are_those_of_the_writer(value: int) -> None:
    assert sleb(value) == signed(value)


@given(st.integers(0, (1 << 32) - 1))
def test_i32_constants_may_be_given_unsigned(value: int) -> None:
    one, other = Code(), Code()
    one.i32(value)
    other.i32(value - (1 << 32) if value >= 1 << 31 else value)
    assert one.buffer == other.buffer


@given(st.integers(0, (1 << 64) - 1))
def test_i64_constants_may_be_given_unsigned(value: int) -> None:
    one, other = Code(), Code()
    one.i64(value)
    other.i64(value - (1 << 64) if value >= 1 << 63 else value)
    assert one.buffer == other.buffer


def test_opcodes_are_those_of_the_reader() -> None:
    for name, code in OPCODES.items():
        assert READER_OPCODES[code].name == name


def test_branches_count_the_blocks_between() -> None:
    code = Code()
    outer = code.block()
    inner = code.block("loop")
    code.branch(inner)
    code.branch(outer, conditional=True)
    code.end()
    code.branch(outer)
    code.end()
    assert code.depth == 0
    assert bytes(code.buffer) == bytes.fromhex("0240 0340 0c00 0d01 0b 0c00 0b".replace(" ", ""))


def test_a_branch_table_ends_with_its_default() -> None:
    code = Code()
    first, second = code.block(), code.block()
    code.branch_table([second, first], second)
    assert bytes(code.buffer[-5:]) == bytes((0x0E, 2, 0, 1, 0))


def test_an_unknown_instruction_is_refused() -> None:
    with pytest.raises(KeyError):
        Code().op("i64.popcount")


def test_lines_are_recorded_when_they_change() -> None:
    code = Code()
    for line in (3, 3, 4, 3):
        code.line(line)
        code.op("drop")
    assert code.lines == [(0, 3), (2, 4), (3, 3)]
