-- SPDX-License-Identifier: MIT
-- Levels beyond 32 bits: the reference implementation keeps the lower half.
local function f(l) error("m", l) end
for _, l in ipairs{1<<32, (1<<32)+1, (1<<53)+1, -1, 0, 2^53, math.mininteger, 1<<31, (1<<31)+1, 1<<40} do
  print(l, pcall(f, l))
end
for _, l in ipairs{-1, (1<<31)+1, 0x7fffffff} do
  print(debug.traceback("m", l))
end
