-- SPDX-License-Identifier: MIT
-- Words walked through, replaced and found in repeated text: gmatch, gsub with a function, plain find.
local rounds = ...

local part = "the quick brown fox (aged 7) jumps over 13 lazy dogs; price: 42.50 EUR, mail fox@example.org now. "
local text = part:rep(8)

local words, digits, found = 0, 0, 0
local last
for _ = 1, rounds do
  for word in text:gmatch("%a+") do
    words = words + #word
  end
  last = text:gsub("%d+", function(number)
    digits = digits + #number
    return "<" .. number .. ">"
  end)
  local at = 1
  while true do
    local from, to = text:find("lazy dogs", at, true)
    if not from then
      break
    end
    found = found + 1
    at = to + 1
  end
end
local letters = 0
for i = 1, #part do
  if part:sub(i, i):match("%a") then
    letters = letters + 1
  end
end
assert(words == letters * 8 * rounds and digits == 7 * 8 * rounds and found == 8 * rounds, "patterns: wrong counts")
assert(#last == #text + 2 * 4 * 8, "patterns: wrong replacement")
return string.format("%d %d %d", words, digits, found)
