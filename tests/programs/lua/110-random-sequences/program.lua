-- A seed gives the same numbers as the reference implementation: floats, ranges of every size, shuffles.
for _, seed in ipairs { { 42 }, { 0 }, { -1 }, { 7, 9 }, { math.maxinteger, math.mininteger }, { 123456789 } } do
  print(math.randomseed(table.unpack(seed)))
  local out = {}
  for i = 1, 5 do out[i] = ("%.17g"):format(math.random()) end
  for i = 1, 5 do out[#out + 1] = math.random(0) end
  for _, limit in ipairs { 1, 2, 3, 6, 10, 100, 255, 256, 1000000, 2 ^ 31 | 0, 2 ^ 53 | 0, math.maxinteger } do
    out[#out + 1] = math.random(limit)
    out[#out + 1] = math.random(-limit, limit)
  end
  out[#out + 1] = math.random(math.mininteger, math.maxinteger)
  out[#out + 1] = math.random(5, 5)
  print(table.concat(out, " "))
end
math.randomseed(2024)
local cards = {}
for i = 1, 52 do cards[i] = i end
for i = #cards, 2, -1 do
  local j = math.random(i)
  cards[i], cards[j] = cards[j], cards[i]
end
print(table.concat(cards, " "))
local counts = {}
for _ = 1, 6000 do
  local die = math.random(6)
  counts[die] = (counts[die] or 0) + 1
end
print(table.concat(counts, " "))
