# SPDX-License-Identifier: MIT
"""Bytes nobody trusts: damaged modules end in a typed error or a module, never in anything else."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import wasmtime
from hypothesis import example, given
from hypothesis import strategies as st

from munition.errors import InvalidModuleError
from munition.wasm.faults import FAULTS
from munition.wasm.header import HEADER
from munition.wasm.instructions import instructions
from munition.wasm.lines import line_table
from munition.wasm.link_unit import GeneratedFunction, LinkUnit
from munition.wasm.linker import link
from munition.wasm.module import Body
from munition.wasm.names import read_names
from munition.wasm.printer import module_text
from munition.wasm.reader import read_module, read_sections
from munition.wasm.runtime_object import read_runtime
from munition.wasm.scan import check_body
from munition.wasm.types import FuncType
from munition.wasm.writer import write_module

GUEST = (Path(__file__).parents[1] / "unit" / "wasm" / "guest" / "guest.wasm").read_bytes()
LINKED = link(
    read_runtime(GUEST),
    LinkUnit(
        (GeneratedFunction("main", FuncType(), b"\0\x01\x0b", lines=((1, 3),)),),
        exports=(("guest_apply", "guest_apply"), ("guest_greet", "guest_greet"), ("main", "main")),
        data_words={"guest_config": b"\1\0\0\0\2"},
    ),
).data
TEXT = """(module
  (rec (type $s (sub (struct (field (mut i8)) (field (ref null $a))))) (type $a (array (mut (ref $s)))))
  (type $f (func (param i32 f64 externref) (result i32)))
  (import "host" "call" (func $call (type $f)))
  (import "host" "table" (table 1 10 funcref))
  (memory (export "m") 1 2) (memory 1) (global $g (mut i32) (i32.const 5)) (tag $t (param i32))
  (table $other 3 (ref null $f)) (elem (i32.const 0) $call $run) (elem declare func $run) (elem externref (ref.null extern))
  (func $run (export "run") (type $f) (local v128 f64)
    (block $b (result i32) (loop $l (br_table $b $l $b (i32.const 1) (local.get 0))) (i32.const 2))
    (try_table (catch $t 0) (catch_all 0) (throw $t (i32.const 1))) drop
    (if (result i32) (local.get 0) (then (call_indirect (type $f) (i32.const 1) (f64.const 0.5) (ref.null extern) (i32.const 0)))
      (else (i32.load8_u 1 offset=300 (i32.const 0)))) drop
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 3) (v128.const i64x2 1 2)))
    (memory.copy 0 1 (i32.const 0) (i32.const 1) (i32.const 2))
    (drop (struct.new $s (i32.const 1) (ref.null $a)))
    (i32.const 1))
  (data (i32.const 8) "hello") (data "passive"))"""
RICH = bytes(wasmtime.wat2wasm(TEXT))
SEEDS = (GUEST, LINKED, RICH)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid module with a few bytes changed, removed, doubled or inserted."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data) - 1)) if data else 0
        match draw(st.sampled_from(["set", "set", "set", "flip", "cut", "insert", "remove", "double"])):
            case "set":
                data[at : at + 1] = bytes(
                    (draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, 0x40, 0x0B, 0x60])),)
                )
            case "flip":
                data[at : at + 1] = bytes((data[at] ^ 1 << draw(st.integers(0, 7)) if data else 0,))
            case "cut":
                del data[at:]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=5))
            case "remove":
                del data[at : at + draw(st.integers(1, 5))]
            case _:
                size = draw(st.integers(1, 30))
                data[at:at] = data[at : at + size]
    return bytes(data)


def refusal(use: Callable[[], object]) -> InvalidModuleError | None:
    """How bytes were refused, if they were; any other exception fails the test."""
    try:
        use()
    except InvalidModuleError as error:
        return error
    return None


def use_body(data: bytes, body: Body) -> None:
    """The two decoders of bodies agree on whether one is well formed."""
    start, end = body.at, body.at + len(body.content)
    slow = refusal(lambda: list(instructions(data, start, end)))
    quick = refusal(lambda: check_body(data, start, end))
    assert (slow is None) == (quick is None)
    if slow is not None:
        assert slow.code in FAULTS
        assert slow.offset is not None
        assert start <= slow.offset <= end


def use(data: bytes) -> None:
    """Everything the package can do with bytes."""
    module = read_module(data)
    assert read_module(write_module(module)) == module
    assert module_text(module).isascii()
    for body in module.code:
        use_body(data, body)
    refusal(lambda: line_table(module))
    for custom in module.customs:
        refusal(lambda custom=custom: read_names(custom.content))  # type: ignore[misc]
    read_runtime(data)


@given(damaged())
def test_damaged_modules_are_refused_or_read(data: bytes) -> None:
    error = refusal(lambda: use(data))
    if error is not None:
        assert error.code in FAULTS
        assert error.offset is None or 0 <= error.offset <= len(data)


@given(st.binary(max_size=200))
def test_any_bytes_behind_a_header_are_refused_or_read(data: bytes) -> None:
    error = refusal(lambda: use(HEADER + data))
    assert error is None or error.code in FAULTS


@given(damaged())
@example(RICH)
def test_what_an_engine_accepts_is_read(data: bytes) -> None:
    config = wasmtime.Config()
    config.wasm_gc = config.wasm_function_references = config.wasm_exceptions = True
    try:
        wasmtime.Module.validate(wasmtime.Engine(config), data)
    except wasmtime.WasmtimeError:
        return
    module = read_module(data)
    for body in module.code:
        check_body(body.content)


@pytest.mark.parametrize("data", SEEDS, ids=["guest", "linked", "rich"])
def test_only_a_cut_between_sections_can_leave_a_module(data: bytes) -> None:
    whole = {8, *(section.end for section in read_sections(data))}
    for size in range(len(data)):
        if size not in whole:
            with pytest.raises(InvalidModuleError):
                read_sections(data[:size])
        else:
            refusal(lambda size=size: read_module(data[:size]))  # type: ignore[misc]


COUNT = b"\xff\xff\xff\xff\x0f"


@pytest.mark.parametrize("section", range(1, 14))
@pytest.mark.parametrize("count", [COUNT, b"\xff\xff\x3f", b"\xff\x7f"])
def test_a_count_alone_allocates_nothing(section: int, count: bytes) -> None:
    data = HEADER + bytes((section, len(count) + 1)) + count + b"\0"
    tracemalloc.start()
    try:
        with pytest.raises(InvalidModuleError):
            read_module(data)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
