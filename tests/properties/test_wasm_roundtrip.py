# SPDX-License-Identifier: MIT
"""Whatever module is written reads back as it was, and an engine agrees that it is one."""

from __future__ import annotations

import wasmtime
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from munition.wasm.leb import read_signed, read_unsigned, signed, unsigned
from munition.wasm.module import (
    SECTION_ORDER,
    Body,
    Custom,
    Data,
    Element,
    Export,
    Global,
    Import,
    ImportType,
    Kind,
    Mode,
    Module,
    Table,
)
from munition.wasm.printer import module_text
from munition.wasm.reader import read_module, read_sections
from munition.wasm.types import (
    EXTERNREF,
    F32,
    F64,
    FUNCREF,
    I32,
    I64,
    V128,
    Bounds,
    FuncType,
    GlobalType,
    MemoryType,
    RefType,
    SubType,
    TableType,
)
from munition.wasm.writer import write_module

NUMBERS = {
    I32: b"\x41\x07\x0b",
    I64: b"\x42\x07\x0b",
    F32: b"\x43\0\0\0\0\x0b",
    F64: b"\x44" + bytes(8) + b"\x0b",
}
NON_NULL = RefType(FUNCREF.heap, nullable=False)

names = st.text(max_size=8)
value_types = st.sampled_from([I32, I64, F32, F64, V128, FUNCREF, EXTERNREF])
function_types = st.builds(
    FuncType,
    st.lists(value_types, max_size=5).map(tuple),
    st.lists(value_types, max_size=3).map(tuple),
)


@st.composite
def bounds(draw: st.DrawFn, most: int = 100) -> Bounds:
    minimum = draw(st.integers(0, most))
    return Bounds(minimum, draw(st.none() | st.integers(minimum, most)))


memory_types = st.builds(MemoryType, bounds())
table_types = st.builds(TableType, st.sampled_from([FUNCREF, EXTERNREF]), bounds())
global_types = st.builds(GlobalType, st.sampled_from(list(NUMBERS)), st.booleans())

globals_defined = st.sampled_from(list(NUMBERS)).flatmap(
    lambda t: st.builds(Global, st.builds(GlobalType, st.just(t), st.booleans()), st.just(NUMBERS[t]))
)


@st.composite
def imports(draw: st.DrawFn, types: int) -> Import:
    kind = draw(st.sampled_from([Kind.FUNCTION] * 3 + [Kind.TABLE, Kind.MEMORY, Kind.GLOBAL]))
    by_kind: dict[Kind, st.SearchStrategy[ImportType]] = {
        Kind.FUNCTION: st.integers(0, types - 1),
        Kind.TABLE: table_types,
        Kind.MEMORY: memory_types,
        Kind.GLOBAL: global_types,
    }
    return Import(draw(names), draw(names), kind, draw(by_kind[kind]))


@st.composite
def elements(draw: st.DrawFn, functions: int, tables: list[RefType]) -> Element:
    found = tuple(draw(st.lists(st.integers(0, functions - 1), max_size=6))) if functions else ()
    modes = [Mode.PASSIVE, Mode.DECLARATIVE] + [Mode.ACTIVE] * (FUNCREF in tables)
    mode = draw(st.sampled_from(modes))
    offset = b"\x41\x00\x0b" if mode is Mode.ACTIVE else None
    table = draw(st.sampled_from([i for i, t in enumerate(tables) if t == FUNCREF])) if offset else 0
    if draw(st.booleans()):
        return Element(mode, NON_NULL, found, None, table, offset)
    expressions = (*[b"\xd2" + unsigned(f) + b"\x0b" for f in found], b"\xd0\x70\x0b")
    return Element(mode, FUNCREF, (), expressions, table, offset)


@st.composite
def data_segments(draw: st.DrawFn, memories: int) -> Data:
    content = draw(st.binary(max_size=40))
    if not memories or draw(st.booleans()):
        return Data(content)
    return Data(content, draw(st.integers(0, memories - 1)), b"\x41\x00\x0b")


@st.composite
def exports(draw: st.DrawFn, sizes: tuple[int, ...]) -> tuple[Export, ...]:
    kinds = [kind for kind in Kind if sizes[kind]]
    if not kinds:
        return ()
    found: list[Export] = []
    for name in draw(st.lists(names, max_size=5, unique=True)):
        kind = draw(st.sampled_from(kinds))
        found.append(Export(name, kind, draw(st.integers(0, sizes[kind] - 1))))
    return tuple(found)


customs = st.builds(
    Custom,
    names.filter(lambda n: n not in {"name", "munition:lines"}),
    st.binary(max_size=10),
    st.sampled_from([None, *SECTION_ORDER]),
)


@st.composite
def modules(draw: st.DrawFn) -> Module:
    """A valid module: its bodies are `unreachable`, which every signature allows."""
    types = tuple(
        SubType(t)
        for t in draw(st.lists(function_types, min_size=1, max_size=200 if draw(st.booleans()) else 5))
    )
    imported = tuple(draw(st.lists(imports(len(types)), max_size=6)))
    functions = tuple(draw(st.lists(st.integers(0, len(types) - 1), max_size=8)))
    tables = tuple(Table(t) for t in draw(st.lists(table_types, max_size=2)))
    memories = tuple(draw(st.lists(memory_types, max_size=2)))
    globals_ = tuple(draw(st.lists(globals_defined, max_size=3)))
    table_elements = [i.type.element for i in imported if isinstance(i.type, TableType)]
    table_elements += [t.type.element for t in tables]
    sizes = [sum(i.kind is kind for i in imported) for kind in Kind]
    for kind, defined in (
        (Kind.FUNCTION, functions),
        (Kind.TABLE, tables),
        (Kind.MEMORY, memories),
        (Kind.GLOBAL, globals_),
    ):
        sizes[kind] += len(defined)
    data = tuple(draw(st.lists(data_segments(sizes[Kind.MEMORY]), max_size=4)))
    module = Module(
        types=types,
        imports=imported,
        functions=functions,
        tables=tables,
        memories=memories,
        globals=globals_,
        exports=draw(exports(tuple(sizes))),
        elements=tuple(draw(st.lists(elements(sizes[Kind.FUNCTION], table_elements), max_size=4))),
        data_count=draw(st.sampled_from([None, len(data)])),
        code=tuple(Body(b"\0\0\x0b") for _ in functions),
        data=data,
    )
    present = {s.id for s in read_sections(write_module(module))}
    wanted = draw(st.lists(customs, max_size=3))
    placed = [c for c in wanted if c.after is None or c.after in present]
    placed.sort(key=lambda c: -1 if c.after is None else SECTION_ORDER.index(c.after))
    return replace(module, customs=tuple(placed))


@given(modules())
def test_a_written_module_reads_back_and_an_engine_accepts_it(module: Module) -> None:
    data = write_module(module)
    assert read_module(data) == module
    assert write_module(read_module(data)) == data
    wasmtime.Module.validate(wasmtime.Engine(), data)


@given(modules())
def test_the_text_of_a_module_means_the_same_module(module: Module) -> None:
    text = module_text(module)
    assert text.isascii()
    again = read_module(bytes(wasmtime.wat2wasm(text)))
    assert again.types == module.types
    assert again.imports == module.imports
    assert again.exports == module.exports
    assert again.memories == module.memories
    assert again.globals == module.globals
    assert again.elements == module.elements
    assert again.data == module.data
    assert again.code == module.code


@given(st.integers(0, (1 << 64) - 1))
def test_unsigned_numbers_come_back(value: int) -> None:
    raw = unsigned(value)
    assert read_unsigned(raw, 0, len(raw), 64) == (value, len(raw))


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_signed_numbers_come_back(value: int) -> None:
    raw = signed(value)
    assert read_signed(raw, 0, len(raw), 64) == (value, len(raw))
