# SPDX-License-Identifier: MIT
"""Attacks through the granted host functions: floods, forgeries, clocks."""

from __future__ import annotations

import json
from collections.abc import Callable

import munition
from munition.engine.fire import fire
from munition.engine.limits import Limits
from munition.host.log import Record

Guest = Callable[..., bytes]
WRITE = '(import "munition:log" "write" (func $write (param i32 i32 i32)))'
RECORD = '(import "munition:log" "record" (func $record (param i32 i32 i32 i32 i32)))'
FILL = '(import "munition:random" "fill" (func $fill (param i32 i32)))'
NOW = '(import "munition:time" "{}" (func $now (result i64)))'


def test_et_12_pcall_swallows_neither_fuel_nor_time() -> None:
    module = munition.compile("while true do pcall(function() while true do end end) end")
    assert fire(module, fuel=1_000_000).kind == "fuel"
    assert fire(module, timeout=0.2, fuel=2**62).kind == "timeout"


def test_lg_01_a_flood_of_text_ends_at_the_cap_and_costs_fuel(guest: Guest) -> None:
    body = "(loop (call $write (i32.const 1) (i32.const 0) (i32.const 65536)) (br 0)) unreachable"
    module = guest(run=body, imports=WRITE, caps="log")
    outcome = fire(module, capabilities=["log"])
    assert (outcome.kind, outcome.reason, len(outcome.text())) == ("limit", "output", 16 << 20)
    assert outcome.fuel_used >= 16 << 20
    small = fire(module, capabilities=["log"], limits=Limits(output=100))
    assert (small.reason, len(small.text())) == ("output", 100)
    poor = fire(module, capabilities=["log"], fuel=1_000_000)
    assert (poor.kind, len(poor.text())) == ("fuel", 65536 * 15)


def test_lg_01_a_flood_of_empty_records_ends_at_the_cap(guest: Guest) -> None:
    body = "(loop (call $record (i32.const 20) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (br 0)) unreachable"
    outcome = fire(
        guest(run=body, imports=RECORD, caps="log"), capabilities=["log"], limits=Limits(records=500)
    )
    assert (outcome.kind, outcome.reason, len(outcome.log)) == ("limit", "output", 500)


def test_lg_01_a_flood_of_empty_text_is_bounded_by_fuel(guest: Guest) -> None:
    body = "(loop (call $write (i32.const 1) (i32.const 0) (i32.const 0)) (br 0)) unreachable"
    outcome = fire(guest(run=body, imports=WRITE, caps="log"), capabilities=["log"], fuel=1_000_000)
    assert (outcome.kind, outcome.log[0].data) == ("fuel", b"")  # type: ignore[union-attr]


def test_lg_02_a_huge_message_is_cut_with_a_mark(guest: Guest) -> None:
    body = """(call $record (i32.const 20) (i32.const 0) (i32.const 131072) (i32.const 0) (i32.const 0))
      (call $echo (i32.const 0) (i32.const 0))"""
    (entry,) = fire(guest(run=body, imports=RECORD, caps="log"), capabilities=["log"]).log
    assert isinstance(entry, Record)
    assert (len(entry.message), entry.message[-6:]) == (65536 + 6, " [cut]")


def test_lg_03_04_nothing_in_a_record_can_be_taken_for_the_hosts_words(guest: Guest) -> None:
    message = b'x\n{"level":"error","sequence":9}\r\n'
    fields = b"\7\1\0\0\0\x08\0\0\0sequence\3" + (9).to_bytes(8, "little")
    content = "".join(f"\\{byte:02x}" for byte in message + fields)
    body = f"""(call $record (i32.const 20) (i32.const 4096) (i32.const {len(message)})
      (i32.const {4096 + len(message)}) (i32.const {len(fields)})) (call $echo (i32.const 0) (i32.const 0))"""
    module = guest(run=body, more=f'(data (i32.const 4096) "{content}")', imports=RECORD, caps="log")
    (entry,) = fire(module, capabilities=["log"]).log
    assert isinstance(entry, Record)
    assert (entry.level, entry.sequence, entry.fields) == ("info", 0, {"sequence": 9})
    assert "\n" not in json.dumps(entry.message)


def test_lg_05_huge_and_endless_requests_for_random_bytes(guest: Guest) -> None:
    huge = guest(run="(call $fill (i32.const 0) (i32.const -1)) unreachable", imports=FILL, caps="random")
    assert fire(huge, capabilities=["random"]).reason == "trap:bad_argument"
    tiny = guest(
        run="(loop (call $fill (i32.const 0) (i32.const 1)) (br 0)) unreachable", imports=FILL, caps="random"
    )
    assert fire(tiny, capabilities=["random"], fuel=500_000).kind == "fuel"


def test_lg_06_clocks_are_coarse_and_absent_without_the_grant(guest: Guest) -> None:
    body = """(i64.store (i32.const 4102) (call $now))
      (i64.or (i64.const 4096) (i64.shl (i64.const 14) (i64.const 32)))"""
    for clock in ("wall", "monotonic"):
        more = '(data (i32.const 4096) "\\00\\01\\00\\00\\00\\03")'
        module = guest(run=body, more=more, imports=NOW.format(clock), caps="time")
        (nanoseconds,) = fire(module, capabilities=["time"]).values
        assert isinstance(nanoseconds, int)
        assert nanoseconds % 1_000_000 == 0
        assert fire(module, capabilities=["log", "random"]).kind == "denied"
