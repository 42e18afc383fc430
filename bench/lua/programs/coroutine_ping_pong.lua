-- SPDX-License-Identifier: MIT
-- A generator resumed with values, and one that yields from five frames down: switching coroutines.
local n = ...

local function accumulator()
  return coroutine.wrap(function(value)
    local total = 0
    while true do
      total = total + value
      value = coroutine.yield(total)
    end
  end)
end

local add, result = accumulator(), 0
for i = 1, n do
  result = add(i)
end
assert(result == n * (n + 1) / 2, "coroutine_ping_pong: wrong sum")

local function descend(depth, value)
  if depth == 0 then
    coroutine.yield(value)
    return 1
  end
  return descend(depth - 1, value) + 1
end

local deep = coroutine.create(function(turns)
  local frames = 0
  for i = 1, turns do
    frames = frames + descend(5, i)
  end
  return frames
end)

local turns, sum = math.floor(n / 10), 0
for _ = 1, turns do
  local ok, value = coroutine.resume(deep, turns)
  assert(ok)
  sum = sum + value
end
local _, frames = coroutine.resume(deep)
assert(sum == turns * (turns + 1) / 2 and frames == 6 * turns, "coroutine_ping_pong: wrong sum from below")
assert(coroutine.status(deep) == "dead", "coroutine_ping_pong: not finished")
return string.format("%d %d", result, sum)
