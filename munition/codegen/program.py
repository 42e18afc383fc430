# SPDX-License-Identifier: MIT
"""A whole program: its static data, its functions, and what the linker is told."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from munition.codegen.context import Context
from munition.codegen.encode import Code, uleb
from munition.codegen.entries import (
    doors_of,
    generate_value_function,
    has_value_function,
    is_listed,
    value_symbol,
)
from munition.codegen.frame import GENERIC
from munition.codegen.function import generate_function, plan_function
from munition.codegen.image import Image
from munition.codegen.library import LibraryImage, host_imports, lay_out_library, library_symbols
from munition.codegen.needs import find_gates
from munition.codegen.tail_calls import TAIL_CALL
from munition.codegen.versions import generate_choice
from munition.ir.nodes import Function
from munition.ir.program import ExportedFunction, Program
from munition.ir.switches import ALL, Switches
from munition.ir.yields import suspendable_functions, types_with_metatables
from munition.runtime import layout
from munition.wasm.link_unit import CallRelocation, GeneratedFunction, GeneratedImport, LinkUnit
from munition.wasm.runtime_object import RuntimeObject
from munition.wasm.types import I32, I64, FuncType

SHADOW_BYTES: Final = 1 << 20
ENTRY_TYPE: Final = FuncType((I32, I32), (I64,))
"""Type of what the host calls: (address, length) of encoded arguments, and the packed result block."""

# The runtime's own entries, and the names they are exported under.
RUNTIME_EXPORTS: Final = (("munition:input", "rt_input"), ("munition:run", "rt_run"))
_CALL_TYPE: Final = FuncType((I32, I64) + (I64,) + (I32, I64) * layout.REGISTER_ARGUMENTS, (I32, I64))
_HOST_TYPE: Final = FuncType((I32, I32), (I32,))
"""Type of host functions of encoded values: (address, length), and the length of what `take` gives."""

_PAGE: Final = 1 << 16
_FIRST_HEAP: Final = 14 << 13  # what the runtime's heap_init wants besides the stack, in blocks of 8 KiB
# Data of the runtime whose addresses are written into code and data as plain numbers.
_FIXED_SYMBOLS: Final = ("rt_state", "rt_config", "rt_name_strings")


class Settings(Struct, frozen=True):
    """How code is generated.

    Attributes:
        shadow_bytes: size of the shadow stack, which bounds the depth of recursion.
        flags: bits for `rt_config.flags` beyond those of the program.
        switches: the optimisations.
    """

    shadow_bytes: int = SHADOW_BYTES
    flags: int = 0
    switches: Switches = ALL


def generate(
    program: Program,
    runtime: RuntimeObject,
    settings: Settings | None = None,
    customs: tuple[tuple[str, bytes], ...] = (),
) -> LinkUnit:
    """Generate `program` against `runtime`; `customs` become custom sections."""
    settings = settings or Settings()
    names = _RuntimeNames(runtime)
    image = Image(_align(runtime.heap_base, 16), names.addresses)
    table = _table_symbols(program)
    slots = {symbol: runtime.table_base + i for i, symbol in enumerate(table)}
    slots |= {f.symbol: slots.get(value_symbol(f), 0) for f in program.functions}
    infos, closures = _lay_out_functions(image, program, slots)
    library = lay_out_library(image, program, slots, closures, runtime)
    suspendable = suspendable_functions(program)
    metatables = types_with_metatables(program)
    plans = {f.symbol: plan_function(f, suspendable, metatables=metatables) for f in program.functions}
    doors = doors_of(program.functions, {symbol: plan.frame for symbol, plan in plans.items()})
    context = Context(
        image=image,
        state=runtime.address("rt_state"),
        globals=library.globals,
        global_entries=library.entries,
        statics=image.cells(program.statics) if program.statics else 0,
        closures=closures,
        slots=slots,
        infos=infos,
        doors=doors,
        valued=frozenset(f.symbol for f in program.functions if has_value_function(f)),
        library=library.values,
        switches=settings.switches,
        suspendable=suspendable,
        resuming=runtime.address("rt_resuming") if suspendable else 0,
    )
    functions = tuple(
        _from_file(generate_function(f, plans[f.symbol], context), f, program) for f in program.functions
    )
    value_functions = _between_conventions(program, context)
    thunks = tuple(_thunk(item, image.string(item.name)) for item in program.exports)
    config = _config(program, settings, image, library, names, closures[program.main])
    heap_end = _align(image.end, 16)
    return LinkUnit(
        functions=(*functions, *value_functions, *thunks, *_tail_calls(functions, context.state)),
        table=table,
        data=((image.base, image.data),),
        heap_end=heap_end,
        data_words={
            "rt_config": config,
            "rt_name_strings": bytes(names.data),
            **library.objects,
        },
        exports=(*RUNTIME_EXPORTS, *((item.export, _thunk_symbol(item)) for item in program.exports)),
        memory_pages=-(-(heap_end + settings.shadow_bytes + _FIRST_HEAP) // _PAGE),
        customs=customs,
        keep=(*_FIXED_SYMBOLS, "rt_resuming") if suspendable else _FIXED_SYMBOLS,
        gates=find_gates(program),
        imports=_imports(program),
    )


def _lay_out_functions(
    image: Image, program: Program, slots: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Addresses of what the runtime knows of each function, and of its closure, by symbol."""
    infos: dict[str, int] = {}
    closures: dict[str, int] = {}
    for f in program.functions:  # a version is its function, as far as the program can tell
        infos[f.symbol] = _info(image, f) if f.general is None else infos[f.general]
    for f in program.functions:
        closures[f.symbol] = (
            image.closure(slots[f.symbol], infos[f.symbol]) if f.general is None else closures[f.general]
        )
    return infos, closures


def _between_conventions(program: Program, context: Context) -> tuple[GeneratedFunction, ...]:
    """What leads from calls by value to entries, and from calls by name to the version for the arguments."""
    return tuple(
        generate_value_function(f, context.doors, context.state, check=context.switches.check)
        for f in program.functions
        if has_value_function(f) and is_listed(f)
    ) + tuple(
        generate_choice(f, f.version, context.doors, context.state)
        for f in program.functions
        if f.version is not None and f.symbol in context.doors
    )


def _config(
    program: Program, settings: Settings, image: Image, library: LibraryImage, names: _RuntimeNames, main: int
) -> bytes:
    """The runtime's `rt_config`. No string, and no static table, may be made after this."""
    chunk_name = image.string(program.source_name)
    static_tables, static_table_count = image.static_tables()
    intern, mask, count = image.intern_table(names)
    fields = {
        "globals": library.globals,
        "string_meta": library.string_meta,
        "static_tables": static_tables,
        "static_table_count": static_table_count,
        "shadow_bytes": settings.shadow_bytes,
        "intern_buckets": intern,
        "intern_mask": mask,
        "intern_count": count,
        "main": main,
        "flags": program.flags | settings.flags,
        "loaded": library.loaded,
        "chunk_name": chunk_name,
        "preload": library.preload,
        "modules": library.modules,
    }
    return struct.pack(f"<{len(layout.CONFIG_FIELDS)}I", *(fields[f] for f in layout.CONFIG_FIELDS))


def _imports(program: Program) -> tuple[GeneratedImport, ...]:
    found = host_imports(program).items()
    return tuple(GeneratedImport(symbol, module, name, _HOST_TYPE) for symbol, (module, name) in found)


def _align(address: int, to: int) -> int:
    return -(-address // to) * to


class _RuntimeNames:
    """The strings the runtime brings along, which take part in the program's intern table."""

    def __init__(self, runtime: RuntimeObject) -> None:
        self.base = runtime.address("rt_name_strings")
        self.data = bytearray(runtime.read("rt_name_strings"))
        raw = runtime.read("rt_names")
        addresses = struct.unpack(f"<{len(raw) // 4}I", raw)
        self.addresses = dict(zip((n.encode() for n in layout.RUNTIME_NAMES), addresses, strict=True))

    def set_next(self, address: int, following: int) -> None:
        """Write the chain field of one of the strings."""
        struct.pack_into("<I", self.data, address - self.base + layout.STRING_NEXT, following)


def _table_symbols(program: Program) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            [
                *(value_symbol(f) for f in program.functions if is_listed(f)),
                *library_symbols(program),
                *host_imports(program),
            ]
        )
    )


def _from_file(generated: GeneratedFunction, function: Function, program: Program) -> GeneratedFunction:
    if function.source == program.source_name:
        return generated
    return replace(generated, file=function.source.decode("utf-8", "replace"))


def _info(image: Image, function: Function) -> int:
    flags = layout.INFO_VARARG * function.vararg | layout.INFO_MAIN * function.is_chunk
    return image.function_info(
        function.name, function.source, function.line, function.last_line, function.parameters, flags
    )


def _tail_calls(functions: tuple[GeneratedFunction, ...], state: int) -> tuple[GeneratedFunction, ...]:
    """The function behind tail calls of values, if there are any."""
    named = any(
        isinstance(r, CallRelocation) and r.symbol == TAIL_CALL for f in functions for r in f.relocations
    )
    return (_tail_call_value(state),) if named else ()


def _tail_call_value(state: int) -> GeneratedFunction:
    """`call_value(callee, call, arguments)`: call anything, in place of the caller."""
    code = Code()
    closure, row = 9, 10
    code.buffer += uleb(1) + uleb(2) + b"\x7f"
    for local in range(9):
        code.get(local)
    code.call("rt_callee")
    code.tee(closure)
    code.op("i32.eqz")
    code.if_()
    code.i32(layout.NIL)
    code.i64(0)
    code.op("return")
    code.end()
    code.get(closure)
    code.get(2)
    code.i64(-1 << 32)
    code.op("i64.and")
    code.i32(0)
    code.load32(state + layout.STATE_RESULT_COUNT)
    code.op("i64.extend_i32_u", "i64.or")
    code.i32(0)
    code.load32(state + layout.STATE_SP)
    code.set(row)
    for i in range(layout.REGISTER_ARGUMENTS):
        code.get(row)
        code.load32(i * layout.CELL_SIZE + layout.CELL_TAG)
        code.get(row)
        code.load64(i * layout.CELL_SIZE)
    code.get(closure)
    code.load32(layout.CLOSURE_SLOT)
    code.call_indirect(GENERIC, tail=True)
    code.op("end")
    return GeneratedFunction(TAIL_CALL, _CALL_TYPE, bytes(code.buffer), tuple(code.relocations))


def _thunk_symbol(item: ExportedFunction) -> str:
    return f"export:{item.export}"


def _thunk(item: ExportedFunction, name: int) -> GeneratedFunction:
    """`NAME(address, length)`: call the current value of a name through the runtime.

    Strings are aligned, so the lowest bit of the address is free to say where to look.
    """
    code = Code()
    code.buffer += uleb(0)
    code.i32(name | int(item.in_result))
    code.get(0)
    code.get(1)
    code.call("rt_fire")
    code.op("end")
    return GeneratedFunction(_thunk_symbol(item), ENTRY_TYPE, bytes(code.buffer), tuple(code.relocations))
