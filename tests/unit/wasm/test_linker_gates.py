# SPDX-License-Identifier: MIT
"""What lies behind a gate is in a module exactly when something opens it."""

from __future__ import annotations

import pytest
import wasmtime

from munition.wasm.faults import LinkError
from munition.wasm.link_unit import INDEX_PLACEHOLDER, CallRelocation, Gate, GeneratedFunction, LinkUnit
from munition.wasm.linker import link
from munition.wasm.names import read_names
from munition.wasm.reader import read_module
from munition.wasm.runtime_object import RuntimeObject
from munition.wasm.types import I32, I64, FuncType

# In the guest `guest_stack` calls `guest_call`, a function of (u32, i64) that gives an i64, as `guest_apply` is.
CALL_TYPE = FuncType((I32, I64), (I64,))


def linked(guest: RuntimeObject, *gates: Gate, exports: tuple[str, ...] = ("guest_stack",)) -> bytes:
    return link(guest, LinkUnit((), exports=tuple((e, e) for e in exports), gates=gates)).data


def run(data: bytes, name: str, *arguments: int) -> object:
    store = wasmtime.Store()
    module = wasmtime.Module(store.engine, data)
    hosts = [wasmtime.Func(store, i.type, lambda *_: None) for i in module.imports]  # type: ignore[arg-type]
    function = wasmtime.Instance(store, module, hosts).exports(store)[name]
    assert isinstance(function, wasmtime.Func)
    return function(store, *arguments)


def test_without_a_gate_it_is_there(guest: RuntimeObject) -> None:
    assert len(read_module(linked(guest)).code) == 2


def test_behind_a_closed_gate_is_a_trap(guest: RuntimeObject) -> None:
    data = linked(guest, Gate({"guest_call": None}))
    module = read_module(data)
    assert [bytes(body.content) for body in module.code][1:] == [b"\0\0\x0b"]
    with pytest.raises(wasmtime.Trap) as caught:
        run(data, "guest_stack", 1)
    assert caught.value.trap_code is wasmtime.TrapCode.UNREACHABLE


def test_a_stand_in_is_called_instead(guest: RuntimeObject) -> None:
    data = linked(guest, Gate({"guest_call": "guest_apply"}))
    assert run(data, "guest_stack", 0) == sum(2 * i for i in range(16))


def test_what_only_the_absent_function_needs_is_absent(guest: RuntimeObject) -> None:
    data = linked(guest, Gate({"guest_apply_clock": None}), exports=("guest_apply_clock",))
    assert read_module(data).imports == ()


def test_what_the_stand_in_needs_is_there(guest: RuntimeObject) -> None:
    data = linked(guest, Gate({"guest_call": "guest_apply_clock"}))
    assert [(i.module, i.name) for i in read_module(data).imports] == [("munition:time", "now")]


@pytest.mark.parametrize("exports", [("guest_stack", "guest_count"), ("guest_count", "guest_stack")])
def test_an_opener_opens_whenever_it_is_reached(guest: RuntimeObject, exports: tuple[str, ...]) -> None:
    gate = Gate({"guest_call": None}, frozenset({"guest_count"}))
    assert linked(guest, gate, exports=exports) == linked(guest, exports=exports)


def test_what_a_stand_in_reaches_opens_gates(guest: RuntimeObject) -> None:
    first = Gate({"guest_call": "guest_apply"})
    second = Gate({"guest_add": None}, frozenset({"guest_apply"}))
    data = linked(guest, first, second, exports=("guest_add", "guest_stack"))
    assert run(data, "guest_add", 2, 3) == 5


def test_a_function_behind_an_open_gate_opens_others(guest: RuntimeObject) -> None:
    first = Gate({"guest_call": None}, frozenset({"guest_count"}))
    second = Gate({"guest_add": None}, frozenset({"guest_call"}))
    exports = ("guest_add", "guest_stack", "guest_count")
    assert run(linked(guest, first, second, exports=exports), "guest_add", 2, 3) == 5
    with pytest.raises(wasmtime.Trap):
        run(linked(guest, first, second, exports=exports[:2]), "guest_add", 2, 3)


def test_a_generated_call_of_an_absent_function_traps(guest: RuntimeObject) -> None:
    body = b"\0\x20\0\x20\x01\x10" + INDEX_PLACEHOLDER + b"\x0b"
    go = GeneratedFunction("go", CALL_TYPE, body, (CallRelocation(6, "guest_call"),))
    unit = LinkUnit((go,), exports=(("go", "go"),), gates=(Gate({"guest_call": None}),))
    result = link(guest, unit)
    assert result.data[result.function_offsets["go"] :].startswith(body[:6])
    with pytest.raises(wasmtime.Trap):
        run(result.data, "go", 0, 0)


def test_absent_functions_of_one_type_are_one_trap_without_a_name(guest: RuntimeObject) -> None:
    absent = ("guest_call", "guest_apply", "guest_add")
    data = linked(guest, Gate(dict.fromkeys(absent)), exports=absent)
    module = read_module(data)
    assert len(module.code) == 2
    custom = next(c for c in module.customs if c.name == "name")
    assert read_names(custom.content).functions == {}


REFUSED = {
    "an unknown function": (Gate({"nothing": None}), "no function 'nothing'"),
    "an unknown stand-in": (Gate({"guest_call": "nothing"}), "no function 'nothing'"),
    "an unknown opener": (Gate({}, frozenset({"nothing"})), "no function 'nothing'"),
    "a stand-in of another type": (Gate({"guest_call": "guest_add"}), "another type"),
    "a generated function": (Gate({"go": None, "guest_call": "go"}), "function of the runtime"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_gates_that_do_not_fit_are_refused(guest: RuntimeObject, what: str) -> None:
    gate, says = REFUSED[what]
    go = GeneratedFunction("go", FuncType(), b"\0\x0b")
    with pytest.raises(LinkError, match=says):
        link(guest, LinkUnit((go,), gates=(gate,)))
