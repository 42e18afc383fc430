# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.errors import InvalidModuleError
from munition.wasm.cursor import Cursor
from munition.wasm.instructions import BlockType, Clause, Heap, Locals, MemArg, instructions, read_locals
from munition.wasm.leb import unsigned
from munition.wasm.opcodes import OPCODES, PREFIXES, Immediate, Opcode
from munition.wasm.scan import Scanner, check_body
from munition.wasm.types import I32, I64, RefType

EXAMPLES = {
    Immediate.BLOCK: "40",
    Immediate.LABELS: "02 00 00 00",
    Immediate.I32: "ff 7f",
    Immediate.I64: "80 80 80 80 80 80 80 80 80 7f",
    Immediate.F32: "00 00 80 3f",
    Immediate.F64: "00 00 00 00 00 00 f0 3f",
    Immediate.V128: "00" * 16,
    Immediate.SHUFFLE: "1f" * 16,
    Immediate.MEMARG: "42 01 08",
    Immediate.VALTYPES: "02 7f 64 00",
    Immediate.HEAP: "6e",
    Immediate.HEAP_NULL: "81 01",
    Immediate.CAST: "03 00 6e 6d",
    Immediate.CATCHES: "02 00 05 00 02 01",
    Immediate.HANDLERS: "02 00 05 00 01 06",
    Immediate.ZERO: "00",
}
"""One example per kind of operand; indices are the rest."""

BRACKETS = {
    "else": ("04 40", "0b"),
    "catch": ("06 40", "0b"),
    "catch_all": ("06 40", "0b"),
    "delegate": ("06 40", ""),
    "end": ("02 40", ""),
    **dict.fromkeys(("block", "loop", "if", "try", "try_table"), ("", "0b")),
}

EVERY = Scanner(o.name for o in OPCODES.values())
NONE = Scanner(())


def encoded(opcode: Opcode) -> bytes:
    """The opcode with an example of each operand."""
    prefix, number = opcode.key >> 12, opcode.key & 0xFFF
    head = bytes((prefix,)) + unsigned(number) if prefix else bytes((number,))
    return head + b"".join(bytes.fromhex(EXAMPLES.get(i, "85 01")) for i in opcode.immediates)


def body(code: str | bytes) -> bytes:
    return b"\0" + (bytes.fromhex(code) if isinstance(code, str) else code) + b"\x0b"


def operands(code: str) -> tuple[object, ...]:
    return next(iter(instructions(body(code)))).operands


@pytest.mark.parametrize("opcode", OPCODES.values(), ids=lambda o: f"{o.key:#x}-{o.name}")
def test_every_instruction_is_decoded_to_its_end(opcode: Opcode) -> None:
    before, after = (bytes.fromhex(part) for part in BRACKETS.get(opcode.name, ("", "")))
    code = body(before + encoded(opcode) + after)
    found = [i for i in instructions(code) if i.opcode is opcode and i.offset == 1 + len(before)]
    assert len(found) == 1
    assert len(found[0].operands) == len(opcode.immediates)
    check_body(code)
    assert list(EVERY.scan(code)) == list(instructions(code))
    assert list(NONE.scan(code)) == []


@pytest.mark.parametrize("opcode", OPCODES.values(), ids=lambda o: f"{o.key:#x}-{o.name}")
def test_every_instruction_cut_short_is_refused(opcode: Opcode) -> None:
    whole = encoded(opcode)
    for size in range(1, len(whole)):
        code = b"\0" + whole[:size]
        with pytest.raises(InvalidModuleError):
            list(instructions(code))
        with pytest.raises(InvalidModuleError):
            check_body(code)


def test_the_table_has_each_opcode_once_and_each_feature() -> None:
    assert len(OPCODES) == 582
    assert {o.key >> 12 for o in OPCODES.values()} == {0, *PREFIXES}
    assert {"mvp", "simd", "relaxed_simd", "threads", "gc", "exceptions", "tail_call", "bulk_memory"} <= {
        o.feature for o in OPCODES.values()
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("02 40 0b", (BlockType(),)),
        ("02 7f 0b", (BlockType(result=I32),)),
        ("02 64 05 0b", (BlockType(result=RefType(5, nullable=False)),)),
        ("02 ff 00 0b", (BlockType(index=127),)),
        ("28 02 08", (MemArg(2, 8),)),
        ("28 42 03 08", (MemArg(2, 8, 3),)),
        ("28 00 ff ff ff ff ff ff ff ff ff 01", (MemArg(0, (1 << 64) - 1),)),
        ("0e 02 01 02 03", ((1, 2, 3),)),
        ("41 7f", (-1,)),
        ("1c 01 7e", ((I64,),)),
        ("d0 70", (Heap(-16, nullable=False),)),
        ("fb 15 05", (Heap(5, nullable=True),)),
        ("fb 18 02 07 6e 05", ((2, 7, -18, 5),)),
        ("1f 40 02 01 03 00 02 01 0b", (BlockType(), (Clause(1, 3, 0), Clause(2, None, 1)))),
        ("e3 01 02 00 04 02 01 05", (1, (Clause(0, 4, 2), Clause(1, 5, None)))),
        ("fd 15 54", (0x54,)),
    ],
)
def test_operands_mean_what_they_should(code: str, expected: tuple[object, ...]) -> None:
    assert operands(code) == expected


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("16", "E231"),
        ("27", "E231"),
        ("ff", "E231"),
        ("fc 20", "E231"),
        ("fd ff ff ff ff 0f", "E231"),
        ("fb 80 80 80 80 80 00", "E211"),
        ("41 ff ff ff ff 0f", "E211"),
        ("20 80 80 80 80 10", "E211"),
        ("02 41 0b", "E233"),
        ("02 60 0b", "E233"),
        ("28 80 01 00", "E233"),
        ("fb 18 04 00 6e 6d", "E233"),
        ("1f 40 01 04 00 00 0b", "E233"),
        ("e3 00 01 02 00", "E233"),
        ("fe 03 01", "E233"),
        ("fd 0d" + "20" * 16, "E233"),
        ("1c ff 7f 7f", "E217"),
        ("1c 7f 7f", "E216"),
        ("0e ff ff ff ff 0f 00", "E216"),
        ("1c 01 01", "E220"),
        ("d0 41", "E220"),
        ("05", "E232"),
        ("02 40 05 0b", "E232"),
        ("04 40 05 05 0b", "E232"),
        ("07 00", "E232"),
        ("06 40 19 07 00 0b", "E232"),
        ("02 40 18 00", "E232"),
        ("0b 01", "E232"),
        ("0b", "E232"),
    ],
)
def test_malformed_bodies_are_refused(code: str, error: str) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        list(instructions(body(code)))
    assert caught.value.code == error
    with pytest.raises(InvalidModuleError) as caught:
        check_body(body(code))
    assert caught.value.code == error


@pytest.mark.parametrize("trailing", ["01", "41 00", "0b"])
def test_instructions_behind_the_end_are_refused(trailing: str) -> None:
    content = body("") + bytes.fromhex(trailing)
    for read in (lambda: list(instructions(content)), lambda: check_body(content)):
        with pytest.raises(InvalidModuleError) as caught:
            read()
        assert (caught.value.code, caught.value.offset) == ("E232", 2)


@pytest.mark.parametrize("code", ["02 40", "02 40 02 40 0b"])
def test_a_body_that_does_not_close_its_blocks_is_refused(code: str) -> None:
    with pytest.raises(InvalidModuleError):
        list(instructions(body(code)))
    with pytest.raises(InvalidModuleError) as caught:
        check_body(body(code))
    assert caught.value.code == "E232"


def test_offsets_are_positions_in_the_file() -> None:
    data = b"....." + body("01 41 05 1a") + b"...."
    assert [i.offset for i in instructions(data, 5, len(data) - 4)] == [6, 7, 9, 10]
    assert [i.offset for i in Scanner(["drop"]).scan(data, 5, len(data) - 4)] == [9]
    with pytest.raises(InvalidModuleError) as caught:
        list(instructions(b"....." + body("01 ff"), 5))
    assert caught.value.offset == 7


def test_locals_come_in_groups() -> None:
    content = bytes.fromhex("03 02 7f 00 7e 80 02 63 05 0b")
    assert read_locals(Cursor(content, 0, len(content))) == (
        Locals(2, I32),
        Locals(0, I64),
        Locals(256, RefType(5)),
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("01 ff ff ff ff 0f 7f 0b", "E217"),
        ("02 d0 86 03 7f 01 7f 0b", "E217"),
        ("7f 01 7f 0b", "E216"),
        ("01 01 00 0b", "E220"),
        ("01 01", "E216"),
    ],
)
def test_malformed_locals_are_refused(content: str, error: str) -> None:
    raw = bytes.fromhex(content)
    for read in (lambda: list(instructions(raw)), lambda: check_body(raw)):
        with pytest.raises(InvalidModuleError) as caught:
            read()
        assert caught.value.code == error


def test_nesting_does_not_use_the_stack() -> None:
    deep = body(b"\x02\x40" * 200_000 + b"\x0b" * 200_000)
    check_body(deep)
    assert sum(1 for _ in instructions(deep)) == 400_001


def test_a_long_branch_table_is_read() -> None:
    check_body(body(b"\x0e" + unsigned(100_000) + bytes(100_001)))


def test_scanning_skips_data_that_looks_like_calls() -> None:
    code = body("41 10 44 10 10 10 10 10 10 10 10 fd 0c" + "10" * 16 + "10 05 20 10")
    assert [i.operands for i in Scanner(["call"]).scan(code)] == [(5,)]
