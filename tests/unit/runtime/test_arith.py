# SPDX-License-Identifier: MIT
"""Operators on numbers against their definition in the manual (section 3.4)."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from munition.runtime import layout
from tests.support.guest import Guest, GuestError, same

edges = [0, 1, -1, 2, -2, 3, 63, 64, -64, 1 << 53, (1 << 53) + 1, (1 << 63) - 1, -(1 << 63), -(1 << 63) + 1]
integers = st.one_of(st.sampled_from(edges), st.integers(-(1 << 63), (1 << 63) - 1), st.integers(-9, 9))
floats = st.one_of(
    st.floats(),
    st.sampled_from([0.0, -0.0, 0.5, 2.0**53, 2.0**63, -(2.0**63), math.inf, -math.inf]),
    st.integers(-9, 9).map(float),
)
numbers = st.one_of(integers, floats)


@pytest.fixture(scope="module")
def guest() -> Guest:
    """One instance for all: numbers leave nothing behind."""
    return Guest()


def wrap(value: int) -> int:
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def arith(guest: Guest, op: str, a: Any, b: Any) -> Any:
    before = guest.sp
    words = guest.rooted(a, b)
    guest.pop_to(before)
    return guest.value(*guest.call("rt_arith", layout.ARITH.index(op), *words, 0))


def shift(a: int, by: int) -> int:
    word = a % (1 << 64)
    if abs(by) >= 64:
        return 0
    return wrap(word << by if by >= 0 else word >> -by)


INTEGER_MODEL: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: wrap(a + b),
    "sub": lambda a, b: wrap(a - b),
    "mul": lambda a, b: wrap(a * b),
    "band": lambda a, b: a & b,
    "bor": lambda a, b: a | b,
    "bxor": lambda a, b: a ^ b,
    "shl": shift,
    "shr": lambda a, b: shift(a, -b),
    "unm": lambda a, _: wrap(-a),
    "bnot": lambda a, _: ~a,
}


@given(st.sampled_from(sorted(INTEGER_MODEL)), integers, integers)
def test_integers_wrap_around(guest: Guest, op: str, a: int, b: int) -> None:
    assert same(arith(guest, op, a, b), INTEGER_MODEL[op](a, b))


@given(integers, integers)
def test_integer_division_rounds_down(guest: Guest, a: int, b: int) -> None:
    assume(b != 0)
    assert same(arith(guest, "idiv", a, b), wrap(a // b))
    assert same(arith(guest, "mod", a, b), wrap(a % b))


@pytest.mark.parametrize(
    ("op", "message"), [("idiv", "attempt to divide by zero"), ("mod", "attempt to perform 'n%0'")]
)
def test_integers_are_not_divided_by_zero(guest: Guest, op: str, message: str) -> None:
    with pytest.raises(GuestError, match=message):
        arith(guest, op, 1, 0)


@given(floats, floats)
def test_float_remainder_has_the_sign_of_the_divisor(guest: Guest, a: float, b: float) -> None:
    result = arith(guest, "mod", a, b)
    if math.isnan(a) or math.isnan(b) or math.isinf(a) or b == 0:
        assert math.isnan(result)
    elif math.isinf(b):
        assert result == (a if a == 0 or (a < 0) == (b < 0) else b)
    else:
        rest = math.fmod(a, b)
        expected = rest + b if rest != 0 and (rest < 0) != (b < 0) else rest
        assert same(result, expected)


@given(numbers, numbers)
def test_comparisons_are_exact(guest: Guest, a: Any, b: Any) -> None:
    words = (*guest.words(a), *guest.words(b))
    if any(isinstance(x, float) and math.isnan(x) for x in (a, b)):
        expected = (False, False, False)
    elif any(isinstance(x, float) and math.isinf(x) for x in (a, b)):
        expected = (a < b, a <= b, a == b)
    else:
        x, y = Fraction(a), Fraction(b)
        expected = (x < y, x <= y, x == y)
    found = (
        guest.call("rt_less", *words, 0),
        guest.call("rt_less_equal", *words, 0),
        guest.call("rt_equal", *words, 0),
    )
    assert tuple(map(bool, found)) == expected


@given(st.sampled_from(["band", "bor", "bxor", "shl"]), floats)
def test_bitwise_operators_take_integral_floats_only(guest: Guest, op: str, a: float) -> None:
    if math.isfinite(a) and a == int(a) and -(2.0**63) <= a < 2.0**63:
        assert same(arith(guest, op, a, 1), INTEGER_MODEL[op](int(a), 1))
    else:
        with pytest.raises(GuestError, match="number has no integer representation"):
            arith(guest, op, a, 1)


@pytest.mark.parametrize(
    ("op", "a", "b", "expected"),
    [
        ("add", b"10", 1, 11), ("mul", b"0x10", b"2", 32), ("add", b" 1.5 ", 1, 2.5), ("div", 1, 2, 0.5),
        ("pow", 2, 10, 1024.0), ("idiv", 7.5, 2, 3.0), ("idiv", 1, 0.0, math.inf), ("sub", b"1e1", 0, 10.0),
    ],
)  # fmt: skip
def test_conversions(guest: Guest, op: str, a: Any, b: Any, expected: Any) -> None:
    assert same(arith(guest, op, a, b), expected)


@pytest.mark.parametrize("a", [None, True])
def test_what_is_no_number_is_refused(guest: Guest, a: Any) -> None:
    with pytest.raises(GuestError, match="attempt to perform arithmetic on"):
        arith(guest, "add", a, 1)
    with pytest.raises(GuestError, match="attempt to perform bitwise operation on"):
        arith(guest, "bor", a, 1)


@pytest.mark.parametrize("text", [b"x", b"", b"0x", b"1e", b"1 2", b"111x"])
def test_text_that_is_no_numeral_is_refused(guest: Guest, text: bytes) -> None:
    with pytest.raises(GuestError, match="attempt to add a 'string' with a 'number'"):
        arith(guest, "add", text, 1)
    with pytest.raises(GuestError, match="attempt to perform bitwise operation on a string value"):
        arith(guest, "bor", text, 1)


def loop(guest: Guest, start: Any, limit: Any, step: Any) -> list[Any] | None:
    """The first values of a numeric for loop; None if it does not run."""
    before = guest.sp
    words = guest.rooted(start, limit, step)
    guest.pop_to(before)
    at = guest.sp + 64
    kind = guest.call("rt_for_prepare", *words, at, 0)
    if kind == 0:
        return None
    if kind == 1:
        first, by, more = struct.unpack("<qqQ", guest.read(at, 24))
        return [wrap(first + i * by) for i in range(min(more, 5) + 1)]
    value, by, last = struct.unpack("<ddd", guest.read(at, 24))
    found: list[Any] = []
    while len(found) < 6 and (value <= last if by > 0 else value >= last):
        found.append(value)
        value += by
    return found


@pytest.mark.parametrize(
    ("start", "limit", "step", "expected"),
    [
        (1, 3, 1, [1, 2, 3]), (3, 1, -1, [3, 2, 1]), (1, 0, 1, None), (1, 2.9, 1, [1, 2]), (1.0, 2, 0.5, [1.0, 1.5, 2.0]),
        ((1 << 63) - 2, math.inf, 1, [(1 << 63) - 2, (1 << 63) - 1]), (-(1 << 63), -math.inf, -1, [-(1 << 63)]),
        (1, math.nan, 1, None), (1, -math.inf, 1, None), (-1, math.inf, -1, None),
        (-(1 << 63), (1 << 63) - 1, 1 << 62, [-(1 << 63), -(1 << 62), 0, 1 << 62]), (b"1", b"2", 1, [1.0, 2.0]),
    ],
)  # fmt: skip
def test_numeric_for(guest: Guest, start: Any, limit: Any, step: Any, expected: list[Any] | None) -> None:
    found = loop(guest, start, limit, step)
    assert found == expected
    assert found is None or expected is None or all(map(same, found, expected))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1, 2, 0), "'for' step is zero"), ((1.0, 2, 0.0), "'for' step is zero"),
        ((None, 1, 1), r"bad 'for' initial value \(number expected, got nil\)"),
        ((1, b"x", 1), r"bad 'for' limit \(number expected, got string\)"),
        ((1, 2, True), r"bad 'for' step \(number expected, got boolean\)"),
    ],
)  # fmt: skip
def test_loops_that_cannot_be(guest: Guest, values: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(GuestError, match=message):
        loop(guest, *values)
