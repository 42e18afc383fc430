-- SPDX-License-Identifier: MIT
-- A function that has a version for integers, and is only called with as many arguments as another call has results.
local up, x, y = 3, 12, 255
local function add(p, q) up = p + 255 return up end
local function both(p, q) return add(q, p) & p end
print(add(both(x, y), both(y, both(x, x))))
print(pcall(both, true, 2))
print(pcall(both, 2.5, 2))
print(pcall(both, 6.0, 2))
