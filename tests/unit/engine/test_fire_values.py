# SPDX-License-Identifier: MIT
from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import pytest

from munition.engine.fire import fire
from munition.errors import UsageError, UsageTypeError
from munition.host.log import Record, Text

Guest = Callable[..., bytes]


@pytest.mark.parametrize(
    "values",
    [
        (),
        (None,),
        (True, False),
        (0, -(2**63), 2**63 - 1),
        (0.0, -0.0, 1.5, math.inf, 5e-324),
        ("", "text", "\N{SNOWMAN}\0", b"\xff\xfe"),
        ([], [1, [2, [3]]]),
        ({"a": 1, "b": {"c": [True]}},),
        ({1: "x", 2.5: "y", "k": None},),
        ({True: 1, False: [2]},),
        ([{"k": [None]}, "tail"], 5),
    ],
)
def test_values_cross_and_come_back(guest: Guest, values: tuple[Any, ...]) -> None:
    outcome = fire(guest(), "echo", list(values))
    assert outcome.kind == "ok"
    assert outcome.values == values
    assert [type(v) for v in outcome.values] == [type(v) for v in values]


def test_run_without_a_function_gets_the_arguments_too(guest: Guest) -> None:
    assert fire(guest(), None, ["a", "b"]).values == ("a", "b")


def test_a_large_argument_fits_or_is_a_memory_limit(guest: Guest) -> None:
    assert fire(guest(), "echo", ["x" * 99_000]).values == ("x" * 99_000,)
    outcome = fire(guest(), "echo", ["x" * 200_000])
    assert (outcome.kind, outcome.reason) == ("limit", "memory")


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, {float("nan"): 1}, "\ud800"])
def test_values_that_cannot_be_are_refused(guest: Guest, value: Any) -> None:
    with pytest.raises(UsageError, match="argument 1"):
        fire(guest(), "echo", [value])


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j, {(1, 2): 3}, {None: 1}, [print]])
def test_things_that_are_no_values_are_refused(guest: Guest, value: Any) -> None:
    with pytest.raises(UsageTypeError, match="argument 1"):
        fire(guest(), "echo", [value])


def test_a_cycle_is_refused(guest: Guest) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(UsageError, match="nested deeper than 100"):
        fire(guest(), "echo", [cycle])


def answer(length: int) -> str:
    """A body that returns a block of that length at 4096."""
    return f"(i64.or (i64.const 4096) (i64.shl (i64.const {length}) (i64.const 32)))"


def data(content: bytes) -> str:
    escaped = "".join(f"\\{byte:02x}" for byte in content)
    return f'(data (i32.const 4096) "{escaped}")'


def status(guest: Guest, content: bytes, **limits: Any) -> Any:
    return fire(guest(run=answer(len(content)), more=data(content)), **limits)


def text(string: bytes) -> bytes:
    return len(string).to_bytes(4, "little") + string


def error_block(code: int, value: bytes = b"\0", line: int = 0, lost: bytes = b"") -> bytes:
    return (
        bytes([code])
        + value
        + text(b"x.lua:3: boom")
        + text(b"stack traceback:\n\t...")
        + text(lost)
        + line.to_bytes(4, "little")
    )


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (1, "guest_error", "error"),
        (3, "limit", "memory"),
        (4, "guest_error", "stack overflow"),
        (5, "guest_error", "result"),
        (6, "limit", "memory"),
    ],
)
def test_errors_of_the_guest_carry_everything_it_says(
    guest: Guest, code: int, kind: str, reason: str
) -> None:
    outcome = status(guest, error_block(code, b"\x05" + text(b"boom"), 3))
    assert (outcome.kind, outcome.reason, outcome.message) == (kind, reason, "x.lua:3: boom")
    error = outcome.crash.error
    assert (error.value, error.line, error.lost) == ("boom", 3, "")
    assert error.traceback.startswith("stack traceback")
    assert outcome.fuel_exact


def test_an_error_value_that_cannot_cross_says_why(guest: Guest) -> None:
    error = status(guest, error_block(1, lost=b"a function")).crash.error
    assert (error.value, error.line, error.lost) == (None, None, "a function")


@pytest.mark.parametrize(
    ("code", "kind", "reason"), [(0, "ok", ""), (3, "guest_error", "exit:3"), (-1, "guest_error", "exit:-1")]
)
def test_exit_codes(guest: Guest, code: int, kind: str, reason: str) -> None:
    outcome = status(guest, b"\2" + code.to_bytes(4, "little", signed=True))
    assert (outcome.kind, outcome.reason, outcome.values) == (kind, reason, ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\7",
        b"\xff",
        b"\0",
        b"\0\1\0\0\0",
        b"\0\xff\xff\xff\xff",
        b"\0\1\0\0\0\x09",
        b"\0\1\0\0\0\3\1",
        b"\0\1\0\0\0\5\xff\xff\xff\xff",
        b"\0\1\0\0\0\6\xff\xff\xff\x7f",
        b"\0\1\0\0\0\7\1\0\0\0",
        b"\0\0\0\0\0left over",
        b"\0\1\0\0\0" + b"\6\1\0\0\0" * 101 + b"\0",
        b"\0\1\0\0\0\x08\2\0\0\0\3\1\0\0\0\0\0\0\0\0\2\0",
        b"\0\1\0\0\0\x08\1\0\0\0\0\0",
        b"\2\0\0",
        b"\1",
        b"\1\0\xff\xff\xff\xff",
        error_block(1)[:-1],
        error_block(1) + b"x",
    ],
)
def test_nonsense_from_a_guest_is_its_error_and_nothing_worse(guest: Guest, content: bytes) -> None:
    outcome = status(guest, content)
    assert (outcome.kind, outcome.reason) == ("guest_error", "result")


@pytest.mark.parametrize(("address", "length"), [(131072, 1), (131071, 2), (2**32 - 1, 1), (0, 131073)])
def test_a_result_outside_the_memory_is_the_guests_error(guest: Guest, address: int, length: int) -> None:
    body = f"(i64.or (i64.const {address}) (i64.shl (i64.const {length}) (i64.const 32)))"
    outcome = fire(guest(run=body))
    assert (outcome.kind, outcome.reason) == ("guest_error", "result")


def test_a_result_over_the_limit_is_not_copied(guest: Guest) -> None:
    body = f"(i64.or (i64.const 0) (i64.shl (i64.const {2**32 - 1}) (i64.const 32)))"
    outcome = fire(guest(run=body))
    assert (outcome.kind, outcome.reason) == ("limit", "result")


@pytest.mark.parametrize("missing", ["munition:input", "munition:run", "echo"])
def test_a_manifest_that_promises_too_much_makes_the_module_invalid(
    guest: Guest, missing: str, wat: Callable[[str], bytes]
) -> None:
    module = guest().replace(missing.encode(), missing.encode()[:-1] + b"X", 1)
    outcome = fire(module, "echo" if missing == "echo" else None)
    assert outcome.kind == "invalid"


def test_functions_are_found_by_the_manifest(guest: Guest) -> None:
    with pytest.raises(UsageError, match="did you mean 'echo'"):
        fire(guest(), "ecko")
    with pytest.raises(UsageError, match="no function 'munition:run'"):
        fire(guest(), "munition:run")


LOG = '(import "munition:log" "write" (func $write (param i32 i32 i32)))'
TIME = '(import "munition:time" "monotonic" (func $now (result i64)))'


def test_a_grant_is_needed_for_what_was_declared(guest: Guest) -> None:
    module = guest(imports=LOG, caps="log")
    assert fire(module, capabilities=["log", "time"]).kind == "ok"
    denied = fire(module, capabilities=["time"])
    assert (denied.kind, denied.reason, denied.exit_code) == ("denied", "log", 3)
    assert "munition:log.write" in denied.message
    assert "--caps log" in denied.message
    assert (denied.fired.declared, denied.fired.required, denied.fired.granted) == (
        ("log",),
        ("log",),
        ("time",),
    )


def test_imports_beyond_the_manifest_are_refused_whatever_is_granted(guest: Guest) -> None:
    outcome = fire(guest(imports=LOG, caps="time"), capabilities=["log", "time"])
    assert (outcome.kind, outcome.reason) == ("invalid", "manifest")
    assert "munition:log.write" in outcome.message


def test_text_comes_in_order_with_its_stream(guest: Guest) -> None:
    body = """(call $write (i32.const 1) (i32.const 4096) (i32.const 3))
      (call $write (i32.const 1) (i32.const 4099) (i32.const 3))
      (call $write (i32.const 2) (i32.const 4096) (i32.const 6))
      (call $write (i32.const 1) (i32.const 4096) (i32.const 0))
      (call $echo (local.get 0) (local.get 1))"""
    module = guest(run=body, more=data(b"abcdef"), imports=LOG, caps="log")
    outcome = fire(module, capabilities=["log"])
    assert outcome.log == (Text(1, b"abcdef"), Text(2, b"abcdef"), Text(1, b""))
    assert (outcome.text(), outcome.text(2)) == (b"abcdef", b"abcdef")


def test_text_can_be_taken_as_it_comes(guest: Guest) -> None:
    body = "(call $write (i32.const 1) (i32.const 4096) (i32.const 3)) unreachable"
    module = guest(run=body, more=data(b"abc"), imports=LOG, caps="log")
    taken: list[tuple[int, bytes]] = []
    outcome = fire(module, capabilities=["log"], output=lambda stream, chunk: taken.append((stream, chunk)))
    assert taken == [(1, b"abc")]
    assert (outcome.log, outcome.reason) == ((), "trap:unreachable")


def test_what_was_logged_before_a_crash_is_kept(guest: Guest) -> None:
    body = "(call $write (i32.const 1) (i32.const 4096) (i32.const 3)) unreachable"
    outcome = fire(guest(run=body, more=data(b"abc"), imports=LOG, caps="log"), capabilities=["log"])
    assert (outcome.kind, outcome.text()) == ("guest_error", b"abc")


@pytest.mark.parametrize(
    ("address", "length"), [("-1", "1"), ("131072", "1"), ("0", "0x80000000"), ("1", "131072")]
)
def test_ranges_outside_the_memory_are_the_guests_error(guest: Guest, address: str, length: str) -> None:
    body = f"(call $write (i32.const 1) (i32.const {address}) (i32.const {length})) (i64.const 0)"
    outcome = fire(guest(run=body, imports=LOG, caps="log"), capabilities=["log"])
    assert (outcome.kind, outcome.reason) == ("guest_error", "trap:memory_out_of_bounds")
    assert outcome.log == ()


def test_a_stream_that_does_not_exist_is_the_guests_error(guest: Guest) -> None:
    body = "(call $write (i32.const 3) (i32.const 0) (i32.const 1)) (i64.const 0)"
    outcome = fire(guest(run=body, imports=LOG, caps="log"), capabilities=["log"])
    assert (outcome.kind, outcome.reason) == ("guest_error", "trap:bad_argument")


def test_host_calls_cost_what_the_catalogue_says(guest: Guest) -> None:
    def used(length: int) -> int:
        body = f"(call $write (i32.const 1) (i32.const 0) (i32.const {length})) (call $echo (i32.const 0) (i32.const 0))"
        return fire(guest(run=body, imports=LOG, caps="log"), capabilities=["log"]).fuel_used

    assert used(1000) - used(0) == 1000
    assert used(0) > 200


def test_a_host_function_is_refused_without_fuel_for_it(guest: Guest) -> None:
    body = "(call $write (i32.const 1) (i32.const 0) (i32.const 5000)) (i64.const 0)"
    outcome = fire(guest(run=body, imports=LOG, caps="log"), capabilities=["log"], fuel=3000)
    assert (outcome.kind, outcome.fuel_used, outcome.log) == ("fuel", 3000, ())


def test_host_functions_work_on_other_threads_and_while_starting(guest: Guest) -> None:
    body = (
        "(call $write (i32.const 1) (i32.const 4096) (i32.const 2)) (call $echo (i32.const 0) (i32.const 0))"
    )
    start = "(func $s (call $write (i32.const 1) (i32.const 4096) (i32.const 1))) (start $s)"
    module = guest(run=body, more=data(b"ab") + start, imports=LOG, caps="log")
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(fire(module, capabilities=["log"]).text()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"aab"] * 8


RECORD = '(import "munition:log" "record" (func $record (param i32 i32 i32 i32 i32)))'


def test_records_keep_message_and_fields_apart(guest: Guest) -> None:
    fields = (
        b"\7\2\0\0\0"
        + text(b"level")
        + b"\5"
        + text(b"forged")
        + text(b"n")
        + b"\3"
        + (5).to_bytes(8, "little")
    )
    message = b'line\n{"level": "error"}'
    body = f"""(call $record (i32.const 30) (i32.const 4096) (i32.const {len(message)})
      (i32.const {4096 + len(message)}) (i32.const {len(fields)}))
      (call $record (i32.const 10) (i32.const 4096) (i32.const 4) (i32.const 0) (i32.const 0))
      (call $echo (i32.const 0) (i32.const 0))"""
    module = guest(run=body, more=data(message + fields), imports=RECORD, caps="log")
    assert fire(module, capabilities=["log"]).log == (
        Record("warning", 'line\n{"level": "error"}', {"level": "forged", "n": 5}, 0),
        Record("debug", "line", {}, 1),
    )


def test_the_seed_decides_what_random_gives(guest: Guest) -> None:
    imports = '(import "munition:random" "fill" (func $fill (param i32 i32)))'
    body = """(call $fill (i32.const 4106) (i32.const 8))
      (i64.or (i64.const 4096) (i64.shl (i64.const 18) (i64.const 32)))"""
    more = data(b"\0\1\0\0\0\5\x08\0\0\0")
    module = guest(run=body, more=more, imports=imports, caps="random")

    def draw(seed: int | bytes | None) -> Any:
        return fire(module, capabilities=["random"], seed=seed).values

    assert draw(1) == draw(1) != draw(2)
    assert draw(b"1") == draw(b"1") != draw(1)
    assert draw(None) != draw(None)
    assert draw(-1) != draw(1)


def test_deadlines_hold_when_host_functions_are_called_in_a_loop(guest: Guest) -> None:
    module = guest(run="(loop (drop (call $now)) (br 0)) unreachable", imports=TIME, caps="time")
    outcome = fire(module, capabilities=["time"], timeout=1, fuel=2**62)
    assert (outcome.kind, outcome.reason) == ("timeout", "run")


def test_memory_grows_to_its_limit_and_no_further(guest: Guest) -> None:
    grow = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (call $echo (i32.const 0) (i32.const 0))"
    for pages in (4, 1024, 1500):
        outcome = fire(guest(run=grow), memory_pages=pages)
        assert (outcome.kind, outcome.peak_memory) == ("ok", pages * 65536)


def test_deep_recursion_has_the_larger_stack_of_our_own_code(guest: Guest) -> None:
    more = """(func $deep (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))))"""
    body = "(drop (call $deep (i32.const 200000))) (call $echo (i32.const 0) (i32.const 0))"
    assert fire(guest(run=body, more=more)).kind == "ok"
    endless = fire(guest(run=body.replace("200000", "-1"), more=more))
    assert (endless.kind, endless.reason) == ("guest_error", "trap:stack_overflow")
