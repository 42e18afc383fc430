-- SPDX-License-Identifier: MIT
-- Words split from text and counted in a table, then sorted by count and name.
local rounds = ...

local syllables = { "ka", "to", "mi", "ru", "sen", "lo", "vi", "an" }
local seed = 7
local function pick(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local list = {}
for i = 1, 2000 do
  local word = ""
  for _ = 1, pick(3) do
    word = word .. syllables[pick(8)]
  end
  list[i] = i % 10 == 0 and word .. "." or word
end
local text = table.concat(list, " ")

local total, first = 0, nil
for _ = 1, rounds do
  local counts = {}
  for word in text:gmatch("%a+") do
    word = word:lower()
    counts[word] = (counts[word] or 0) + 1
  end
  local names = {}
  for name in pairs(counts) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    if counts[a] ~= counts[b] then
      return counts[a] > counts[b]
    end
    return a < b
  end)
  local sum = 0
  for i, name in ipairs(names) do
    sum = sum + counts[name]
    assert(i == 1 or counts[names[i - 1]] >= counts[name], "word_count: not in order")
  end
  assert(sum == 2000, "word_count: words were lost")
  total = total + #names
  first = names[1] .. "=" .. counts[names[1]]
end
return string.format("%d %s", total, first)
