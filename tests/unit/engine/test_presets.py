# SPDX-License-Identifier: MIT
"""Every preset is built and used: a bad pair would abort the process, which no test framework survives."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import pytest

from munition.engine.capi import load
from munition.engine.presets import PRESETS, Allocation, Preset, new_engine
from munition.engine.wire import Up
from munition.engine.worker import compile_module

CORE = '(module (memory 1) (func (export "f") (result i32 i64) (i32.const 1) (i64.const 2)))'

REFUSED_EVERYWHERE = {
    "simd": "(module (func (param v128)))",
    "simd code": "(module (func (drop (v128.const i64x2 0 0))))",
    "threads": "(module (memory 1 1 shared))",
    "atomics": "(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))",
    "memory64": "(module (memory i64 1))",
    "multi-memory": "(module (memory 1) (memory 1))",
    "exceptions": "(module (tag) (func (throw 0)))",
    "gc": "(module (type (struct)))",
    "function references": "(module (type $t (func)) (func (param (ref $t))))",
    "externref": "(module (func (param externref)))",
    "stack switching": "(module (type $f (func)) (type $c (cont $f)))",
    "wide arithmetic": (
        "(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))"
    ),
    "custom page sizes": "(module (memory 1 (pagesize 1)))",
    "relaxed simd": (
        "(module (func (param v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))"
    ),
}
TAIL = "(module (func $f (return_call $f)))"
REFERENCES = "(module (table 1 funcref) (table 1 funcref) (func (param funcref)))"


def accepts(preset: Preset, wasm: bytes, allocation: Allocation = Allocation.WIDE) -> bool:
    api = load()
    engine = new_engine(api, preset, allocation, slots=1)
    status, _ = compile_module(api, engine, wasm)
    api.wasm_engine_delete(engine)
    assert status in (Up.COMPILED, Up.REFUSED)
    return status == Up.COMPILED


@pytest.mark.parametrize("allocation", list(Allocation))
@pytest.mark.parametrize("preset", list(Preset))
def test_every_pair_compiles_and_loads_core_code(
    preset: Preset, allocation: Allocation, wat: Callable[[str], bytes]
) -> None:
    api = load()
    engine = new_engine(api, preset, allocation, slots=1)
    status, code = compile_module(api, engine, wat(CORE))
    assert status == Up.COMPILED
    other_stack = new_engine(api, preset, allocation, stack=256 << 10)
    module = ctypes.c_void_p()
    assert not api.module_deserialize(other_stack, code, len(code), ctypes.addressof(module))
    api.module_delete(module.value)
    api.wasm_engine_delete(engine)
    api.wasm_engine_delete(other_stack)


@pytest.mark.parametrize("preset", list(Preset))
@pytest.mark.parametrize("name", sorted(REFUSED_EVERYWHERE))
def test_what_no_preset_allows(preset: Preset, name: str, wat: Callable[[str], bytes]) -> None:
    assert not accepts(preset, wat(REFUSED_EVERYWHERE[name]))


@pytest.mark.parametrize(
    ("preset", "tail", "references"),
    [
        (Preset.THIRD_PARTY, False, True),
        (Preset.OWN, False, False),
        (Preset.OWN_LUA, True, False),
    ],
)
def test_what_presets_differ_in(
    preset: Preset, tail: bool, references: bool, wat: Callable[[str], bytes]
) -> None:
    assert accepts(preset, wat(TAIL)) is tail
    assert accepts(preset, wat(REFERENCES)) is references


def test_presets_cannot_be_changed() -> None:
    assert set(PRESETS) == set(Preset)
    with pytest.raises(AttributeError):
        PRESETS[Preset.OWN].stack = 1  # type: ignore[misc]
