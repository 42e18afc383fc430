-- SPDX-License-Identifier: MIT
-- Square matrices as tables of rows, the second transposed first: nested indexing.
local n = ...

local function matrix(size, f)
  local m = {}
  for i = 1, size do
    local row = {}
    for j = 1, size do
      row[j] = f(i, j)
    end
    m[i] = row
  end
  return m
end

local function transpose(m, size)
  return matrix(size, function(i, j)
    return m[j][i]
  end)
end

local function multiply(a, b, size)
  local columns, product = transpose(b, size), {}
  for i = 1, size do
    local row, out = a[i], {}
    for j = 1, size do
      local column, sum = columns[j], 0.0
      for k = 1, size do
        sum = sum + row[k] * column[k]
      end
      out[j] = sum
    end
    product[i] = out
  end
  return product
end

local scale = 1.0 / n
local a = matrix(n, function(i, j) return scale * (i - j) * (i + j) end)
local b = matrix(n, function(i, j) return scale * (i + j) end)
local c = multiply(a, b, n)
local i, j, check = 3, n - 2, 0.0
for k = 1, n do
  check = check + a[i][k] * b[k][j]
end
assert(math.abs(check - c[i][j]) < 1e-6, "matmul: an element is wrong")
return string.format("%.6f", c[i][j])
