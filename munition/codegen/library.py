# SPDX-License-Identifier: MIT
"""The library of a program as static data: the globals, the library tables, objects, and what `require` knows."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, TypeAlias, assert_never

from msgspec import Struct, field

from munition.codegen.image import NIL, Image, StaticValue, number
from munition.ir.program import (
    LibraryConstant,
    LibraryEntry,
    LibraryObject,
    LibraryTable,
    ObjectType,
    Program,
    RuntimeTable,
)
from munition.runtime import layout
from munition.wasm.runtime_object import RuntimeObject

Fields: TypeAlias = list[tuple[bytes, StaticValue]]

GLOBALS: Final = b"_G"
_REQUIRE: Final = "lua_base_require"
_HIDDEN: Final = "munition."
"""Tables whose names begin so are no globals: only `require` gives them."""


class LibraryImage(Struct, frozen=True):
    """Where the library lies.

    Attributes:
        globals: address of the globals table.
        entries: global name -> number of its entry in that table.
        string_meta: address of the metatable of strings, or 0.
        loaded: address of the table of loaded modules, or 0.
        preload: address of the table of the program's own loaders, or 0.
        modules: address of the table of functions that load the modules of the program, or 0.
        objects: what is written over the runtime's objects, by data symbol.
        values: path -> what stands there at first.
    """

    globals: int
    entries: Mapping[bytes, int]
    string_meta: int
    loaded: int
    preload: int
    modules: int
    objects: Mapping[str, bytes]
    values: Mapping[tuple[str, ...], StaticValue]


def host_imports(program: Program) -> dict[str, tuple[str, str]]:
    """Symbol -> (module, name) of the host functions that library functions bring along."""
    entries = (item for item in program.library if isinstance(item, LibraryEntry))
    return {host_symbol(*found): found for entry in entries for found in entry.imports}


def host_symbol(module: str, name: str) -> str:
    """What generated code calls such a function."""
    return f"host:{module}.{name}"


def library_symbols(program: Program) -> tuple[str, ...]:
    """The functions of the runtime that the library holds."""
    entries = [item.symbol for item in program.library if isinstance(item, LibraryEntry)]
    for kind in program.object_types:
        entries += [symbol for _, symbol in (*kind.methods, *kind.metamethods)]
    return tuple(dict.fromkeys(entries))


class _Layout(Struct):
    image: Image
    slots: Mapping[str, int]
    runtime: RuntimeObject
    closures: dict[str, StaticValue] = field(default_factory=dict[str, StaticValue])
    top: Fields = field(default_factory=Fields)
    tables: dict[str, Fields] = field(default_factory=dict[str, Fields])
    links: list[tuple[str, int, str]] = field(
        default_factory=list[tuple[str, int, str]]
    )  # table, entry, what


def lay_out_library(
    image: Image,
    program: Program,
    slots: Mapping[str, int],
    loaders: Mapping[str, int],
    runtime: RuntimeObject,
) -> LibraryImage:
    """Lay out what the program's globals start with.

    Args:
        image: where.
        program: whose library.
        slots: symbol -> table slot.
        loaders: symbol of a function of the program -> address of its static closure.
        runtime: whose objects the program uses.
    """
    s = _Layout(image, slots, runtime)
    _collect(s, program)
    tables = {name: _table(image, fields, spare=2) for name, fields in s.tables.items()}
    visible = [(name.encode(), value) for name, value in tables.items() if not name.startswith(_HIDDEN)]
    globals_table, entries = _globals(image, [*s.top, *visible], program)
    requires = any(isinstance(i, LibraryEntry) and i.symbol == _REQUIRE for i in program.library) or bool(
        s.links
    )
    loaded = [(name.encode(), value) for name, value in tables.items()]
    if requires:
        loaded.append((GLOBALS, StaticValue(layout.TABLE, globals_table)))
    known = {
        "loaded": _table(image, loaded) if loaded else NIL,
        "preload": _table(image, []) if any(what == "preload" for _, _, what in s.links) else NIL,
    }
    for table, entry, what in s.links:
        image.set_field(tables[table].payload, entry, known[what])
    modules = [(m.name, StaticValue(layout.FUNCTION, loaders[m.symbol])) for m in program.modules]
    return LibraryImage(
        globals=globals_table,
        entries=entries,
        string_meta=image.table([(b"__index", tables["string"])]) if "string" in tables else 0,
        loaded=known["loaded"].payload,
        preload=known["preload"].payload,
        modules=image.table(modules) if modules and requires else 0,
        objects={symbol: data for kind in program.object_types for symbol, data in _objects(s, kind)},
        values={
            **{(name,): value for name, value in tables.items()},
            **{(name.decode(),): value for name, value in s.top},
            **{(table, name.decode()): value for table, fields in s.tables.items() for name, value in fields},
        },
    )


def _table(image: Image, fields: Fields, spare: int = 0) -> StaticValue:
    return StaticValue(layout.TABLE, image.table(fields, spare))


def _collect(s: _Layout, program: Program) -> None:
    for item in program.library:
        if isinstance(item, LibraryTable):
            s.tables.setdefault(item.name, [])
            continue
        table = s.top if len(item.path) == 1 else s.tables.setdefault(item.path[0], [])
        match item:
            case LibraryEntry(imports=()):
                value = _closure(s, item.symbol)
            case LibraryEntry():
                upvalues = tuple(s.slots[host_symbol(*found)] for found in item.imports)
                closure = s.image.closure(s.slots[item.symbol], 0, upvalues)
                value = StaticValue(layout.FUNCTION, closure)
            case LibraryConstant(value=bytes() as text):
                value = StaticValue(layout.STRING, s.image.string(text))
            case LibraryConstant(value=int() | float() as constant):
                value = number(constant)
            case LibraryConstant():
                raise TypeError(f"no constant of the library: {item.value!r}")
            case LibraryObject():
                value = StaticValue(layout.USERDATA, s.runtime.address(item.symbol))
            case RuntimeTable():
                s.links.append((item.path[0], len(table), item.table))
                value = NIL
            case _:
                assert_never(item)
        table.append((item.path[-1].encode(), value))


def _closure(s: _Layout, symbol: str) -> StaticValue:
    if symbol not in s.closures:
        s.closures[symbol] = StaticValue(layout.FUNCTION, s.image.closure(s.slots[symbol], 0))
    return s.closures[symbol]


def _globals(image: Image, fields: Fields, program: Program) -> tuple[int, dict[bytes, int]]:
    """The globals table: the library, itself, and room for the names the program mentions."""
    known = {name for name, _ in fields} | {GLOBALS}
    names = [*fields, (GLOBALS, NIL), *((name, NIL) for name in program.globals if name not in known)]
    table = image.table(names, spare=4)
    entries = {name: i for i, (name, _) in enumerate(names)}
    image.set_field(table, entries[GLOBALS], StaticValue(layout.TABLE, table))
    return table, entries


def _objects(s: _Layout, kind: ObjectType) -> list[tuple[str, bytes]]:
    """The runtime's objects of a type, with its metatable in them."""
    methods = s.image.table([(name.encode(), _closure(s, symbol)) for name, symbol in kind.methods])
    meta = s.image.table(
        [
            (b"__name", StaticValue(layout.STRING, s.image.string(kind.name.encode()))),
            (b"__index", StaticValue(layout.TABLE, methods)),
            *((name.encode(), _closure(s, symbol)) for name, symbol in kind.metamethods),
        ]
    )
    found: list[tuple[str, bytes]] = []
    for symbol in kind.objects:
        data = bytearray(s.runtime.read(symbol))
        struct.pack_into("<I", data, layout.USERDATA_METATABLE, meta)
        found.append((symbol, bytes(data)))
    return found
