-- SPDX-License-Identifier: MIT
-- A heap of so many small tables with a string each, collected whole so many times.
local count, collections = ...

local live = {}
for i = 1, count do
  live[i] = { i, "item " .. i }
end
collectgarbage()
for _ = 1, collections do
  collectgarbage()
end
local sum = 0
for i = 1, count do
  sum = sum + live[i][1]
  assert(live[i][2] == "item " .. live[i][1], "full_collections: an item was lost")
end
assert(sum == count * (count + 1) / 2, "full_collections: wrong sum")
return string.format("%d", sum)
