# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
import wasmtime

from munition.wasm.header import HEADER
from munition.wasm.leb import padded, unsigned
from munition.wasm.module import (
    Body,
    Custom,
    Data,
    Element,
    Global,
    Import,
    Kind,
    Mode,
    Module,
    SectionId,
    Table,
)
from munition.wasm.reader import read_module
from munition.wasm.types import (
    EXNREF,
    EXTERNREF,
    F32,
    FUNCREF,
    I16,
    I32,
    I64,
    V128,
    ArrayType,
    Bounds,
    ContType,
    FieldType,
    FuncType,
    GlobalType,
    MemoryType,
    RecGroup,
    RefType,
    StructType,
    SubType,
    TableType,
)
from munition.wasm.writer import write_module

NON_NULL = RefType(FUNCREF.heap, nullable=False)
ZERO = b"\x41\x00\x0b"
VOID = (SubType(FuncType()),)
TABLES = (Table(TableType(FUNCREF, Bounds(1))), Table(TableType(EXTERNREF, Bounds(0, 9, is_64=True))))

MODULES = {
    "types": Module(
        types=(
            SubType(FuncType((I32, I64, F32, V128), (EXNREF, RefType(0), RefType(1, nullable=False)))),
            SubType(
                StructType((FieldType(I16, mutable=False), FieldType(RefType(2), mutable=True))), final=False
            ),
            SubType(ArrayType(FieldType(I64, mutable=True)), supertypes=(1,)),
            SubType(ContType(0)),
        ),
        rec_groups=(RecGroup(0, 3), RecGroup(4, 0)),
    ),
    "a recursion group of one": Module(types=VOID, rec_groups=(RecGroup(0, 1),)),
    "bounds": Module(
        tables=TABLES,
        memories=(
            MemoryType(Bounds(0)),
            MemoryType(Bounds(1, 65_536, shared=True)),
            MemoryType(Bounds(1, 1 << 40, is_64=True)),
            MemoryType(Bounds(100_000, 200_000), 0),
        ),
    ),
    "a table with an initial value": Module(
        tables=(Table(TableType(NON_NULL, Bounds(1)), b"\xd2\x00\x0b"),),
        types=VOID,
        functions=(0,),
        code=(Body(b"\0\x0b"),),
    ),
    "globals": Module(
        globals=(
            Global(GlobalType(I32, mutable=True), ZERO),
            Global(GlobalType(FUNCREF), b"\xd0\x70\x0b"),
            Global(GlobalType(I32), b"\x23\x00\x41\x07\x6a\x0b"),
            Global(GlobalType(V128), b"\xfd\x0c" + bytes(16) + b"\x0b"),
        ),
    ),
    "elements": Module(
        types=VOID,
        functions=(0,),
        tables=TABLES,
        code=(Body(b"\0\x0b"),),
        elements=(
            Element(Mode.ACTIVE, NON_NULL, (0, 0), offset=ZERO),
            Element(Mode.ACTIVE, NON_NULL, (0,), None, 1, ZERO),
            Element(Mode.PASSIVE, NON_NULL, (0,)),
            Element(Mode.DECLARATIVE, NON_NULL, (0,)),
            Element(Mode.ACTIVE, FUNCREF, (), (b"\xd2\x00\x0b",), 0, ZERO),
            Element(Mode.ACTIVE, EXTERNREF, (), (b"\xd0\x6f\x0b",), 1, ZERO),
            Element(Mode.ACTIVE, NON_NULL, (), (b"\xd2\x00\x0b",), 0, ZERO),
            Element(Mode.PASSIVE, FUNCREF, (), ()),
            Element(Mode.DECLARATIVE, FUNCREF, (), (b"\xd2\x00\x0b",)),
        ),
    ),
    "data": Module(
        memories=(MemoryType(Bounds(1)), MemoryType(Bounds(1))),
        data_count=3,
        data=(Data(b"a", 0, ZERO), Data(b"", 1, ZERO), Data(b"passive")),
    ),
    "many functions": Module(
        types=VOID * 300, functions=tuple(range(300)), code=(Body(b"\0\x0b"),) * 300, start=299
    ),
    "custom sections between": Module(
        types=VOID,
        memories=(MemoryType(Bounds(1)),),
        customs=(
            Custom("first", b"", None),
            Custom("second", b"x", None),
            Custom("behind types", b"", SectionId.TYPE),
            Custom("", b"", SectionId.MEMORY),
        ),
    ),
}


@pytest.mark.parametrize("what", MODULES)
def test_what_is_written_reads_back(what: str) -> None:
    module = MODULES[what]
    data = write_module(module)
    assert read_module(data) == module
    assert write_module(read_module(data)) == data


def test_long_numbers_are_shortened_without_changing_the_meaning() -> None:
    types = b"\x01\x60\x00\x00"
    functions = padded(1, 5) + padded(0, 3)
    code = padded(1, 2) + padded(2, 4) + b"\x00\x0b"
    foreign = HEADER + b"".join(
        bytes((id_,)) + padded(len(payload), 5) + payload
        for id_, payload in ((1, types), (0, b"\x01x!"), (3, functions), (9, b"\x00"), (10, code))
    )
    module = read_module(foreign)
    again = write_module(module)
    assert len(again) < len(foreign)
    assert read_module(again) == module
    assert module.customs == (Custom("x", b"!", SectionId.TYPE),)
    wasmtime.Module.validate(wasmtime.Engine(), again)


def test_long_forms_of_reference_types_are_shortened() -> None:
    foreign = HEADER + b"\x01\x06\x01\x60\x01\x63\x70\x00" + b"\x04\x05\x01\x63\x6f\x00\x00"
    module = read_module(foreign)
    assert module.types == (SubType(FuncType((FUNCREF,))),)
    assert read_module(write_module(module)) == module


def test_compact_imports_are_spread_out() -> None:
    types = b"\x01\x60\x00\x00"
    same = b"\x03env\x00\x7e\x00\x00\x03\x01a\x01b\x01c"
    typed = b"\x03env\x00\x7f\x02\x01m\x02\x00\x01\x01f\x00\x00"
    plain = b"\x03env\x00\x00\x00"
    imports = b"\x03" + same + typed + plain
    module = read_module(
        HEADER + b"\x01" + unsigned(len(types)) + types + b"\x02" + unsigned(len(imports)) + imports
    )
    assert [(i.name, i.kind) for i in module.imports] == [
        ("a", Kind.FUNCTION),
        ("b", Kind.FUNCTION),
        ("c", Kind.FUNCTION),
        ("m", Kind.MEMORY),
        ("f", Kind.FUNCTION),
        ("", Kind.FUNCTION),
    ]
    assert read_module(write_module(module)) == module
    assert module.function_types() == (0,) * 5
    assert module.imported(Kind.MEMORY) == (Import("env", "m", Kind.MEMORY, MemoryType(Bounds(1))),)


def test_a_custom_section_is_found_by_name() -> None:
    module = MODULES["custom sections between"]
    assert module.custom("second") == Custom("second", b"x", None)
    assert module.custom("third") is None
