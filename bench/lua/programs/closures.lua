-- SPDX-License-Identifier: MIT
-- Counters that share a variable, each called a few times: making closures and captured variables.
local n = ...

local function counter(start, step)
  local value = start
  local function forward()
    value = value + step
    return value
  end
  local function back()
    value = value - step
    return value
  end
  return forward, back
end

local total = 0
for i = 1, n do
  local forward, back = counter(i, 2)
  forward()
  forward()
  total = total + back()
end
assert(total == n * (n + 1) / 2 + 2 * n, "closures: wrong total")
return string.format("%d", total)
