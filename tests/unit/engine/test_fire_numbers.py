# SPDX-License-Identifier: MIT
from __future__ import annotations

import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from munition.engine.fire import fire
from munition.engine.outcome import Draft, Outcome
from munition.errors import UsageError, UsageTypeError

IDENTITY = """(module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "swap") (param i32 i64 f64) (result f64 i64 i32) (local.get 2) (local.get 1) (local.get 0))
  (func (export "none"))
  (func (export "loud\\1b[31m")))"""


@pytest.fixture(scope="module")
def identity(wat: Callable[[str], bytes]) -> bytes:
    return wat(IDENTITY)


@pytest.mark.parametrize(
    ("name", "given", "got"),
    [
        ("i32", 0, 0),
        ("i32", -(2**31), -(2**31)),
        ("i32", 2**31 - 1, 2**31 - 1),
        ("i32", 2**31, -(2**31)),
        ("i32", 2**32 - 1, -1),
        ("i64", -(2**63), -(2**63)),
        ("i64", 2**63 - 1, 2**63 - 1),
        ("i64", 2**64 - 1, -1),
        ("f32", 1.5, 1.5),
        ("f32", math.inf, math.inf),
        ("f32", 2**-149, 2**-149),
        ("f64", 5e-324, 5e-324),
        ("f64", 7, 7.0),
        ("f64", 2**53, 2.0**53),
        ("f64", -math.inf, -math.inf),
    ],
)
def test_numbers_cross_both_ways(identity: bytes, name: str, given: float, got: float) -> None:
    outcome = fire(identity, name, [given])
    assert outcome.kind == "ok"
    assert outcome.values == (got,)
    assert type(outcome.values[0]) is type(got)


@pytest.mark.parametrize("bits", [0x7FF8000000000123, 0xFFF8000000000001, 0x8000000000000000, 1])
def test_floats_cross_bit_for_bit(identity: bytes, bits: int) -> None:
    (number,) = struct.unpack("<d", struct.pack("<Q", bits))
    (back,) = fire(identity, "f64", [number]).values
    assert struct.pack("<d", back) == struct.pack("<Q", bits)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("i32", 2**32),
        ("i32", -(2**31) - 1),
        ("i32", 2**40),
        ("i64", 2**64),
        ("i64", -(2**63) - 1),
        ("f32", 1e39),
        ("f64", 2**53 + 1),
        ("f64", 10**400),
    ],
)
def test_numbers_that_do_not_fit_are_refused(identity: bytes, name: str, given: Any) -> None:
    with pytest.raises(UsageError, match="argument 1"):
        fire(identity, name, [given])


@pytest.mark.parametrize("name", ["i32", "i64", "f32", "f64"])
@pytest.mark.parametrize("given", [True, False, None, "1", b"1", [1], 1j])
def test_what_is_no_number_is_refused(identity: bytes, name: str, given: Any) -> None:
    with pytest.raises(UsageTypeError, match="argument 1"):
        fire(identity, name, [given])


def test_a_float_is_no_integer(identity: bytes) -> None:
    with pytest.raises(UsageTypeError, match="i32"):
        fire(identity, "i32", [1.0])


@pytest.mark.parametrize("arguments", [[], [1, 2], [1, 2, 3]])
def test_the_number_of_arguments_is_checked(identity: bytes, arguments: list[int]) -> None:
    with pytest.raises(UsageTypeError, match="takes 1 arguments"):
        fire(identity, "i32", arguments)


def test_several_values_come_back_in_order(identity: bytes) -> None:
    assert fire(identity, "swap", [1, 2, 3.5]).values == (3.5, 2, 1)
    assert fire(identity, "none").values == ()


def test_a_refused_call_leaves_the_next_one_whole(identity: bytes) -> None:
    for _ in range(3):
        assert fire(identity, "i32", [7]).values == (7,)
        with pytest.raises(UsageError):
            fire(identity, "i32", [2**40])
        with pytest.raises(UsageTypeError):
            fire(identity, "i32", [True])


def test_an_unknown_function_is_answered_with_the_nearest(identity: bytes) -> None:
    with pytest.raises(UsageError, match="did you mean 'swap'"):
        fire(identity, "swop")
    with pytest.raises(UsageError, match=r"has no function 'zzz'; it has .*f32, f64") as caught:
        fire(identity, "zzz")
    assert "\x1b" not in str(caught.value)


def test_without_a_function_only_the_start_function_runs(wat: Callable[[str], bytes]) -> None:
    text = '(module (memory (export "m") 1) (func $s (drop (memory.grow (i32.const 1)))) (start $s))'
    outcome = fire(wat(text))
    assert (outcome.kind, outcome.values, outcome.peak_memory) == ("ok", (), 131072)


def test_start_of_a_command_is_called(wat: Callable[[str], bytes]) -> None:
    assert fire(wat('(module (func (export "_start") unreachable))')).reason == "trap:unreachable"


def test_every_fire_gets_a_fresh_instance(wat: Callable[[str], bytes]) -> None:
    text = """(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $g (i32.add (global.get $g) (i32.const 1)))
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 10)))
        (i32.add (global.get $g) (i32.load (i32.const 8)))))"""
    module = wat(text)
    assert [fire(module, "next").values for _ in range(5)] == [(11,)] * 5


def test_fuel_is_exact_and_the_same_each_time(wat: Callable[[str], bytes]) -> None:
    text = '(module (func (export "f") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))'
    module = wat(text)
    used = {fire(module, "f", [1000]).fuel_used for _ in range(3)}
    assert len(used) == 1
    (amount,) = used
    assert fire(module, "f", [1000], fuel=amount + 1).kind == "ok"
    short = fire(module, "f", [1000], fuel=amount // 2)
    assert (short.kind, short.fuel_used, short.fuel_exact) == ("fuel", amount // 2, True)
    assert "--fuel" in (short.crash.help or "") if short.crash else False


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("unreachable", "trap:unreachable"),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "trap:integer_division_by_zero"),
        ("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", "trap:integer_overflow"),
        ("(drop (i32.load (i32.const -1)))", "trap:memory_out_of_bounds"),
        ("(drop (i32.trunc_f64_s (f64.const nan)))", "trap:bad_conversion_to_integer"),
        ("(call_indirect (i32.const 9))", "trap:table_out_of_bounds"),
        ("(call_indirect (i32.const 1))", "trap:indirect_call_to_null"),
        ("(call_indirect (param i32) (i32.const 1) (i32.const 0))", "trap:bad_signature"),
        ("(call $f)", "trap:stack_overflow"),
    ],
)
def test_traps_are_guest_errors(wat: Callable[[str], bytes], body: str, reason: str) -> None:
    text = f'(module (memory (export "memory") 1) (table 2 funcref) (elem (i32.const 0) $f) (func $f (export "f") {body}))'
    outcome = fire(wat(text), "f")
    assert (outcome.kind, outcome.reason, outcome.exit_code) == ("guest_error", reason, 1)
    assert outcome.crash is not None
    assert outcome.crash.frames[0].function == 0
    assert outcome.crash.frames[0].name == "f"
    assert len(outcome.crash.memory or b"") == 65536
    assert fire(wat(text), "f").reason == reason


def test_memory_is_kept_as_it_was(wat: Callable[[str], bytes]) -> None:
    text = (
        '(module (memory (export "m") 1) (data (i32.const 5) "left behind") (func (export "f") unreachable))'
    )
    crash = fire(wat(text), "f").crash
    assert crash is not None
    assert (crash.memory or b"")[5:16] == b"left behind"


def test_names_the_guest_chose_are_escaped(wat: Callable[[str], bytes]) -> None:
    crash = fire(wat('(module (func $"evil\\1b[31m\\n" (export "f") unreachable))'), "f").crash
    assert crash is not None
    assert crash.frames[0].name == "evil\\x1b[31m"


def test_modules_come_as_bytes_paths_and_objects(identity: bytes, tmp_path: Path) -> None:
    class Carrier:
        wasm = identity

    path = tmp_path / "x.wasm"
    path.write_bytes(identity)
    for module in (identity, bytearray(identity), path, str(path), Carrier()):
        assert fire(module, "i32", [3]).values == (3,)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", [None, 5, ["x"], object()])
def test_anything_else_is_a_type_error(module: Any) -> None:
    with pytest.raises(UsageTypeError, match="a module must be"):
        fire(module)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fire(tmp_path / "missing.wasm")


@pytest.mark.parametrize("args", ["ab", b"ab", {"a": 1}, 5, None])
def test_arguments_must_be_a_list(identity: bytes, args: Any) -> None:
    with pytest.raises(UsageTypeError, match="args must be"):
        fire(identity, "i32", args)


@pytest.mark.parametrize(
    "keywords",
    [
        {"fuel": True},
        {"fuel": 1.0},
        {"timeout": "1"},
        {"memory_pages": 1.0},
        {"capabilities": 5},
        {"capabilities": [5]},
        {"capabilities": [["log"]]},
        {"seed": True},
        {"seed": 1.5},
        {"limits": 5},
    ],
)
def test_settings_of_another_type_are_refused_even_after_equal_ones_passed(
    identity: bytes, keywords: dict[str, Any]
) -> None:
    fire(identity, "none", fuel=1)
    fire(identity, "none", memory_pages=1, seed=1)
    with pytest.raises(UsageTypeError):
        fire(identity, "none", **keywords)


@pytest.mark.parametrize("function", [5, b"i32", ["i32"]])
def test_the_function_must_be_a_string(identity: bytes, function: Any) -> None:
    with pytest.raises((UsageTypeError, UsageError)):
        fire(identity, function, [1])


def test_an_unknown_capability_is_refused_with_a_hint(identity: bytes) -> None:
    with pytest.raises(UsageError, match="did you mean 'time'"):
        fire(identity, "none", capabilities=["tme"])


def test_an_outcome_is_frozen_and_whole(identity: bytes) -> None:
    outcome = fire(identity, "i32", [3], capabilities=["time"])
    with pytest.raises(AttributeError):
        outcome.kind = "fuel"  # type: ignore[misc]
    assert outcome.fired.granted == ("time",)
    assert (outcome.fired.declared, outcome.fired.required) == (None, ())
    assert len(outcome.fired.sha256) == 64
    assert outcome.elapsed > 0
    assert (outcome.ok, outcome.exit_code, outcome.reason, outcome.message, outcome.log) == (
        True,
        0,
        "",
        "",
        (),
    )


def test_a_draft_has_the_layout_of_an_outcome() -> None:
    assert Draft.__slots__ == Outcome.__slots__
    assert [f.name for f in Draft.__dataclass_fields__.values()] == list(Outcome.__dataclass_fields__)
