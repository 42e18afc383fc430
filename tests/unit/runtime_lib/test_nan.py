# SPDX-License-Identifier: MIT
"""A NaN looks the same however it came about: the processor's own sign and payload must not show."""

from __future__ import annotations

import math
import struct

import pytest

import munition

MAKERS = (
    "0 / zero", "-(0 / zero)", "zero / 0", "huge - huge", "-huge + huge", "huge * zero", "huge % huge", "math.fmod(huge, 2.0)",
    "(-8.0) ^ (1 / 3)", "math.sqrt(-1)", "math.log(-1)", "math.acos(2)", "math.sin(huge)", "math.abs(0 / zero)", "-math.abs(0 / zero)",
    "huge // huge", "math.max(0 / zero, 1)", r"(string.unpack('<d', '\1\0\0\0\0\0\xf8\xff'))",
    r"(string.unpack('<d', '\1\2\3\4\5\6\xf4\x7f'))", r"(string.unpack('<f', '\1\0\xc0\xff'))",
)  # fmt: skip

PROGRAM = """
local zero, huge = tonumber("0"), math.huge
local t = { 1, 2, x = 3 }
for i = 1, 40 do
  t[i + 0.25] = i
end
local nan = MAKER
assert(nan ~= nan, "not a NaN")
return nan, tostring(nan), string.format("%5.1f|%g|%a|%G|%+f|%q", nan, nan, nan, nan, nan, nan), nan .. "",
  string.pack("<d", nan), string.pack(">f", nan), t[nan] == nil, rawget(t, nan) == nil, pcall(next, t, nan)
"""


@pytest.mark.parametrize("maker", MAKERS)
def test_a_nan_has_no_sign_and_no_payload(maker: str) -> None:
    outcome = munition.fire(munition.compile(PROGRAM.replace("MAKER", maker), name="nan.lua"))
    assert outcome.kind == "ok", outcome
    value, *seen = outcome.values
    assert isinstance(value, float)
    assert math.isnan(value)
    assert struct.pack("<d", value) == b"\0\0\0\0\0\0\xf8\x7f"
    assert seen[:3] == ["nan", "  nan|nan|nan|NAN|+nan|(0/0)", "nan"]
    assert seen[3:5] == [b"\0\0\0\0\0\0\xf8\x7f", b"\x7f\xc0\0\0"]
    assert seen[5:8] == [True, True, False]


def test_what_a_nan_costs_does_not_depend_on_its_bits() -> None:
    """Looking for it in a table ends before its bits are asked."""
    used = {
        munition.fire(
            munition.compile(
                f"local b = '{bits}' local n = string.unpack('<d', b) local t = {{}} "
                "for i = 1, 60 do t[i * 1.5] = i end local s = 0 for i = 1, 99 do s = s + (t[n] or 1) end return s",
                name="nan.lua",
            )
        ).fuel_used
        for bits in (r"\1\0\0\0\0\0\xf8\xff", r"\0\0\0\0\0\0\xf8\x7f", r"\7\7\7\7\7\7\xff\x7f")
    }
    assert len(used) == 1
