-- SPDX-License-Identifier: MIT
-- Largest singular value of an infinite matrix given by a function: float loops with a small call inside.
local n = ...

local function a(i, j)
  local ij = i + j - 1
  return 1.0 / (ij * (ij - 1) * 0.5 + i)
end

local function times(x, y)
  for i = 1, n do
    local sum = 0
    for j = 1, n do
      sum = sum + x[j] * a(i, j)
    end
    y[i] = sum
  end
end

local function transposed_times(x, y)
  for i = 1, n do
    local sum = 0
    for j = 1, n do
      sum = sum + x[j] * a(j, i)
    end
    y[i] = sum
  end
end

local u, v, t = {}, {}, {}
for i = 1, n do
  u[i] = 1
end
for _ = 1, 10 do
  times(u, t)
  transposed_times(t, v)
  times(v, t)
  transposed_times(t, u)
end
local vbv, vv = 0, 0
for i = 1, n do
  vbv = vbv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
local result = math.sqrt(vbv / vv)
assert(n < 100 or math.abs(result - 1.2742) < 1e-3, "spectral_norm: wrong value")
return string.format("%.9f", result)
