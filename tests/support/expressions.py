# SPDX-License-Identifier: MIT
"""Many small expressions in one program: each is evaluated under `pcall`, and all that it gives is printed.

Both the reference implementation and munition run the same program, so what they print can be compared line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.support import subject
from tests.support.oracle import Oracle

_PRELUDE: Final = r"""
local function show(v)
  local t = type(v)
  if t == "string" then return string.format("%q", v) end
  if t == "number" and v ~= v then return "nan" end
  if t == "number" then return string.format(math.type(v) == "float" and "%.17g:f" or "%d:i", v) end
  return (t == "nil" or t == "boolean") and tostring(v) or t
end
local function try(number, f)
  local r, s = table.pack(pcall(f)), {}
  for i = 1, r.n do s[i] = show(r[i]) end
  print("\1" .. number .. "\2" .. table.concat(s, " "))
end
"""
_RESULT: Final = re.compile(rb"\x01(\d+)\x02(.*?)\n(?=\x01|\Z)", re.DOTALL)
_ADDRESS: Final = re.compile(rb"0x[0-9a-f]{6,16}")
_NAN: Final = re.compile(rb"-nan\b")


@dataclass(frozen=True)
class Difference:
    """An expression with two meanings."""

    expression: str
    expected: bytes
    actual: bytes


def program(expressions: Iterable[str]) -> bytes:
    """The program that evaluates each expression in a function of its own, and prints its number and what it gives."""
    tries = (f"try({i}, function() return {e} end)" for i, e in enumerate(expressions))
    return "\n".join((_PRELUDE.replace("\n", " "), *tries)).encode()


def results(output: bytes) -> dict[int, bytes]:
    """What was printed for each expression; addresses and the sign of NaN are nothing to agree on."""
    return {int(m[1]): _NAN.sub(b"nan", _ADDRESS.sub(b"ADDRESS", m[2])) for m in _RESULT.finditer(output)}


def differences(oracle: Oracle, expressions: Sequence[str], *, stress: bool = False) -> list[Difference]:
    """The expressions whose results, error messages included, are not those of the reference implementation.

    With `stress`, garbage is collected at every allocation.
    """
    source = program(expressions)
    expected, actual = oracle.run(source), subject.run(source, stress=stress)
    assert expected.status == "ok", expected
    assert actual.status == "ok", actual
    wanted, got = results(expected.output), results(actual.output)
    assert len(wanted) == len(expressions)
    return [
        Difference(e, wanted[i], got.get(i, b"(nothing)"))
        for i, e in enumerate(expressions)
        if wanted[i] != got.get(i)
    ]
