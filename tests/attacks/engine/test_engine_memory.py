# SPDX-License-Identifier: MIT
"""Attacks on memory: growing, declaring, recursing, lying about ranges."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from munition.engine.fire import fire
from munition.engine.limits import Limits

Wat = Callable[[str], bytes]
GROW = """(module (memory (export "memory") 1) (func (export "f") (result i32)
  (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)))"""


@pytest.mark.parametrize("pages", [1, 16, 1024, 1030])
def test_em_01_growing_stops_at_the_limit_and_the_run_goes_on(wat: Wat, pages: int) -> None:
    outcome = fire(wat(GROW), "f", memory_pages=pages)
    assert (outcome.kind, outcome.values, outcome.peak_memory) == ("ok", (pages,), pages * 65536)


def test_em_02_a_minimum_above_the_limit_is_refused_before_anything_runs(wat: Wat) -> None:
    module = wat('(module (memory 17) (func $s unreachable) (start $s) (func (export "f")))')
    outcome = fire(module, "f", memory_pages=16)
    assert (outcome.kind, outcome.reason, outcome.fuel_used) == ("limit", "memory", 0)
    assert "--memory" in (outcome.crash.help or "") if outcome.crash else False


def test_em_03_tables_grow_to_their_limit(wat: Wat) -> None:
    module = wat(
        '(module (table 1 funcref) (func (export "f") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))'
    )
    assert fire(module, "f", [50_000_000], fuel=1_000_000).values == (-1,)
    assert fire(module, "f", [99_999]).values == (1,)
    assert fire(module, "f", [100_000]).values == (-1,)
    assert fire(module, "f", [10], limits=Limits(table=10)).values == (-1,)
    assert fire(module, "f", [9], limits=Limits(table=10)).values == (1,)


def test_em_04_a_table_that_starts_too_large_is_refused(wat: Wat) -> None:
    outcome = fire(wat('(module (table 9000000 funcref) (func (export "f")))'), "f")
    assert (outcome.kind, outcome.reason) == ("limit", "table")
    huge = fire(wat('(module (table 400000000 funcref) (func (export "f")))'), "f")
    assert huge.kind in ("limit", "invalid")


def test_em_04_many_tables_are_bounded(wat: Wat) -> None:
    tables = "(table 1 funcref)" * 9
    outcome = fire(wat(f'(module {tables} (func (export "f")))'), "f")
    assert (outcome.kind, outcome.reason) == ("limit", "table")


def test_em_05_memories_of_64_bits_are_off() -> None:
    module = b"\0asm\1\0\0\0\5\x0a\1\4\x80\x80\x80\x80\x80\x80\x80\1"
    assert fire(module).kind == "invalid"


def test_em_06_shared_memory_and_waiting_are_off(wat: Wat) -> None:
    text = """(module (memory 1 1 shared) (func (export "f")
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 3000000000)))))"""
    assert fire(wat(text), "f", timeout=0.3).kind == "invalid"


def test_em_08_endless_recursion_is_the_guests_error(wat: Wat) -> None:
    outcome = fire(wat('(module (func $f (export "f") (call $f)))'), "f")
    assert (outcome.kind, outcome.reason, outcome.fuel_exact) == ("guest_error", "trap:stack_overflow", False)
    assert outcome.fuel_used > 0
    assert outcome.crash is not None
    assert len(outcome.crash.frames) == 20


def test_em_10_a_million_exports_are_refused_or_read() -> None:
    count = 200_000
    exports = b"".join(b"\6" + f"{i:06x}".encode() + b"\0\0" for i in range(count))
    section = _leb(count) + exports
    module = b"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\7" + _leb(len(section)) + section + b"\x0a\4\1\2\0\x0b"
    assert fire(module, "000005").kind in ("ok", "invalid", "limit")


def _leb(number: int) -> bytes:
    out = bytearray()
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


@pytest.mark.parametrize(
    ("address", "length"),
    [("-1", "1"), ("0", "0x80000000"), ("131071", "2"), ("0x80000000", "0"), ("-1", "-1")],
)
@pytest.mark.parametrize("function", ["log", "random"])
def test_em_11_pointers_are_unsigned_and_checked(
    guest: Callable[..., bytes], address: str, length: str, function: str
) -> None:
    imports = {
        "log": '(import "munition:log" "write" (func $h (param i32 i32 i32)))',
        "random": '(import "munition:random" "fill" (func $h (param i32 i32)))',
    }
    first = "(i32.const 1)" if function == "log" else ""
    body = f"(call $h {first} (i32.const {address}) (i32.const {length})) unreachable"
    outcome = fire(guest(run=body, imports=imports[function], caps=function), capabilities=[function])
    assert outcome.kind == "guest_error"
    assert outcome.reason in ("trap:memory_out_of_bounds", "trap:bad_argument")
    assert outcome.log == ()


def test_em_12_the_host_never_writes_past_a_buffer(guest: Callable[..., bytes]) -> None:
    body = "(call $h (i32.const 131070) (i32.const 3)) unreachable"
    imports = '(import "munition:random" "fill" (func $h (param i32 i32)))'
    outcome = fire(guest(run=body, imports=imports, caps="random"), capabilities=["random"])
    assert outcome.reason == "trap:memory_out_of_bounds"
    assert outcome.crash is not None
    assert (outcome.crash.memory or b"")[131070:] == b"\0\0"
