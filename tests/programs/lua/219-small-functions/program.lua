-- SPDX-License-Identifier: MIT
-- Small functions that cannot fail may run in place of their calls: parameters are copies, locals are new each time, the
-- order of evaluation stays, and a result has the type it had.
local function square(x) return x * x end
local function hypot2(x, y) return square(x) + square(y) end
local function clamp(x, lo, hi) if x < lo then return lo elseif x > hi then return hi end return x end
local function swapped(a, b) a, b = b, a return a - b end
local function bump(n) n = n + 1 return n end
local function same(x) return x end
local function less(a, b) return a < b end
local function neither(a, b) return not (a < b) and not (b < a) end
local function fourth(x) return square(square(x)) end
local function first(a, b) return a end
local function nested(a, b, c)
  if a < b then
    if b < c then return 1.0 else if a < c then return 2.0 end end
    a = c
  end
  return a
end

local x, y = 3.0, 4.0
print(hypot2(x, y), fourth(1.5), square(-0.0))
print(clamp(5.0, 1.0, 3.0), clamp(-5.0, 1.0, 3.0), clamp(2.0, 1.0, 3.0))
print(nested(1.0, 2.0, 3.0), nested(1.0, 3.0, 2.0), nested(2.0, 3.0, 1.0), nested(3.0, 2.0, 1.0))

x, y = swapped(x, y), swapped(y, x)
print(x, y)
local n = 5
local m = bump(n)
print(n, m, bump(bump(n)), bump(n) + n)
n = bump(n)
print(n, same(n), same(same(n)) == n)

for i = 1, 3 do
  local k = bump(i)
  i = bump(k)
  print(k, i)
end

local total = 0.0
for i = 1, 100 do total = clamp(total + i * 0.5, 0.0, 1000.0) end
print(total, math.type(total), math.type(square(total)))

print(less(1, 2), less(2, 1), neither(2, 2), neither(1, 2), less(1, 2) and less(2, 3) or "no")
while less(n, 9) do n = bump(n) end
repeat local stop = bump(n) n = stop until not less(stop, 12)
print(n)

-- a function in a closure, over a local of each turn
local fs = {}
for i = 1, 3 do
  local z = square(i * 1.0)
  fs[i] = function() z = bump(z) return z end
end
print(fs[1](), fs[1](), fs[3](), fs[2]())

-- as the last call of a function, and in a protected one
local function last(a, b) return hypot2(a, b) end
print(last(1.0, 2.0), select("#", last(1.0, 2.0)))
print(pcall(function(...) return square(1.5), ..., square(2.5) end, "a", "b"))

-- arguments are evaluated in order, and all of them
local log = {}
local function noted(v) log[#log + 1] = v return v end
print(first(noted(1), noted(2)), first(noted(3), noted(4)), #log, table.concat(log, " "))

-- program variables that such a function assigns
local calls = 0
local function counted(v) calls = calls + 1 return v end
calls = 0
print(counted(1) + counted(2), calls, counted(calls), calls)

-- a name that means another function later on
local function op(a) return a + 1 end
print(op(1))
op = function(a) return a + 2 end
print(op(1))

-- one that cannot be put in place: it may fail
local function half(a) return a / 2 end
print(half(3.0), pcall(half, {}))
print(half(5))

-- suspended between two of them
local co = coroutine.wrap(function(...)
  local b = square(3.5)
  print(coroutine.yield(b))
  b = clamp(b, 2.0, 10.0)
  print(coroutine.yield(b, ...))
  return hypot2(b, 1.0), b
end)
print(co("x"))
print(co(1))
print(co(2))
