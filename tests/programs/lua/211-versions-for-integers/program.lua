-- Functions that are called with integers and with other things, so that there may be two versions of them.
local function fib(k)
  if k < 2 then
    return k
  end
  return fib(k - 1) + fib(k - 2)
end

local unknown = { 12, 6.5, "7", 0, -3, math.mininteger, {}, false, "x" }
for i = 1, #unknown do
  print(i, pcall(fib, unknown[i]))
end
print(fib(unknown[1]), fib(unknown[2]), fib(3), fib(2.0))

-- integers turn into floats on the way, and overflow
local function halves(n)
  local turns = 0
  while n > 1 do
    n = n / 2
    turns = turns + 1
  end
  return n, turns
end
print(halves(unknown[1]), halves(9), halves(0.5), halves(unknown[5]))

local function product(n)
  if n <= 1 then
    return n
  end
  return n * product(n - 1)
end
print(product(unknown[1] + 13), product(25), product(25.0), product(unknown[2]))

local function sum(from, to, step)
  local total = 0
  for i = from, to, step or 1 do
    total = total + i
  end
  return total
end
print(sum(1, unknown[1]), sum(1, unknown[2]), sum(0.5, unknown[1]), sum(unknown[1], 1, -1))
for _, bad in ipairs({ { 1, 12, 0 }, { "1", 2 }, { {}, 2 }, { 1 }, {} }) do
  print(pcall(sum, table.unpack(bad, 1, 3)))
end

-- division, remainder and shifts by arguments
local function divide(a, b)
  local q = a // b
  return q, a % b, a / b
end
print(divide(unknown[1], unknown[5]), divide(unknown[1], 5))
print(divide(math.mininteger, -1), divide(unknown[6], -1), divide(7.5, unknown[5]))
print(pcall(divide, unknown[1], unknown[4]))
print(select("#", pcall(divide, 1.0, unknown[4])))

local function bits(a, n)
  return a << n, a >> n, a & n, a | n, a ~ n, ~a
end
for _, n in ipairs({ 0, 1, 63, 64, 65, -1, -63, -64, math.mininteger }) do
  print(n, bits(unknown[1], n))
end
print(pcall(bits, 1.5, 1))
print(pcall(bits, "3", 1))
print(pcall(bits, 1, {}))

-- errors keep their names and lines
local function below(a, b)
  local limit = a - 1
  return limit < b
end
print(pcall(below, 1, unknown[7]))
print(pcall(below, unknown[7], 1))
print(pcall(below, nil, 1))
print(pcall(below, 1))

-- results of several kinds, of no kind, and tail calls
local function kind(n)
  if n < 0 then
    return
  elseif n == 0 then
    return nil, "zero"
  elseif n > 10 then
    return kind(n - 10)
  end
  return n % 2 == 0 and "even" or n
end
for i = 1, 6 do
  print(i, pcall(kind, unknown[i]))
end
print((kind(5)), (kind(4)), kind(0), kind(-1))

local function even(n)
  if n == 0 then
    return true
  end
  return n > 0 and even(-(n - 1)) or n < 0 and even(-(n + 1))
end
local function count(n, done)
  if n <= 0 then
    return done
  end
  return count(n - 1, done + 1)
end
print(even(10), even(7), count(unknown[1] * 20000, 0), count(unknown[2], 0.5), count(3, unknown[1]))

-- four and more parameters, some of them missing
local function four(a, b, c, d, e)
  local all = a + b + c + d
  if e then
    return all + e
  end
  return all
end
print(four(1, 2, 3, 4), four(1, 2, 3, unknown[1]), four(1, 2, 3, unknown[2], 5), pcall(four, 1, 2, 3))
print(pcall(four, 1, 2, 3, "4"), pcall(four, 1, 2, unknown[8], 4))
local packed = { four }
print(packed[1](1, 2, 3, 4), packed[1](1, 2, 3, 4.0), pcall(packed[1], 1, 2, 3), packed[1](1, 2, 3, 4, 5, 6, 7))

-- captured variables, closures of both versions, and numbers with a metatable beside them
local calls = 0
local function counter(step)
  local at = 0
  calls = calls + 1
  return function(by)
    at = at + step * (by or 1)
    return at
  end
end
local ones, halfs = counter(1), counter(unknown[2])
print(ones(), ones(2), halfs(), halfs(2), ones(0.5), calls)

local vector = setmetatable({ 1 }, {
  __lt = function()
    return true
  end,
  __sub = function(a)
    return a
  end,
  __add = function()
    return 99
  end,
})
print(fib(vector) == vector, product == product, pcall(product, vector))

function global_sum(n)
  if n < 1 then
    return 0
  end
  return n + global_sum(n - 1)
end
local kept = global_sum
print(global_sum(10), global_sum(unknown[1]), global_sum(2.5))
global_sum = function(n)
  return "replaced " .. n
end
print(pcall(kept, 10))
print(pcall(kept, 2.5))

local function deep(n)
  if n == 0 then
    return 0
  end
  return 1 + deep(n - 1)
end
print(deep(2000), deep(unknown[1]), deep(3.0), (select(2, pcall(deep, -1)):match("stack overflow")))

-- the rest of a traceback is the same for both
local function fails(n)
  if n > 0 then
    return 1 + fails(n - 1)
  end
  error("at " .. n)
end
print(pcall(fails, 2))
print(pcall(fails, 1.5))
print((select(2, xpcall(fails, debug.traceback, unknown[4])):gsub("in main chunk.*", "")))

table.sort(unknown, function(a, b)
  return tostring(a):len() * 2 + #type(a) < tostring(b):len() * 2 + #type(b)
end)
local numbers = { 3, 1.5, 2, -7, 2.5 }
table.sort(numbers, function(a, b)
  return a - b < 0
end)
print(table.concat(numbers, " "))
return fib(unknown[1] == 12 and 3 or 4)
