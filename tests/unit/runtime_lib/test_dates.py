# SPDX-License-Identifier: MIT
"""os.time and os.date, against Python's calendar; UTC is the only time zone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import munition
from munition.module import Module

SOURCE = b"""
function text(format, seconds)
  local out = {}
  for i, s in ipairs(seconds) do out[i] = os.date(format, s) end
  return out
end
function parts(seconds)
  local out = {}
  for i, s in ipairs(seconds) do
    local t = os.date("!*t", s)
    out[i] = {t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst}
  end
  return out
end
function time(dates)
  local out = {}
  for i, d in ipairs(dates) do
    out[i] = os.time {year = d[1], month = d[2], day = d[3], hour = d[4], min = d[5], sec = d[6]}
  end
  return out
end
function normal(d)
  local t = {year = d[1], month = d[2], day = d[3], hour = d[4], min = d[5], sec = d[6]}
  local s = os.time(t)
  return {s, t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst}
end
function attempt(date)
  for k, v in pairs(date) do date[k] = v == "table" and {} or v end
  local ok, message = pcall(function() return os.time(date) end)
  return ok, message
end
function format(text, seconds) return pcall(function() return os.date(text, seconds) end) end
"""
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
EPOCH = dt.datetime(1970, 1, 1)

# Years of four digits: what Python's strftime does with others depends on the system.
moments = st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59)).map(
    lambda d: d.replace(microsecond=0)
)
SPECIFIERS = "aAbBcdDeFHIjmMpSTuUVwWxXyYGgChRr%nt"


@pytest.fixture(scope="session")
def module() -> Module:
    return munition.compile(SOURCE, "time", name="s")


def call(module: Module, name: str, *arguments: Any) -> Any:
    outcome = munition.fire(module, name, list(arguments), capabilities="time")
    assert outcome.ok, outcome.crash
    return outcome.values if len(outcome.values) != 1 else outcome.values[0]


def seconds_of(moment: dt.datetime) -> int:
    return round((moment - EPOCH).total_seconds())


@SLOW
@given(dates=st.lists(moments, min_size=1, max_size=30), specifier=st.sampled_from(SPECIFIERS))
@example(dates=[dt.datetime(y, 12, 31) for y in range(2000, 2030)], specifier="V")
@example(dates=[dt.datetime(y, 1, 1) for y in range(2000, 2030)], specifier="G")
@example(dates=[dt.datetime(2024, 2, 29), dt.datetime(1900, 2, 28), dt.datetime(2000, 2, 29)], specifier="j")
def test_formats_as_strftime(module: Module, dates: list[dt.datetime], specifier: str) -> None:
    wanted = [d.strftime(f"<%{specifier}>") for d in dates]
    assert call(module, "text", f"!<%{specifier}>", [seconds_of(d) for d in dates]) == wanted


@SLOW
@given(dates=st.lists(moments, min_size=1, max_size=30))
def test_parts_and_back(module: Module, dates: list[dt.datetime]) -> None:
    seconds = [seconds_of(d) for d in dates]
    fields = [[d.year, d.month, d.day, d.hour, d.minute, d.second] for d in dates]
    more = [[d.isoweekday() % 7 + 1, d.timetuple().tm_yday, False] for d in dates]
    assert call(module, "parts", seconds) == [a + b for a, b in zip(fields, more, strict=True)]
    assert call(module, "time", fields) == seconds


@SLOW
@given(
    base=moments.filter(lambda d: 1200 < d.year < 9700),
    offsets=st.tuples(*[st.integers(-2000, 2000)] * 4),
)
def test_fields_out_of_range_are_normalised(
    module: Module, base: dt.datetime, offsets: tuple[int, ...]
) -> None:
    days, hours, minutes, seconds = offsets
    wanted = base + dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    fields = [
        base.year,
        base.month,
        base.day + days,
        base.hour + hours,
        base.minute + minutes,
        base.second + seconds,
    ]
    assert call(module, "normal", fields) == [
        seconds_of(wanted), wanted.year, wanted.month, wanted.day, wanted.hour, wanted.minute, wanted.second,
        wanted.isoweekday() % 7 + 1, wanted.timetuple().tm_yday, False,
    ]  # fmt: skip


@SLOW
@given(year=st.integers(-5000, 9000), month=st.integers(-500, 500))
def test_months_out_of_range(module: Module, year: int, month: int) -> None:
    index = (year + 5000) * 12 + month - 1
    got = call(module, "normal", [year, month, 1, 0, 0, 0])
    assert got[1:4] == [index // 12 - 5000, index % 12 + 1, 1]


BAD_DATES: dict[str, tuple[dict[str, Any], str]] = {
    "no year": ({"month": 1, "day": 1}, "field 'year' missing in date table"),
    "no month": ({"year": 2024, "day": 1}, "field 'month' missing in date table"),
    "no day": ({"year": 2024, "month": 1}, "field 'day' missing in date table"),
    "a fraction": ({"year": 2024, "month": 1.5, "day": 1}, "field 'month' is not an integer"),
    "a word": ({"year": 2024, "month": "x", "day": 1}, "field 'month' is not an integer"),
    "a table": ({"year": 2024, "month": 1, "day": "table"}, "field 'day' is not an integer"),
    "a false hour": ({"year": 2024, "month": 1, "day": 1, "hour": False}, "field 'hour' is not an integer"),
    "a year too late": ({"year": 2147485548, "month": 1, "day": 1}, "field 'year' is out-of-bound"),
    "a year too early": ({"year": -2147481749, "month": 1, "day": 1}, "field 'year' is out-of-bound"),
    "days beyond 32 bits": ({"year": 2024, "month": 1, "day": 2147483648}, "field 'day' is out-of-bound"),
    "seconds beyond 64 bits": (
        {"year": 2024, "month": 1, "day": 1, "sec": 1e300},
        "field 'sec' is not an integer",
    ),
    "past the last year": (
        {"year": 2147485547, "month": 12, "day": 31, "hour": 2147483647},
        "time result cannot be represented in this installation",
    ),
    "a second before 1970": (
        {"year": 1969, "month": 12, "day": 31, "hour": 23, "min": 59, "sec": 59},
        "time result cannot be represented in this installation",
    ),
}


@pytest.mark.parametrize("case", BAD_DATES)
def test_refuses_dates(module: Module, case: str) -> None:
    fields, message = BAD_DATES[case]
    ok, got = call(module, "attempt", fields)
    assert not ok
    assert got.endswith(f": {message}")


BAD_FORMATS = {
    "%Q": "invalid conversion specifier '%Q'",
    "%": "invalid conversion specifier '%'",
    "%E": "invalid conversion specifier '%E'",
    "%Ez": "invalid conversion specifier '%Ez'",
    "%Oq": "invalid conversion specifier '%Oq'",
    "%k": "invalid conversion specifier '%k'",
    "%s": "invalid conversion specifier '%s'",
}


@pytest.mark.parametrize("text", BAD_FORMATS)
def test_refuses_formats(module: Module, text: str) -> None:
    ok, message = call(module, "format", text, 0)
    assert not ok
    assert message.endswith(f": bad argument #1 to 'date' ({BAD_FORMATS[text]})")


@pytest.mark.parametrize("seconds", [10**18, -(10**18), 2**63 - 1, -(2**63)])
def test_refuses_times_without_a_year(module: Module, seconds: int) -> None:
    ok, message = call(module, "format", "%Y", seconds)
    assert not ok
    assert message.endswith(": date result cannot be represented in this installation")


GOOD_FORMATS = {
    "!%c": "Thu Jan  1 00:00:00 1970",
    "%Z %z": "UTC +0000",
    "!%Z": "GMT",
    "!%Ec|%EC|%Ex|%EX|%Ey|%EY": "Thu Jan  1 00:00:00 1970|19|01/01/70|00:00:00|70|1970",
    "!%Od%Oe%OH%OI%Om%OM%OS%Ou%OU%OV%Ow%OW%Oy": "01 100120100004000140070",
    "": "",
    "!": "",
    "a\0b%Y": "a\0b1970",
    "*tx": "*tx",
}


@pytest.mark.parametrize("text", GOOD_FORMATS)
def test_formats(module: Module, text: str) -> None:
    assert call(module, "format", text, 0) == (True, GOOD_FORMATS[text])


def test_the_clock_and_the_time_come_from_the_host() -> None:
    source = b"local a, b = os.time(), os.time() return math.type(a), b >= a, math.type(os.clock()), os.time(nil) >= b, #os.date() > 10"
    outcome = munition.fire(munition.compile(source, "time"), capabilities="time")
    assert outcome.values == ("integer", True, "float", True, True)
