# SPDX-License-Identifier: MIT
"""Whole programs."""

from __future__ import annotations

from random import Random
from typing import Final

from tests.support.lua_programs.context import Context
from tests.support.lua_programs.expressions import arguments
from tests.support.lua_programs.statements import block

PRELUDE: Final = r"""
local ticks = 0
function T() ticks = ticks + 1 if ticks > 2000 then error("out of ticks", 0) end end
function S(v) if type(v) == "string" and #v > 60 then return (v:sub(1, 60)) end return v end
function N(v) return type(v) == "number" and v or 0 end
function L(t)
  local list = {}
  if type(t) ~= "table" then return t end
  for i = 1, 9 do list[i] = rawget(t, i) if list[i] == nil then break end end
  return list
end
function C(t) local n = 0 while rawget(t, n + 1) ~= nil do n = n + 1 end return n end
function A(v) local kind = type(v) return (kind == "table" or kind == "function" or kind == "thread") and kind or v end
function F(v) if v ~= v then return 0.5 end return v end
function P(...)
  local line = {}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    local kind = math.type(v) or type(v)
    if kind == "float" then line[i] = v ~= v and "nan" or string.format("%.17g:f", v)
    elseif kind == "integer" then line[i] = string.format("%d", v)
    elseif kind == "string" then line[i] = string.format("%q", v)
    elseif kind == "table" then line[i] = "table" .. C(v)
    elseif kind == "function" then line[i] = "function"
    else line[i] = tostring(v) end
  end
  print(table.concat(line, " "))
end
"""
"""Functions every program may use: a clock that stops it, a limit for strings, and a printer that tells types apart. `L`
makes a list of a table, because the order of other keys is nobody's business; `C` counts its items, because the length
of a table with holes is nobody's business either; `F` replaces NaN, whose sign shows as text; `A` what has an
address, which is of any length and order as text."""


def program(random: Random, size: int = 40, *, yields: bool = False) -> str:
    """A random program of about `size` statements; it needs `PRELUDE` before it and runs for a bounded time.

    With `yields`, coroutines are part of it, and half of the programs are the body of one; it then needs
    `coroutines.PRELUDE` too.
    """
    g = Context(random, left=size, yields=yields)
    block(g, 4 + g.below(16), 4)
    # A block may end in the middle of an open construct only through its own writer, so this is always at top level.
    if g.chance(50):
        g.line(f"return {_scalars(g)}")
    if yields and g.chance(50):
        return "\n".join(["return select(2, R(function(...)", *g.lines, "end, ...))"])
    return "\n".join(g.lines)


def _scalars(g: Context) -> str:
    """Results that can cross the boundary."""
    return f"(function(v) local t = type(v) return t == 'function' and t or t == 'table' and t or v end)({arguments(g, 2)})"
