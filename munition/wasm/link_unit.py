# SPDX-License-Identifier: MIT
"""What a code generator hands to the linker, and what it gets back.

Indices of generated functions and types do not exist before linking, so a generated body carries placeholders and one
relocation per placeholder. The placeholders are padded LEB128 numbers of fixed width, so patching never moves code:

| relocation     | stands for                                  | placeholder                     |
|----------------|---------------------------------------------|---------------------------------|
| CallRelocation | the index of a function                     | 3 bytes, unsigned: `80 80 00`   |
| TypeRelocation | the index of a function type                | 3 bytes, unsigned: `80 80 00`   |
| GlobalRelocation | the index of a global                     | 3 bytes, unsigned: `80 80 00`   |
| DataRelocation | the address of a runtime data symbol        | 5 bytes, signed: `80 80 80 80 00` |

A symbol is looked up in this order: generated functions, the runtime's functions (by their C names, never `static`
ones), then the runtime's imported host functions, by C name or as `module.name`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.wasm.types import FuncType, ValType

INDEX_PLACEHOLDER: Final = b"\x80\x80\x00"
DATA_PLACEHOLDER: Final = b"\x80\x80\x80\x80\x00"


class CallRelocation(Struct, frozen=True):
    """At `offset` of the body stands the index of the function `symbol` (operand of call, return_call, ref.func)."""

    offset: int
    symbol: str


class TypeRelocation(Struct, frozen=True):
    """At `offset` of the body stands the index of `type` (operand of call_indirect, or a block type)."""

    offset: int
    type: FuncType


class DataRelocation(Struct, frozen=True):
    """At `offset` of the body stands the address of the runtime's data `symbol` plus `addend` bytes.

    It serves `i32.const` and the offset of a load or store alike: addresses stay below 2^31, where the padded signed
    and unsigned forms are the same five bytes.
    """

    offset: int
    symbol: str
    addend: int = 0


class GlobalRelocation(Struct, frozen=True):
    """At `offset` of the body stands the index of the global `symbol`: a generated one or `__stack_pointer`."""

    offset: int
    symbol: str


Relocation: TypeAlias = CallRelocation | TypeRelocation | DataRelocation | GlobalRelocation


class GeneratedFunction(Struct, frozen=True):
    """One function of the program.

    Attributes:
        symbol: the name other functions call it by; unique among generated functions; shown in stack traces.
        type: its signature.
        body: local declarations and instructions with the final `end`, without the size prefix.
        relocations: where `body` holds placeholders; offsets count from the start of `body`.
        lines: pairs (offset in `body`, line of the source), offsets ascending; a line holds until the next pair.
        file: the source file of the lines; None for the main one.
    """

    symbol: str
    type: FuncType
    body: bytes
    relocations: tuple[Relocation, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    file: str | None = None


class GeneratedGlobal(Struct, frozen=True):
    """A mutable or constant number the program keeps in a global; `initial` is an integer, or the float's bits."""

    symbol: str
    type: ValType
    mutable: bool = True
    initial: int = 0


class Gate(Struct, frozen=True):
    """Functions of the runtime that a program cannot get to call unless it holds one of others.

    What would have to be there for them to be called is not: a table to encode, a metamethod to call. The walk over
    relocations cannot know that, so it is said here. A function behind a closed gate becomes a trap.

    Attributes:
        functions: runtime function -> the runtime function that stands in for it, None for a trap.
        openers: runtime functions that open the gate when they are reached; none of them: it is closed for good.
    """

    functions: Mapping[str, str | None]
    openers: frozenset[str] = frozenset()


class GeneratedImport(Struct, frozen=True):
    """A host function the runtime does not know.

    Attributes:
        symbol: the name other functions call it by; unique among these and generated functions.
        module: the import module.
        name: the import name.
        type: its signature.
    """

    symbol: str
    module: str
    name: str
    type: FuncType


class LinkUnit(Struct, frozen=True):
    """Everything a program adds to the runtime.

    Attributes:
        functions: all of them are kept.
        imports: all of them are kept, behind those of the runtime.
        table: symbols of functions (generated, or the runtime's) that get the table slots `runtime.table_base`,
            `runtime.table_base + 1`, ... in this order.
        data: pairs (address, bytes) in linear memory, at or above `runtime.heap_base` and below `heap_end`.
        heap_end: the new value of the runtime's `__heap_base`, where the allocator may begin; 0 leaves it.
        data_words: initial bytes written over the start of the runtime's data symbols, e.g. its configuration.
        data_patches: pairs (address, bytes) written over the runtime's initial data at that address.
        keep: runtime symbols (functions or data) that are needed though no relocation of the unit says so. Data of the
            runtime that nothing reaches is left out, so a symbol whose address was put into `data` by number
            (`runtime.address`) must stand here, in `data_words` or under a `data_patches`.
        gates: what is left out of the runtime as long as the program cannot need it.
        exports: pairs (export name, symbol of a function or a global).
        memory_pages: minimum size of the memory in 64 KiB pages; raised to what the data needs.
        memory_max_pages: maximum size of the memory, None for no maximum.
        memory_export: name the memory is exported under.
        table_export: name the table is exported under, None to keep it private.
        globals: appended to the runtime's.
        tags: exception tags; the tag index is the position in this tuple (the runtime has none).
        customs: custom sections (name, bytes) appended at the end, in this order.
        function_names: whether the module gets a name section.
        line_table: whether the module gets the `munition:lines` section.
    """

    functions: tuple[GeneratedFunction, ...]
    table: tuple[str, ...] = ()
    data: tuple[tuple[int, bytes], ...] = ()
    heap_end: int = 0
    data_words: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    data_patches: tuple[tuple[int, bytes], ...] = ()
    keep: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    exports: tuple[tuple[str, str], ...] = ()
    memory_pages: int = 0
    memory_max_pages: int | None = None
    memory_export: str | None = "memory"
    table_export: str | None = None
    globals: tuple[GeneratedGlobal, ...] = ()
    tags: tuple[FuncType, ...] = ()
    customs: tuple[tuple[str, bytes], ...] = ()
    imports: tuple[GeneratedImport, ...] = ()
    function_names: bool = True
    line_table: bool = True


class LinkedModule(Struct, frozen=True):
    """A module in which everything is resolved.

    Attributes:
        data: the module's bytes.
        imports: the host functions that are reached, as (module, name), in import order.
        function_indices: generated symbol -> function index.
        function_offsets: generated symbol -> offset of its body (its local declarations) in `data`.
        heap_base: the address from which memory is free for the allocator.
    """

    data: bytes
    imports: tuple[tuple[str, str], ...]
    function_indices: Mapping[str, int]
    function_offsets: Mapping[str, int]
    heap_base: int
