-- Sorting records by several keys, by locale-free strings, with odd comparators; equal elements end in the same order.
local people = {
  { "Ada", 36 }, { "Grace", 85 }, { "Linus", 54 }, { "Alan", 41 }, { "Barbara", 84 }, { "Edsger", 72 }, { "Niklaus", 89 }, { "John", 84 },
}
local function names(list)
  local out = {}
  for i, person in ipairs(list) do out[i] = person[1] .. ":" .. person[2] end
  return table.concat(out, " ")
end
table.sort(people, function(a, b) return a[1] < b[1] end)
print(names(people))
table.sort(people, function(a, b) if a[2] ~= b[2] then return a[2] > b[2] end return a[1] < b[1] end)
print(names(people))
table.sort(people, function(a, b) return #a[1] < #b[1] end)
print(names(people))

local words = {}
for word in ("the quick Brown fox jumps over The lazy dog 10 9 8 aa a AA _x \xc3\xa4 z"):gmatch("%S+") do words[#words + 1] = word end
table.sort(words)
print(table.concat(words, " "))
table.sort(words, function(a, b) return a:lower() < b:lower() end)
print(table.concat(words, " "))

local state = 42
local function random(limit)
  state = (state * 1103515245 + 12345) % 2147483648
  return state // 65536 % limit
end
for _, size in ipairs { 0, 1, 2, 3, 4, 5, 10, 50, 99, 100, 101, 102, 200, 500 } do
  for _, limit in ipairs { 2, 10, 100000 } do
    local list, tagged = {}, {}
    for i = 1, size do
      list[i] = random(limit) - (i % 3 == 0 and 0.5 or 0)
      tagged[i] = { list[i] // 1, i }
    end
    table.sort(list)
    local ordered = true
    for i = 2, size do ordered = ordered and list[i - 1] <= list[i] end
    table.sort(tagged, function(a, b) return a[1] < b[1] end)
    local order = 0
    for i, item in ipairs(tagged) do order = (order * 31 + item[2] * i) % 1000003 end
    print(size, limit, ordered, order)
  end
end
local reversed, equal, calls = {}, {}, 0
for i = 1, 64 do reversed[i], equal[i] = 65 - i, 7 end
table.sort(reversed, function(a, b) calls = calls + 1 return a < b end)
print(table.concat(reversed, ","), calls)
calls = 0
table.sort(equal, function(a, b) calls = calls + 1 return a < b end)
print(calls)

local version = { "1.10.0", "1.2.10", "1.2.9", "0.9", "2.0" }
local function parts(v)
  local out = {}
  for n in v:gmatch("%d+") do out[#out + 1] = tonumber(n) end
  return out
end
table.sort(version, function(a, b)
  local x, y = parts(a), parts(b)
  for i = 1, math.max(#x, #y) do
    if (x[i] or 0) ~= (y[i] or 0) then return (x[i] or 0) < (y[i] or 0) end
  end
  return false
end)
print(table.concat(version, " < "))
local money = setmetatable({}, { __lt = function(a, b) return a.cents < b.cents end })
local purse = {}
for i, cents in ipairs { 250, 5, 100, 99 } do purse[i] = setmetatable({ cents = cents }, getmetatable(money)) end
table.sort(purse)
for _, coin in ipairs(purse) do io.write(coin.cents, " ") end
print()
print(pcall(table.sort, { 3, 1, "x" }), pcall(table.sort, { {}, {} }), pcall(table.sort, { 1, 2, 3 }, function() error("no", 0) end))
print(pcall(table.sort, { 1, 2, 3, 4, 5 }, function() return true end), pcall(table.sort, { 1, 2 }, 5), pcall(table.sort, { 1, nil, 2 }))
