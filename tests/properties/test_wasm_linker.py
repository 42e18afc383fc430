# SPDX-License-Identifier: MIT
"""Imports present are capabilities reached: for any program linked with the guest, seen by decoding the result."""

from __future__ import annotations

from pathlib import Path

import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from munition.wasm.link_unit import (
    INDEX_PLACEHOLDER,
    CallRelocation,
    GeneratedFunction,
    LinkedModule,
    LinkUnit,
)
from munition.wasm.linker import link
from munition.wasm.module import Kind
from munition.wasm.reader import read_module
from munition.wasm.runtime_object import read_runtime
from munition.wasm.scan import Scanner, check_body
from munition.wasm.types import NUM_TYPES, FuncType, NumType, ValType
from munition.wasm.writer import write_module

GUEST = read_runtime((Path(__file__).parents[1] / "unit" / "wasm" / "guest" / "guest.wasm").read_bytes())
NEEDS = {
    "guest_greet": "munition:log",
    "guest_apply_clock": "munition:time",
    "guest_random": "munition:random",
    "host_log": "munition:log",
    "host_now": "munition:time",
    "host_random": "munition:random",
}
"""The functions of the guest that need a capability; no other function of it calls one of them."""

CALLEES = sorted(name for name in GUEST.functions if name not in {"link_main", "link_hook"})
CONSTANTS = {0x7F: b"\x41\0", 0x7E: b"\x42\0", 0x7D: b"\x43" + bytes(4), 0x7C: b"\x44" + bytes(8)}
LINK = {
    "main": GUEST.function_type("link_main"),
    "hook": GUEST.function_type("link_hook"),
}
CALLS = Scanner(("call", "ref.func"))


def constant(type_: ValType) -> bytes:
    assert isinstance(type_, NumType)
    assert type_.code in NUM_TYPES
    return CONSTANTS[type_.code]


def caller(symbol: str, type_: FuncType, callees: list[str]) -> GeneratedFunction:
    """A function that calls each of some functions of the guest with zeros."""
    code = bytearray(b"\0")
    relocations: list[CallRelocation] = []
    for callee in callees:
        signature = GUEST.function_type(callee)
        code += b"".join(map(constant, signature.params)) + b"\x10"
        relocations.append(CallRelocation(len(code), callee))
        code += INDEX_PLACEHOLDER + b"\x1a" * len(signature.results)
    code += b"".join(map(constant, type_.results)) + b"\x0b"
    return GeneratedFunction(symbol, type_, bytes(code), tuple(relocations))


@st.composite
def units(draw: st.DrawFn) -> LinkUnit:
    used = st.lists(st.sampled_from(CALLEES), max_size=4)
    functions = [caller(name, type_, draw(used)) for name, type_ in LINK.items()]
    functions += [caller(f"f{i}", FuncType(), draw(used)) for i in range(draw(st.integers(0, 4)))]
    symbols = [f.symbol for f in functions] + CALLEES
    exported = draw(st.lists(st.sampled_from(symbols), max_size=4, unique=True))
    slots = draw(st.lists(st.sampled_from(symbols), max_size=4))
    size = draw(st.integers(0, 300))
    return LinkUnit(
        tuple(functions),
        table=tuple(slots),
        exports=tuple((s, s) for s in exported),
        data=((GUEST.heap_base, draw(st.binary(max_size=size))),),
        heap_end=GUEST.heap_base + size,
    )


def reached(unit: LinkUnit) -> set[str]:
    """The capabilities a unit reaches, worked out from its records."""
    called = {r.symbol for f in unit.functions for r in f.relocations if isinstance(r, CallRelocation)}
    return {NEEDS[s] for s in called | set(unit.table) | {s for _, s in unit.exports} if s in NEEDS}


def reachable_imports(linked: LinkedModule) -> set[str]:
    """Import modules that can be called in the result, worked out from its instructions."""
    module = read_module(linked.data)
    imported = module.imported(Kind.FUNCTION)
    todo = [e.index for e in module.exports if e.kind is Kind.FUNCTION]
    todo += [f for segment in module.elements for f in segment.functions]
    todo += linked.function_indices.values()
    seen: set[int] = set()
    while todo:
        function = todo.pop()
        if function in seen:
            continue
        seen.add(function)
        if function >= len(imported):
            calls = CALLS.scan(module.code[function - len(imported)].content)
            todo += [i for call in calls for i in call.operands if isinstance(i, int)]
    assert seen == set(range(len(imported) + len(module.code))), "a function nothing reaches was kept"
    return {imported[f].module for f in seen if f < len(imported)}


@given(units())
def test_imports_are_the_capabilities_reached(unit: LinkUnit) -> None:
    linked = link(GUEST, unit)
    assert {module for module, _ in linked.imports} == reached(unit)
    assert reachable_imports(linked) == reached(unit)


@given(units())
def test_every_link_is_a_valid_module_and_the_same_each_time(unit: LinkUnit) -> None:
    linked = link(GUEST, unit)
    assert link(GUEST, unit) == linked
    assert write_module(read_module(linked.data)) == linked.data
    for body in read_module(linked.data).code:
        check_body(body.content)
    wasmtime.Module.validate(wasmtime.Engine(), linked.data)
