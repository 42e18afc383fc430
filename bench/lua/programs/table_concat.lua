-- SPDX-License-Identifier: MIT
-- A list of short strings made one by one, then joined: interning and one large buffer.
local n = ...

local list = {}
for i = 1, n do
  list[#list + 1] = "item" .. i
end
local text = table.concat(list, ",")
local length = 5 * n - 1
for i = 1, n do
  length = length + #tostring(i)
end
assert(#text == length, "table_concat: wrong length")
assert(text:sub(-#list[n]) == list[n], "table_concat: wrong end")
return string.format("%d %s", #text, text:sub(1, 20))
