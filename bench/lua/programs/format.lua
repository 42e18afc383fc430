-- SPDX-License-Identifier: MIT
-- Numbers and words formatted, the lengths added up: string.format.
local n = ...

local names, length = { "alpha", "beta", "gamma" }, 0
local line
for i = 1, n do
  line = string.format("%d %5.2f %s %x", i, i / 3, names[i % 3 + 1], i)
  length = length + #line
end
local first, second, third, fourth = line:match("^(%d+) +(%d+%.%d%d) (%a+) (%x+)$")
assert(tonumber(first) == n and tonumber(fourth, 16) == n, "format: an integer does not come back")
assert(math.abs(tonumber(second) - n / 3) < 0.01 and third == names[n % 3 + 1], "format: wrong text")
return string.format("%d", length)
