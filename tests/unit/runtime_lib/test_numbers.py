# SPDX-License-Identifier: MIT
"""Numbers to text and back, against Python's correctly rounded conversions."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import munition
from munition.module import Module

SOURCE = b"""
function read(texts)
  local out = {}
  for i, text in ipairs(texts) do
    local n = tonumber(text)
    out[i] = n == nil and "none" or math.type(n) .. " " .. string.format(math.type(n) == "float" and "%a" or "%d", n)
  end
  return out
end

function write(format, values)
  local out = {}
  for i, value in ipairs(values) do out[i] = string.format(format, value) end
  return out
end

function text(values)
  local out = {}
  for i, value in ipairs(values) do out[i] = tostring(value) end
  return out
end
"""
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="session")
def module() -> Module:
    return munition.compile(SOURCE)


def call(module: Module, name: str, *arguments: Any) -> list[str]:
    outcome = munition.fire(module, name, list(arguments))
    assert outcome.kind == "ok", outcome
    results: Any = outcome.values[0]
    return list(results)


def from_bits(bits: int) -> float:
    value: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return value


any_bits = st.integers(0, 2**64 - 1).map(from_bits).filter(math.isfinite)
short_decimals = st.builds(lambda n, d: n / 10**d, st.integers(-(10**9), 10**9), st.integers(0, 12))
near_powers = st.builds(
    lambda k, d: math.nextafter(float(f"1e{k}"), math.inf * d) if d else float(f"1e{k}"),
    st.integers(-323, 308),
    st.sampled_from([-1, 0, 1]),
)
halves = st.builds(lambda n, k: math.ldexp(2 * n + 1, k), st.integers(0, 2**20), st.integers(-40, 0))
doubles = st.one_of(
    any_bits, short_decimals, near_powers, halves, st.floats(allow_nan=False, allow_infinity=False)
)
many_doubles = st.lists(doubles, min_size=1, max_size=60)


def expected_tostring(value: float) -> str:
    text = f"{value:.14g}"
    return text + ".0" if text.lstrip("-").isdigit() else text


@SLOW
@given(values=many_doubles)
@example(
    values=[
        0.0,
        -0.0,
        1e14,
        1e15,
        1e16,
        123456789012345.0,
        99999999999999.9,
        2.0**53,
        0.1,
        1e-5,
        1e100,
        5e-324,
    ]
)
def test_tostring_shows_fourteen_digits(module: Module, values: list[float]) -> None:
    assert call(module, "text", values) == [expected_tostring(v) for v in values]


@SLOW
@given(values=many_doubles, conversion=st.sampled_from("eEfgG"), precision=st.integers(0, 99))
@example(values=[0.5, 1.5, 2.5, 0.125, 1e22, 1e23, 8.5, 1e300], conversion="f", precision=0)
@example(values=[5e-324, 1.7976931348623157e308], conversion="f", precision=99)
@example(values=[9.5, 99.5, 999.5, 0.00095, 9.9999999], conversion="e", precision=0)
def test_formats_as_correctly_rounded_decimals(
    module: Module, values: list[float], conversion: str, precision: int
) -> None:
    specification = f"%.{precision}{conversion}"
    assert call(module, "write", specification, values) == [specification % v for v in values]


@SLOW
@given(values=many_doubles, width=st.integers(0, 99), flags=st.sets(st.sampled_from("-+ 0")))
def test_pads(module: Module, values: list[float], width: int, flags: set[str]) -> None:
    specification = f"%{''.join(sorted(flags))}{width or ''}.3f"
    assert call(module, "write", specification, values) == [specification % v for v in values]


@SLOW
@given(values=many_doubles)
def test_hexadecimal_floats_are_exact(module: Module, values: list[float]) -> None:
    assert [float.fromhex(t) for t in call(module, "write", "%a", values)] == values
    assert [float.fromhex(t.split()[1]) for t in call(module, "read", [v.hex() for v in values])] == values


@SLOW
@given(
    values=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=60),
    conversion=st.sampled_from("dxXo"),
)
def test_formats_integers(module: Module, values: list[int], conversion: str) -> None:
    wanted = [f"%{conversion}" % (v if conversion == "d" else v % 2**64) for v in values]
    assert call(module, "write", f"%{conversion}", values) == wanted
    assert call(module, "text", values) == [str(v) for v in values]


def expected_read(text: str) -> str:
    """What Lua reads from a decimal numeral that is well formed."""
    if text.lstrip("+-").isdigit() and -(2**63) <= int(text) < 2**63:
        return f"integer {int(text)}"
    return f"float {float(text).hex()}"


def same_number(got: str, wanted: str) -> bool:
    kind, _, number = got.partition(" ")
    if kind != "float":
        return got == wanted
    value, expected = float.fromhex(number), float.fromhex(wanted.partition(" ")[2])
    return value == expected and math.copysign(1, value) == math.copysign(1, expected)


digits = st.text("0123456789", min_size=1, max_size=40)
exponents = st.one_of(
    st.just(""), st.integers(-400, 400).map("e{}".format), st.integers(-30, 30).map("E{:+}".format)
)
numerals = st.one_of(
    st.builds("{}{}{}".format, st.sampled_from(["", "-", "+"]), digits, exponents),
    st.builds("{}{}.{}{}".format, st.sampled_from(["", "-"]), digits, digits, exponents),
    doubles.map(repr),
    doubles.map("{:.17g}".format),
    doubles.map("{:.25e}".format),
)


@SLOW
@given(texts=st.lists(numerals, min_size=1, max_size=60))
@example(texts=["9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"])
@example(
    texts=[
        "2.2250738585072011e-308",
        "2.4703282292062328e-324",
        "2.47032822920623272e-324",
        "1e400",
        "-1e-400",
    ]
)
@example(texts=["9007199254740993", "9007199254740993.0", "9007199254740992.999", "0." + "0" * 400 + "1e390"])
@example(texts=["1" + "0" * 800, "1" + "0" * 800 + "e-800", "9007199254740993." + "0" * 900 + "1"])
def test_reads_decimals_correctly_rounded(module: Module, texts: list[str]) -> None:
    for text, got in zip(texts, call(module, "read", texts), strict=True):
        assert same_number(got, expected_read(text)), text


@SLOW
@given(
    value=doubles.filter(lambda v: 1e-300 < abs(v) < 1e300), nudge=st.sampled_from(["", "1", "0" * 30 + "1"])
)
def test_reads_ties_to_even(module: Module, value: float, nudge: str) -> None:
    """Exactly half-way between two doubles, and a hair above."""
    above = math.nextafter(abs(value), math.inf)
    low_n, low_d = abs(value).as_integer_ratio()
    high_n, high_d = above.as_integer_ratio()
    numerator, denominator = low_n * high_d + high_n * low_d, 2 * low_d * high_d
    power = denominator.bit_length() - 1
    text = f"{numerator * 5**power}e-{power}" if not nudge else f"{numerator * 5**power}.{nudge}e-{power}"
    assert same_number(call(module, "read", [text])[0], expected_read(text))


REFUSED = (
    "", " ", "-", "+", ".", "e5", "1e", "1e+", "0x", "0x.", "0x1p", "0x1p+", "1 2", "- 1", "--1", "+-1", "1..2", "1.2.3",
    "0x1.2.3", "1_000", "inf", "nan", "-inf", "infinity", "0xg", "1f", "1e5x", "0b1", "\x00", "1\x00", "1,5", "\xa01",
)  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_refuses_what_is_no_numeral(module: Module, text: str) -> None:
    assert call(module, "read", [text.encode("latin-1")]) == ["none"]


READ = {
    " \t\n\v\f\r10 \t\n\v\f\r": "integer 10",
    "0x10": "integer 16",
    "-0xF": "integer -15",
    "0xffffffffffffffff": "integer -1",
    "0x1" + "0" * 16: "integer 0",
    "0X.8": "float 0x1p-1",
    "0x.1p4": "float 0x1p+0",
    "0xA.8p1": "float 0x1.5p+4",
    "0x1p99999999999999999999": "float inf",
    "0x1p-99999999999999999999": "float 0x0p+0",
    "1e99999999999999999999": "float inf",
    "-1e99999999999999999999": "float -inf",
    "0e99999999999999999999": "float 0x0p+0",
    ".5": "float 0x1p-1",
    "5.": "float 0x1.4p+2",
    "-0": "integer 0",
    "-0.0": "float -0x0p+0",
    "0x1.fffffffffffff8p0": "float 0x1p+1",
    "0x1.00000000000008p0": "float 0x1p+0",
    "0x1.000000000000080000000000000001p0": "float 0x1.0000000000001p+0",
}


@pytest.mark.parametrize("text", READ)
def test_reads(module: Module, text: str) -> None:
    assert call(module, "read", [text]) == [READ[text]]
