# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.errors import InvalidModuleError
from munition.wasm.faults import FAULTS
from munition.wasm.header import HEADER
from munition.wasm.leb import unsigned
from munition.wasm.limits import Limits
from munition.wasm.reader import read_module, read_sections


def section(id_: int, payload: str | bytes) -> bytes:
    raw = bytes.fromhex(payload) if isinstance(payload, str) else payload
    return bytes((id_,)) + unsigned(len(raw)) + raw


def module(*sections: bytes) -> bytes:
    return HEADER + b"".join(sections)


TYPE = section(1, "01 60 00 00")
FUNCTION = section(3, "01 00")
TABLE = section(4, "01 70 00 01")
MEMORY = section(5, "01 00 01")
CODE = section(10, "01 02 00 0b")

REFUSED = {
    # sections
    "a section passes the end": ("E210", HEADER + b"\x01\x7f\x00"),
    "a section without a size": ("E210", HEADER + b"\x01"),
    "an oversized section size": ("E211", HEADER + b"\x01\x80\x80\x80\x80\x80\x00"),
    "an unknown section": ("E213", module(section(14, ""))),
    "a section twice": ("E214", module(TYPE, TYPE)),
    "two import sections": ("E214", module(TYPE, section(2, "00"), section(2, "00"))),
    "imports behind the code": ("E214", module(TYPE, FUNCTION, CODE, section(2, "00"))),
    "tags behind globals": ("E214", module(section(6, "00"), section(13, "00"))),
    "data count behind code": ("E214", module(TYPE, FUNCTION, CODE, section(12, "00"))),
    "bytes left over": ("E215", module(section(1, "01 60 00 00 00"))),
    "an empty section": ("E210", module(section(1, ""))),
    "a custom section without a name": ("E210", module(section(0, ""))),
    "a custom section whose name passes its end": ("E210", module(section(0, "05 61"), TYPE)),
    "a custom section with a malformed name": ("E212", module(section(0, "01 ff"))),
    # counts
    "four billion types": ("E217", module(section(1, "ff ff ff ff 0f"))),
    "more types than bytes": ("E216", module(section(1, "7f 60 00 00"))),
    "more functions than bytes": ("E216", module(TYPE, section(3, "ff 3f 00"))),
    "more parameters than bytes": ("E216", module(section(1, "01 60 7f 7f"))),
    "too many parameters": (
        "E217",
        module(section(1, b"\x01\x60" + unsigned(1001) + b"\x7f" * 1001 + b"\x00")),
    ),
    "too many results": ("E217", module(section(1, b"\x01\x60\x00" + unsigned(1001) + b"\x7f" * 1001))),
    "four billion elements": (
        "E217",
        module(TYPE, FUNCTION, TABLE, section(9, "01 01 00 ff ff ff ff 0f"), CODE),
    ),
    "more data segments than bytes": ("E216", module(MEMORY, section(11, "7f 00"))),
    "a name of four billion bytes": ("E217", module(TYPE, section(2, "01 ff ff ff ff 0f 61 00 00"))),
    # types
    "an unknown form of type": ("E220", module(section(1, "01 5c 00 00"))),
    "an unknown value type": ("E220", module(section(1, "01 60 01 01 00"))),
    "a packed type as a parameter": ("E220", module(section(1, "01 60 01 78 00"))),
    "a reference to a type that is not there": ("E222", module(section(1, "01 60 01 63 01 00"))),
    "an unknown heap type": ("E220", module(section(1, "01 60 01 64 40 00"))),
    "two supertypes": ("E217", module(section(1, "02 60 00 00 50 02 00 00 60 00 00"))),
    "a supertype that is not there": ("E222", module(section(1, "01 50 01 07 60 00 00"))),
    "mutability 2": ("E220", module(section(1, "01 5e 7f 02"))),
    # imports and exports
    "an import of an unknown kind": ("E221", module(TYPE, section(2, "01 01 61 01 62 05 00"))),
    "an import of a compact kind with a name": ("E221", module(TYPE, section(2, "01 01 61 01 62 7f 01 00"))),
    "a compact import of a high kind": ("E221", module(TYPE, section(2, "01 01 61 00 80 00"))),
    "an unknown compact import": ("E221", module(TYPE, section(2, "01 01 61 00 7d 00"))),
    "more compact imports than bytes": ("E216", module(TYPE, section(2, "01 01 61 00 7f 7f 01 62"))),
    "an import of a type that is not there": ("E222", module(TYPE, section(2, "01 01 61 01 62 00 01"))),
    "a malformed import name": ("E212", module(TYPE, section(2, "01 02 c0 80 01 62 00 00"))),
    "a surrogate in a name": ("E212", module(TYPE, section(2, "01 03 ed a0 80 01 62 00 00"))),
    "a tag of an unknown kind": ("E220", module(TYPE, section(13, "01 01 00"))),
    "an export of an unknown kind": ("E221", module(MEMORY, section(7, "01 01 61 05 00"))),
    "an export of a function that is not there": ("E222", module(MEMORY, section(7, "01 01 61 00 00"))),
    "two exports of one name": ("E225", module(MEMORY, section(7, "02 01 61 02 00 01 61 02 00"))),
    # functions, tables, memories
    "a function of a type that is not there": ("E222", module(TYPE, section(3, "01 01"), CODE)),
    "a start function that is not there": ("E222", module(TYPE, FUNCTION, section(8, "01"), CODE)),
    "unknown table flags": ("E223", module(section(4, "01 70 02 01 01"))),
    "a table of numbers": ("E220", module(section(4, "01 7f 00 01"))),
    "a table with a malformed initial value": ("E223", module(section(4, "01 40 01 70 00 01 d0 70 0b"))),
    "unknown memory flags": ("E223", module(section(5, "01 10 01"))),
    "a maximum below the minimum": ("E223", module(section(5, "01 01 02 01"))),
    "a memory of more than 4 GiB": ("E223", module(section(5, "01 00 81 80 04"))),
    "a shared memory without a maximum": ("E223", module(section(5, "01 02 01"))),
    "an odd page size": ("E223", module(section(5, "01 08 01 03"))),
    "101 memories": ("E217", module(section(5, b"\x65" + b"\x00\x00" * 101))),
    # constant expressions
    "a constant that calls": ("E224", module(TYPE, FUNCTION, section(6, "01 7f 00 10 00 0b"), CODE)),
    "an empty constant": ("E224", module(section(6, "02 7f 00 41 00 0b 7f 00 0b"))),
    "a constant without end": ("E210", module(section(6, "01 7f 00 41 00"))),
    "a constant of a later global": ("E222", module(section(6, "01 7f 00 23 00 0b"))),
    "a constant of a function that is not there": ("E222", module(section(6, "01 70 00 d2 00 0b"))),
    "a constant number out of range": ("E211", module(section(6, "01 7f 00 41 ff ff ff ff 0f 0b"))),
    # segments
    "an element segment of an unknown kind": ("E228", module(TABLE, section(9, "01 08 00"))),
    "an element kind that is not function": ("E228", module(TABLE, section(9, "01 01 01 00"))),
    "an element segment without its table": ("E222", module(section(9, "01 00 41 00 0b 00"))),
    "an element that is not there": ("E222", module(TABLE, section(9, "01 00 41 00 0b 01 00"))),
    "a data segment of an unknown kind": ("E229", module(MEMORY, section(11, "01 03 00"))),
    "a data segment without its memory": ("E222", module(section(11, "01 00 41 00 0b 00"))),
    "a data segment that passes its end": ("E210", module(MEMORY, section(11, "01 00 41 00 0b 05 61"))),
    "a data count that lies": ("E227", module(MEMORY, section(12, "02"), section(11, "01 01 00"))),
    "a data count without data": ("E227", module(MEMORY, section(12, "01"))),
    # code
    "a function without a body": ("E226", module(TYPE, FUNCTION)),
    "a body without a function": ("E226", module(TYPE, CODE)),
    "a body that passes its end": ("E210", module(TYPE, FUNCTION, section(10, "01 09 00 0b"))),
    "a body without an end": ("E232", module(TYPE, FUNCTION, section(10, "01 02 00 01"))),
    "an empty body": ("E232", module(TYPE, FUNCTION, section(10, "01 00 00 00"))),
}


@pytest.mark.parametrize("what", REFUSED)
def test_malformed_modules_are_refused_with_their_code(what: str) -> None:
    code, data = REFUSED[what]
    with pytest.raises(InvalidModuleError) as caught:
        read_module(data)
    assert caught.value.code == code
    assert caught.value.offset is None or 0 <= caught.value.offset <= len(data)


def test_the_offset_is_where_the_fault_is() -> None:
    data = module(TYPE, section(3, "01 01"), CODE)
    with pytest.raises(InvalidModuleError, match="type index 1 out of bounds") as caught:
        read_module(data)
    assert data[caught.value.offset or 0 :][:1] == b"\x01"
    assert caught.value.offset == len(HEADER) + len(TYPE) + 3


def test_sections_are_found_without_looking_into_them() -> None:
    data = module(section(1, "ff"), section(0, b"\x04name\xff\xff"), section(11, "ff"))
    assert [(s.id, s.name) for s in read_sections(data)] == [(1, None), (0, "name"), (11, None)]


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (Limits(module_bytes=10), module(TYPE)),
        (Limits(types=1), module(section(1, "02 60 00 00 60 00 00"))),
        (Limits(types=1), module(section(1, "01 4e 02 60 00 00 60 00 00"))),
        (Limits(imports=0), module(TYPE, section(2, "01 01 61 01 62 00 00"))),
        (Limits(imports=1), module(TYPE, section(2, "01 01 61 00 7f 02 01 62 00 00 01 63 00 00"))),
        (
            Limits(imports=2),
            module(TYPE, section(2, "02 01 61 00 7f 02 01 62 00 00 01 63 00 00 01 61 01 62 00 00")),
        ),
        (Limits(types=1), module(section(1, "02 60 00 00 4e 01 60 00 00"))),
        (Limits(functions=1), module(TYPE, section(2, "02 01 61 01 62 00 00 01 61 01 63 00 00"))),
        (Limits(functions=1), module(TYPE, section(2, "01 01 61 01 62 00 00"), FUNCTION, CODE)),
        (Limits(exports=0), module(MEMORY, section(7, "01 01 61 02 00"))),
        (Limits(tables=0), module(TABLE)),
        (Limits(memories=0), module(MEMORY)),
        (Limits(globals=0), module(section(6, "01 7f 00 41 00 0b"))),
        (Limits(tags=0), module(TYPE, section(13, "01 00 00"))),
        (Limits(element_segments=0), module(TABLE, section(9, "01 01 00 00"))),
        (Limits(data_segments=0), module(MEMORY, section(12, "01"))),
        (Limits(body_bytes=1), module(TYPE, FUNCTION, CODE)),
        (Limits(custom_sections=1), module(section(0, "01 61"), section(0, "01 61"))),
        (Limits(name_bytes=1), module(section(0, "02 61 61"))),
        (Limits(struct_fields=0), module(section(1, "01 5f 01 7f 00"))),
    ],
)
def test_each_limit_is_enforced(limits: Limits, data: bytes) -> None:
    read_module(data[:8] if limits.module_bytes == 10 else HEADER, limits)
    with pytest.raises(InvalidModuleError) as caught:
        read_module(data, limits)
    assert caught.value.code == "E217"


def test_codes_are_unique_and_explained() -> None:
    assert all(fault.title and fault.explanation for fault in FAULTS.values())
    assert {code for code, _ in REFUSED.values()} <= set(FAULTS)
