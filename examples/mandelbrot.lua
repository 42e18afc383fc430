-- SPDX-License-Identifier: MIT
-- The Mandelbrot set as text.
--   munition run mandelbrot.lua --caps log

local SHADES = " .:-=+*#%@"
local WIDTH, HEIGHT, LIMIT = 72, 28, 200

local function escape_time(cr, ci)
  local zr, zi = 0.0, 0.0
  for i = 1, LIMIT do
    local r2, i2 = zr * zr, zi * zi
    if r2 + i2 > 4.0 then
      return i
    end
    zi = 2.0 * zr * zi + ci
    zr = r2 - i2 + cr
  end
  return LIMIT
end

for y = 0, HEIGHT - 1 do
  local row = {}
  for x = 0, WIDTH - 1 do
    local n = escape_time(-2.2 + 3.2 * x / WIDTH, -1.25 + 2.5 * y / HEIGHT)
    local shade = n == LIMIT and #SHADES or 1 + (n - 1) % (#SHADES - 1)
    row[#row + 1] = SHADES:sub(shade, shade)
  end
  print((table.concat(row):gsub("%s+$", "")))
end
