-- Recursion without end is an error that can be caught, also where nothing else could fail.
local function twice() twice() twice() end
print(pcall(twice) == false)

local function count(n)
  if n == 0 then return 0 end
  return 1 + count(n - 1)
end
print(count(10000), (pcall(count, 100000000)))

local even, odd
function even(n) if n == 0 then return true end return not odd(n - 1) end
function odd(n) if n == 0 then return true end return not even(n - 1) end
print(even(1000), (pcall(odd, 100000000)))

local ok, message = pcall(twice)
print(ok, message:match("stack overflow"))

local function half(x) return x * 0.5 + (x > 1 and half(x - 1) or 0) end
print(half(100), (pcall(half, 1e8)))
