# SPDX-License-Identifier: MIT
"""A whole program: its functions, the library values and modules it has, and what the host can call."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from munition.ir.nodes import Function


class LibraryEntry(Struct, frozen=True):
    """A library function the program gets: `path` such as ("string", "format"), and the symbol that implements it.

    `imports` are host functions (module, name) of type (i32, i32) -> i32 that the implementation finds by their table slots
    in the upvalues of its closure.
    """

    path: tuple[str, ...]
    symbol: str
    imports: tuple[tuple[str, str], ...] = ()


class LibraryConstant(Struct, frozen=True):
    """A library value that is no function (`math.pi`)."""

    path: tuple[str, ...]
    value: int | float | bytes


class ExportedFunction(Struct, frozen=True):
    """A function the host can call.

    Attributes:
        export: the name of the WebAssembly export.
        name: the name it is looked up by.
        in_result: look first in the table the chunk returned, then among the globals.
    """

    export: str
    name: bytes
    in_result: bool


class LibraryTable(Struct, frozen=True):
    """A library table that exists even if nothing is in it."""

    name: str


class LibraryObject(Struct, frozen=True):
    """A library value that is an object of the runtime (`io.stderr`): `symbol` is its data symbol."""

    path: tuple[str, ...]
    symbol: str


class RuntimeTable(Struct, frozen=True):
    """A library field that holds a table the runtime works with: `loaded` or `preload`."""

    path: tuple[str, ...]
    table: str


LibraryItem: TypeAlias = LibraryEntry | LibraryConstant | LibraryTable | LibraryObject | RuntimeTable


class ObjectType(Struct, frozen=True):
    """What the runtime's objects of one type have in common.

    Attributes:
        name: what error messages call the type.
        objects: data symbols of the objects.
        methods: names, and the symbols that implement them.
        metamethods: likewise, for the metatable.
    """

    name: str
    objects: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    metamethods: tuple[tuple[str, str], ...]


class Loadable(Struct, frozen=True):
    """A module that is part of the program: the name `require` knows it by, and the function that loads it."""

    name: bytes
    symbol: str


class Program(Struct, frozen=True):
    """A whole program, ready for the code generator.

    Attributes:
        source_name: what error messages call the chunk.
        functions: all functions; `main` is the symbol of the chunk.
        statics: number of program variables (`LoadStatic`).
        globals: names of globals the program mentions, in order of first mention.
        exports: functions the host can call.
        library: library functions and values present in the globals.
        object_types: types of the library's objects that the program can reach.
        modules: what `require` can load.
        flags: bits for `rt_config.flags`.
    """

    source_name: bytes
    functions: tuple[Function, ...]
    main: str
    statics: int
    globals: tuple[bytes, ...]
    exports: tuple[ExportedFunction, ...]
    library: tuple[LibraryItem, ...]
    object_types: tuple[ObjectType, ...] = ()
    modules: tuple[Loadable, ...] = ()
    flags: int = 0
