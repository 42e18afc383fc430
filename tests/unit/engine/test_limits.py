# SPDX-License-Identifier: MIT
from __future__ import annotations

import math
from typing import Any

import pytest

from munition.engine.limits import DEFAULT, MAX_FUEL, Limits, limits_of
from munition.errors import MunitionError, UsageError, UsageTypeError

WHOLE = ("fuel", "memory", "table", "output", "records", "result")


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [True, False, 1.5, 1e9, "5", None, b"1", [1], math.nan])
def test_whole_numbers_of_another_type_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(UsageTypeError, match=name):
        Limits(**{name: value})


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [-1, -(2**70), 2**64, 2**200])
def test_whole_numbers_out_of_range_are_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(UsageError, match=name):
        Limits(**{name: value})


@pytest.mark.parametrize("value", [0, -1, -0.5, math.nan, math.inf, -math.inf, 2**63, 10**400, 1_000_001])
def test_timeouts_out_of_range_are_refused_by_name(value: float) -> None:
    with pytest.raises(UsageError, match="timeout"):
        Limits(timeout=value)


@pytest.mark.parametrize("value", [True, "5", None, b"1", 1j])
def test_timeouts_of_another_type_are_refused_by_name(value: Any) -> None:
    with pytest.raises(UsageTypeError, match="timeout"):
        Limits(timeout=value)


def test_zero_fuel_and_less_than_a_page_are_refused() -> None:
    with pytest.raises(UsageError, match="fuel must be from 1"):
        Limits(fuel=0)
    with pytest.raises(UsageError, match="memory must be from 65536"):
        Limits(memory=65535)


def test_a_refusal_is_a_munition_error_and_a_built_in_one() -> None:
    for error in (UsageError, UsageTypeError):
        assert issubclass(error, MunitionError)
    assert issubclass(UsageError, ValueError)
    assert issubclass(UsageTypeError, TypeError)


def test_defaults_and_extremes() -> None:
    assert (DEFAULT.fuel, DEFAULT.memory, DEFAULT.timeout) == (30_000_000_000, 64 << 20, 10.0)
    assert Limits(fuel=MAX_FUEL).fuel == 2**63 - 1
    assert Limits(memory=1 << 32, timeout=1).timeout == 1


def test_single_values_replace_those_of_the_whole() -> None:
    base = Limits(fuel=5, timeout=2.0, output=7)
    assert limits_of(base, None, None, None, None) is base
    assert limits_of(None, None, None, None, None) is DEFAULT
    assert limits_of(base, 6, None, 2, None) == Limits(fuel=6, memory=131072, timeout=2.0, output=7)


@pytest.mark.parametrize("pages", [0, -1, 65537, True, 1.0])
def test_pages_are_checked_by_their_own_name(pages: Any) -> None:
    with pytest.raises((UsageError, UsageTypeError), match="memory_pages"):
        limits_of(None, None, None, pages, None)


def test_memory_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="give one of them"):
        limits_of(None, None, 65536, 1, None)
    with pytest.raises(UsageTypeError, match="limits must be Limits"):
        limits_of({"fuel": 1}, None, None, None, None)  # type: ignore[arg-type]
