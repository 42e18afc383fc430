-- SPDX-License-Identifier: MIT
-- Sum of the iterations over a square of the Mandelbrot set: float loops that end early.
local size, limit = ...

local function iterations(cr, ci)
  local zr, zi = 0.0, 0.0
  for i = 1, limit do
    local rr, ii = zr * zr, zi * zi
    if rr + ii > 4.0 then
      return i
    end
    zi = 2.0 * zr * zi + ci
    zr = rr - ii + cr
  end
  return 0
end

local sum, inside = 0, 0
for y = 0, size - 1 do
  local ci = 2.0 * y / size - 1.0
  for x = 0, size - 1 do
    local steps = iterations(2.0 * x / size - 1.5, ci)
    sum = sum + steps
    if steps == 0 then
      inside = inside + 1
    end
  end
end
local area = 4.0 * inside / (size * size)
assert(size < 100 or (area > 1.2 and area < 1.8), "mandelbrot: the set has another area")
return string.format("%d %d", sum, inside)
