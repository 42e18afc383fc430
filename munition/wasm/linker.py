# SPDX-License-Identifier: MIT
"""Join the guest runtime and generated functions into one module that holds only what is reached.

What is not reached is left out, host imports first of all: an import in the result means that some path from an export,
a table entry or a generated function leads to it. Instructions are never decoded; indices are found through relocations
and patched in place. The result depends on the arguments alone.

Order of work: `link_plan` decides, `link_code` patches bodies, `static_data` lays out memory, this module assembles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.wasm import encode
from munition.wasm.faults import LinkError
from munition.wasm.leb import unsigned
from munition.wasm.lines import SECTION as LINES_SECTION
from munition.wasm.lines import Lines, encode_lines
from munition.wasm.link_code import TypeTable, generated_bodies, moved_symbols, runtime_bodies
from munition.wasm.link_plan import LinkPlan, plan_link
from munition.wasm.link_unit import GeneratedFunction, GeneratedGlobal, LinkedModule, LinkUnit
from munition.wasm.module import (
    Body,
    Custom,
    Data,
    Element,
    Export,
    Global,
    Import,
    Kind,
    Mode,
    Module,
    SectionId,
    Table,
)
from munition.wasm.names import function_names
from munition.wasm.reader import read_sections
from munition.wasm.relocations import RelocationType
from munition.wasm.static_data import check_chunks, data_segments, runtime_image
from munition.wasm.types import (
    F32,
    F64,
    FUNCREF,
    I32,
    I64,
    Bounds,
    GlobalType,
    MemoryType,
    NumType,
    RefType,
    SubType,
    TableType,
)
from munition.wasm.writer import write_module

if TYPE_CHECKING:
    from munition.wasm.runtime_object import RuntimeObject

_TRAP: Final = b"\0\0\x0b"
"""A body without locals: unreachable, end."""

_FUNCTION_REF: Final = RefType(FUNCREF.heap, nullable=False)


def link(runtime: RuntimeObject, unit: LinkUnit) -> LinkedModule:
    """One self-contained module of `unit` and what it needs of `runtime`.

    Raises:
        LinkError: an unknown or duplicate symbol, an unsatisfied function of the import module `link`, data that
            overlaps or does not fit, a relocation that is not on a placeholder, an index out of range.
    """
    plan = plan_link(runtime, unit)
    types = TypeTable(runtime.module)
    imports = tuple(_import(runtime, f, types) for f in plan.host)
    imports += tuple(Import(i.module, i.name, Kind.FUNCTION, types.of(i.type)) for i in unit.imports)
    functions = _function_types(plan, types)
    tags = tuple(types.of(t) for t in unit.tags)
    bodies = [*runtime_bodies(plan, types), *generated_bodies(plan, types), *([_TRAP] * len(plan.traps))]
    module = Module(
        types=tuple(SubType(t) for t in types.index),
        imports=imports,
        functions=functions,
        tables=_tables(plan),
        memories=(MemoryType(Bounds(plan.pages, unit.memory_max_pages)),),
        tags=tags,
        globals=runtime.module.globals + tuple(_global(g) for g in unit.globals),
        exports=_exports(plan),
        elements=_elements(plan),
        code=tuple(Body(b) for b in bodies),
        data=_data(plan),
        customs=_customs(plan),
    )
    data = write_module(module)
    first = plan.first
    return LinkedModule(
        data=data,
        imports=tuple((i.module, i.name) for i in imports),
        function_indices={f.symbol: first + i for i, f in enumerate(unit.functions)},
        function_offsets=_offsets(data, bodies, plan),
        heap_base=plan.heap_base,
    )


def _import(runtime: RuntimeObject, function: int, types: TypeTable) -> Import:
    entry = runtime.imports[function]
    return Import(entry.module, entry.name, Kind.FUNCTION, types.of_old(runtime.function_types[function]))


def _function_types(plan: LinkPlan, types: TypeTable) -> tuple[int, ...]:
    own = [types.of_old(plan.runtime.function_types[f]) for f in plan.own]
    return (*own, *[types.of(f.type) for f in plan.unit.functions], *[types.of_old(t) for t in plan.traps])


def _tables(plan: LinkPlan) -> tuple[Table, ...]:
    """The one function table, just large enough."""
    if not plan.runtime.module.tables and not plan.unit.table:
        return ()
    size = plan.runtime.table_base + len(plan.unit.table)
    return (Table(TableType(FUNCREF, Bounds(size, size))),)


def _elements(plan: LinkPlan) -> tuple[Element, ...]:
    """Segments for the runs of table slots in use. A slot of the runtime that nothing points to stays null."""
    pointed, base = plan.reached.pointed, plan.runtime.table_base
    slots = {slot: plan.final[f] for slot, f in plan.runtime.slots.items() if f in pointed}
    slots.update({base + i: plan.function(symbol) for i, symbol in enumerate(plan.unit.table)})
    runs: list[tuple[int, list[int]]] = []
    for slot in sorted(slots):
        if not runs or slot != runs[-1][0] + len(runs[-1][1]):
            runs.append((slot, []))
        runs[-1][1].append(slots[slot])
    return tuple(
        Element(Mode.ACTIVE, _FUNCTION_REF, tuple(run), offset=encode.i32_const(first)) for first, run in runs
    )


def _global(entry: GeneratedGlobal) -> Global:
    if not isinstance(entry.type, NumType):
        raise LinkError(f"global {entry.symbol!r} is not a number")
    if entry.type in {I32, I64}:
        bits = 32 if entry.type == I32 else 64
        initial = encode.int_const(entry.initial, bits)
    elif entry.type in {F32, F64}:
        initial = encode.float_const(entry.initial, 4 if entry.type == F32 else 8)
    else:
        raise LinkError(f"global {entry.symbol!r} is a {entry.type.name}")
    return Global(GlobalType(entry.type, entry.mutable), initial)


def _exports(plan: LinkPlan) -> tuple[Export, ...]:
    """The memory, the table, then the unit's exports in their order."""
    unit = plan.unit
    found = [] if unit.memory_export is None else [Export(unit.memory_export, Kind.MEMORY, 0)]
    if unit.table_export is not None:
        found.append(Export(unit.table_export, Kind.TABLE, 0))
    for name, symbol in unit.exports:
        index = plan.symbols.global_index(symbol)
        kind = Kind.FUNCTION if index is None else Kind.GLOBAL
        found.append(Export(name, kind, plan.function(symbol) if index is None else index))
    if len({e.name for e in found}) != len(found):
        raise LinkError("two exports have the same name")
    return tuple(found)


def _data(plan: LinkPlan) -> tuple[Data, ...]:
    runtime = plan.runtime
    moved = moved_symbols(plan)
    words = {
        address: moved[index] + addend
        for type_, address, index, addend in runtime.data_relocations
        if type_ == RelocationType.MEMORY_ADDR_I32 and index in moved
    }
    own = runtime_image(runtime, plan.reached, plan.patches, words)
    program = check_chunks(plan.unit.data, runtime.heap_base, plan.heap_base)
    return data_segments([*own, *program])


def _customs(plan: LinkPlan) -> tuple[Custom, ...]:
    """The name section, the line table, then the unit's own."""
    unit = plan.unit
    found: list[tuple[str, bytes]] = []
    if unit.function_names:
        found.append(("name", function_names(_names(plan))))
    first = plan.first
    lines = {first + i: _compact(f) for i, f in enumerate(unit.functions) if f.lines}
    if unit.line_table and lines:
        files: dict[str, list[int]] = {}
        for i, function in enumerate(unit.functions):
            if function.file is not None:
                files.setdefault(function.file, []).append(first + i)
        found.append((LINES_SECTION, encode_lines(lines, files)))
    return tuple(Custom(name, content, SectionId.DATA) for name, content in (*found, *unit.customs))


def _compact(function: GeneratedFunction) -> Lines:
    """The entries that change the line; of several at one offset the last."""
    entries = dict(function.lines)
    offsets = list(entries)
    if offsets != sorted(offsets) or min(offsets) < 0 or min(entries.values()) < 0:
        raise LinkError(f"the line entries of {function.symbol!r} are not in ascending order")
    return tuple(
        (o, line)
        for o, line, last in zip(offsets, entries.values(), [-1, *entries.values()], strict=False)
        if line != last
    )


def _names(plan: LinkPlan) -> dict[int, str]:
    """Index -> symbol for the generated functions and the runtime's entries (what it exports).

    What lies behind an entry is the runtime's own affair: the names of its helpers would only make modules larger.
    """
    exports = (e for e in plan.runtime.module.exports if e.kind is Kind.FUNCTION)
    names = {plan.final[e.index]: e.name for e in exports if e.index in plan.reached.functions}
    first = plan.first
    names.update({first + i: f.symbol for i, f in enumerate(plan.unit.functions)})
    return names


def _offsets(data: bytes, bodies: list[bytes], plan: LinkPlan) -> dict[str, int]:
    """Generated symbol -> where its body starts in `data`."""
    code = next((s for s in read_sections(data) if s.id == SectionId.CODE), None)
    found: list[int] = []
    at = 0 if code is None else code.start + len(unsigned(len(bodies)))
    for body in bodies:
        at += len(unsigned(len(body)))
        found.append(at)
        at += len(body)
    own = [f.symbol for f in plan.unit.functions]
    return dict(zip(own, found[len(plan.own) : len(plan.own) + len(own)], strict=True))
