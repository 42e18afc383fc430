-- SPDX-License-Identifier: MIT
-- Doubly recursive Fibonacci numbers, through a local function and through a global one: calls and integer tests.
local n = ...

local function fib(k)
  if k < 2 then
    return k
  end
  return fib(k - 1) + fib(k - 2)
end

function global_fib(k)
  if k < 2 then
    return k
  end
  return global_fib(k - 1) + global_fib(k - 2)
end

local a, b = 0, 1
for _ = 1, n do
  a, b = b, a + b
end
local x, y = fib(n), global_fib(n)
assert(x == a and y == a, "fib: wrong number")
return string.format("%d", x + y)
