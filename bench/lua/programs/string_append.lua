-- SPDX-License-Identifier: MIT
-- Text grown by appending to it, again and again: concatenation, numbers to strings.
local rounds, items = ...

local function build(first)
  local text = ""
  for i = first, first + items - 1 do
    text = text .. i .. ","
  end
  return text
end

local length, last = 0, nil
for round = 1, rounds do
  last = build(round)
  length = length + #last
end
local expected = 0
for round = 1, rounds do
  for i = round, round + items - 1 do
    expected = expected + (i < 10 and 2 or i < 100 and 3 or i < 1000 and 4 or i < 10000 and 5 or 6)
  end
end
assert(length == expected, "string_append: wrong length")
return string.format("%d %s", length, last:sub(-12))
