local function find(list, x)
  for i, v in ipairs(list) do
    if v == x then return i end
  end
  return null
end
local at = find({1, 2}, 3)
print(at + 1)
