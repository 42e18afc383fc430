-- Complex numbers, rationals and matrices over any of them, by metamethods.
local function kind(v) return math.type(v) or (getmetatable(v) or {}).__name or type(v) end

-- rationals in lowest terms
local Q = {__name = "rational"}
Q.__index = Q
local function gcd(a, b)
  while b ~= 0 do a, b = b, a % b end
  return a < 0 and -a or a
end
local function rational(n, d)
  d = d or 1
  if math.type(n) ~= "integer" or math.type(d) ~= "integer" then error("integers expected", 2) end
  if d == 0 then error("denominator is zero", 2) end
  if d < 0 then n, d = -n, -d end
  local g = gcd(n, d)
  return setmetatable({n = n // g, d = d // g}, Q)
end
local function q_of(v)
  if math.type(v) == "integer" then return rational(v) end
  if getmetatable(v) == Q then return v end
  error("cannot make a rational of a " .. kind(v), 3)
end
function Q.__add(a, b) a, b = q_of(a), q_of(b) return rational(a.n * b.d + b.n * a.d, a.d * b.d) end
function Q.__sub(a, b) a, b = q_of(a), q_of(b) return rational(a.n * b.d - b.n * a.d, a.d * b.d) end
function Q.__mul(a, b) a, b = q_of(a), q_of(b) return rational(a.n * b.n, a.d * b.d) end
function Q.__div(a, b) a, b = q_of(a), q_of(b) return rational(a.n * b.d, a.d * b.n) end
function Q.__unm(a) return rational(-a.n, a.d) end
function Q.__idiv(a, b) a, b = q_of(a), q_of(b) return a.n * b.d // (a.d * b.n) end
function Q.__mod(a, b) return q_of(a) - b * (a // b) end
function Q.__pow(a, k)
  if k < 0 then return 1 / a ^ -k end
  local out = rational(1)
  while k > 0 do
    if k & 1 == 1 then out = out * a end
    a, k = a * a, k >> 1
  end
  return out
end
function Q.__eq(a, b) return a.n == b.n and a.d == b.d end
function Q.__lt(a, b) a, b = q_of(a), q_of(b) return a.n * b.d < b.n * a.d end
function Q.__le(a, b) return not (q_of(b) < a) end
function Q.__tostring(a) return a.d == 1 and tostring(a.n) or a.n .. "/" .. a.d end
function Q.__concat(a, b) return tostring(a) .. tostring(b) end

local half, third = rational(1, 2), rational(-2, -6)
print(half + third .. "", half - third .. "", half * third .. "", half / third .. "", -half .. "", half .. third)
print(half + 1 .. "", 2 * third .. "", 1 - half .. "", 3 // half, rational(7, 3) % 1 .. "", rational(-7, 3) % 1 .. "", rational(2, 3) ^ 5 .. "", rational(2, 3) ^ -2 .. "")
print(half > third, half >= half, half < 1, 1 <= half, half == rational(2, 4), half ~= third, half == 0.5)
print(pcall(rational, 1, 0))
print(pcall(rational, 1.5))
print(pcall(function() return half + 0.5 end))
print(pcall(function() return half + {} end))
print(pcall(function() return half & 1 end))
local harmonic = rational(0)
for i = 1, 20 do harmonic = harmonic + rational(1, i) end
print(harmonic .. "", tostring(harmonic.n / harmonic.d))

-- complex numbers
local C = {__name = "complex"}
C.__index = C
local function complex(re, im) return setmetatable({re = re, im = im or 0}, C) end
local function c_of(v) return type(v) == "number" and complex(v) or v end
function C.__add(a, b) a, b = c_of(a), c_of(b) return complex(a.re + b.re, a.im + b.im) end
function C.__sub(a, b) a, b = c_of(a), c_of(b) return complex(a.re - b.re, a.im - b.im) end
function C.__mul(a, b) a, b = c_of(a), c_of(b) return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re) end
function C.__div(a, b)
  a, b = c_of(a), c_of(b)
  local d = b.re * b.re + b.im * b.im
  return complex((a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d)
end
function C.__unm(a) return complex(-a.re, -a.im) end
function C.__eq(a, b) return a.re == b.re and a.im == b.im end
function C.__len(a) return math.sqrt(a.re * a.re + a.im * a.im) end
function C.__bnot(a) return complex(a.re, -a.im) end
function C.__call(a, x) return a.re + a.im * x end
function C.__tostring(a)
  if a.im == 0 then return tostring(a.re) end
  return string.format("%s%s%si", a.re, (a.im < 0) and "-" or "+", math.abs(a.im))
end
C.__index = function(a, key)
  if key == "arg" then return math.atan(a.im, a.re) end
  return C[key]
end
local i = complex(0, 1)
print(tostring(i * i), tostring((1 + i) * (1 - i)), tostring((3 + 2 * i) / (1 - i)), #(3 + 4 * i), tostring(~(2 + i)), (2 + i)(10))
print(string.format("%.6f", (1 + i).arg), i == complex(0, 1), i ~= complex(0.0, 1.0), tostring(-i), tostring(complex(1.5, -2)))
local z, steps = complex(0.0, 0.0), 0
local c = complex(-0.1, 0.75)
while #z < 2 and steps < 60 do
  z = z * z + c
  steps = steps + 1
end
print(steps)

-- matrices of anything that can be added and multiplied
local M = {__name = "matrix"}
M.__index = M
local function matrix(rows) return setmetatable(rows, M) end
function M.identity(n)
  local rows = {}
  for r = 1, n do
    rows[r] = {}
    for k = 1, n do rows[r][k] = r == k and 1 or 0 end
  end
  return matrix(rows)
end
function M.__add(a, b)
  if #a ~= #b or #a[1] ~= #b[1] then error(("sizes differ: %dx%d and %dx%d"):format(#a, #a[1], #b, #b[1]), 2) end
  local out = {}
  for r, row in ipairs(a) do
    out[r] = {}
    for k, v in ipairs(row) do out[r][k] = v + b[r][k] end
  end
  return matrix(out)
end
function M.__mul(a, b)
  if getmetatable(b) ~= M or getmetatable(a) ~= M then
    local m, scale = a, b
    if getmetatable(b) == M then m, scale = b, a end
    local out = {}
    for r, row in ipairs(m) do
      out[r] = {}
      for k, v in ipairs(row) do out[r][k] = scale * v end
    end
    return matrix(out)
  end
  if #a[1] ~= #b then error(("cannot multiply %dx%d by %dx%d"):format(#a, #a[1], #b, #b[1]), 2) end
  local out = {}
  for r = 1, #a do
    local row = {}
    for k = 1, #b[1] do
      local sum = a[r][1] * b[1][k]
      for j = 2, #b do sum = sum + a[r][j] * b[j][k] end
      row[k] = sum
    end
    out[r] = row
  end
  return matrix(out)
end
function M.__pow(a, n)
  local out = M.identity(#a)
  while n > 0 do
    if n % 2 == 1 then out = out * a end
    a, n = a * a, n // 2
  end
  return out
end
function M:transposed()
  local out = {}
  for k = 1, #self[1] do
    out[k] = {}
    for r = 1, #self do out[k][r] = self[r][k] end
  end
  return matrix(out)
end
function M:determinant()
  local rows, det = {}, rational(1)
  for r, row in ipairs(self) do
    rows[r] = {}
    for k, v in ipairs(row) do rows[r][k] = q_of(v) end
  end
  for k = 1, #rows do
    local pivot
    for r = k, #rows do if rows[r][k] ~= rational(0) then pivot = r break end end
    if not pivot then return rational(0) end
    if pivot ~= k then
      rows[pivot], rows[k] = rows[k], rows[pivot]
      det = -det
    end
    det = det * rows[k][k]
    for r = k + 1, #rows do
      local factor = rows[r][k] / rows[k][k]
      for j = k, #rows do rows[r][j] = rows[r][j] - factor * rows[k][j] end
    end
  end
  return det
end
function M.__eq(a, b)
  for r, row in ipairs(a) do for k, v in ipairs(row) do if v ~= b[r][k] then return false end end end
  return #a == #b
end
function M.__tostring(m)
  local rows = {}
  for r, row in ipairs(m) do
    local cells = {}
    for k, v in ipairs(row) do cells[k] = tostring(v) end
    rows[r] = table.concat(cells, " ")
  end
  return "[" .. table.concat(rows, "; ") .. "]"
end
local fib = matrix {{1, 1}, {1, 0}}
print(tostring(fib ^ 10), tostring(fib ^ 90), (fib ^ 92)[1][2])
print(tostring(matrix {{1, 2, 3}, {4, 5, 6}} * matrix {{1, 0}, {0.5, 1}, {2, -1}}), tostring(matrix {{1, 2}, {3, 4}}:transposed()))
print(tostring(matrix {{half, third}, {1, 2}} * matrix {{2, third}, {half, half}}), tostring(matrix {{1, i}, {i, 1}} * matrix {{i, 1}, {1, i}}))
print(tostring(matrix {{2, 3}} * half), pcall(function() return half * matrix {{2, 3}} end)) print(tostring(matrix {{2, 3}} * 0.5), tostring(matrix {{1}} + matrix {{half}}))
print(pcall(function() return matrix {{1, 2}} * matrix {{1, 2}} end))
print(pcall(function() return matrix {{1, 2}} + matrix {{1}} end))
print(tostring(matrix {{2, -1, 0}, {-1, 2, -1}, {0, -1, 2}}:determinant()), tostring(matrix {{0, 2}, {3, 4}}:determinant()), tostring(matrix {{1, 2}, {2, 4}}:determinant()), tostring(matrix {{rational(1, 2), rational(1, 3)}, {rational(1, 4), rational(1, 5)}}:determinant()))
print(fib * fib == matrix {{2, 1}, {1, 1}}, fib == M.identity(2), M.identity(3) ^ 7 == M.identity(3), pcall(function() return fib < fib end))
