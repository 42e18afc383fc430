-- SPDX-License-Identifier: MIT
-- Pancake flips over all permutations: integer arrays, `repeat`, multiple assignment.
local n = ...

local function fannkuch(size)
  local p, q, s, sign, most, sum = {}, {}, {}, 1, 0, 0
  for i = 1, size do
    p[i], q[i], s[i] = i, i, i
  end
  repeat
    local first = p[1]
    if first ~= 1 then
      for i = 2, size do
        q[i] = p[i]
      end
      local flips = 1
      while true do
        local place = q[first]
        if place == 1 then
          sum = sum + sign * flips
          if flips > most then
            most = flips
          end
          break
        end
        q[first] = first
        if first >= 4 then
          local i, j = 2, first - 1
          repeat
            q[i], q[j] = q[j], q[i]
            i = i + 1
            j = j - 1
          until i >= j
        end
        first = place
        flips = flips + 1
      end
    end
    if sign == 1 then
      p[2], p[1] = p[1], p[2]
      sign = -1
    else
      p[2], p[3] = p[3], p[2]
      sign = 1
      for i = 3, size do
        local left = s[i]
        if left ~= 1 then
          s[i] = left - 1
          break
        end
        if i == size then
          return sum, most
        end
        s[i] = i
        local head = p[1]
        for j = 1, i do
          p[j] = p[j + 1]
        end
        p[i + 1] = head
      end
    end
  until false
end

local known = { [7] = { 228, 16 }, [8] = { 1616, 22 }, [9] = { 8629, 30 }, [10] = { 73196, 38 } }
local checksum, flips = fannkuch(n)
assert(not known[n] or (known[n][1] == checksum and known[n][2] == flips), "fannkuch: wrong numbers")
return string.format("%d %d", checksum, flips)
