-- SPDX-License-Identifier: MIT
-- Pseudo-random integers by table.insert, sorted plainly and with a comparator.
local n = ...

local seed = 42
local function random()
  seed = seed * 16807 % 2147483647
  return seed
end

local up, down, sum = {}, {}, 0
for _ = 1, n do
  local number = random()
  sum = sum + number
  table.insert(up, number)
  table.insert(down, number)
end
table.sort(up)
table.sort(down, function(a, b)
  return a > b
end)
for i = 1, n do
  sum = sum - up[i]
  assert(up[i] == down[n + 1 - i], "insert_sort: the orders differ")
  assert(i == 1 or up[i - 1] <= up[i], "insert_sort: not in order")
end
assert(sum == 0, "insert_sort: numbers were lost")
return string.format("%d %d", up[1], up[n])
