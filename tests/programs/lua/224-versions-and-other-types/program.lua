-- SPDX-License-Identifier: MIT
-- A parameter has one type for all who call the function, and another for those who call its version for integers.
local function area(label, n) return n * n end
local total = area("unit", 1)
for _, v in pairs({3}) do total = total + area(0.5, v) end
print(total)
for _, v in pairs({2, 2.5}) do total = total + area(true, v) + area({}, v) + area(nil, v) + area(print, v) end
print(total, area("unit", 7), pcall(area, "x", {}))

local function tagged(tag, n, m)
  if n <= 1 then return tag, n end
  return tag, n + m
end
for _, v in ipairs({1, 2, 3.5}) do print(tagged("a", v, 1)) end
print(tagged("b", 4, 2))
print(tagged(1.5, 4, 2), tagged(1, 4, 2), (tagged("c", 0, 1)))

local function later(f, n) return f(n - 1) end
local function half(n) return n / 2 end
local function text(n) return "n" .. n end
print(later(text, 3))
for _, v in pairs({5}) do print(later(half, v)) end
for _, v in pairs({5.5}) do print(later(text, v), later(half, v)) end
