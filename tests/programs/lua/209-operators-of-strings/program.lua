-- The metatable of strings belongs to the program, too: its operators give any value, may be suspended, and come before
-- the conversion of strings to numbers.
local strings = getmetatable("")
local function both(a, b) return {a, b} end

for _, name in ipairs {"add", "sub", "mul", "mod", "pow", "div", "idiv", "unm"} do
  strings["__" .. name] = function(a, b) return {name, a, b} end
end
local function show(v)
  if type(v) ~= "table" then return tostring(v) end
  return "{" .. tostring(v[1]) .. " " .. tostring(v[2]) .. " " .. tostring(v[3]) .. "}"
end
print(show("1" + 2), show(1 - "2"), show("3" * "4"), show("a" % 1.5), show("b" ^ 2), show("8" / 2), show(1 // "x"), show(-"5"))

local function halves(list)
  local out = {}
  for i, v in ipairs(list) do out[i] = show(v / 2) end
  return table.concat(out, " ")
end
print(halves {4, "4", 5.5, "x"})

-- a value of another kind than the conversion would give, kept over collections
local kept = {}
for i = 1, 50 do
  local quotient = "n" / i
  kept[i] = quotient
end
collectgarbage()
print(#kept, kept[50][2], kept[50][3])

strings.__band = function(a, b) return "band" end
strings.__bnot = function(a) return {a} end
strings.__shl = both
print("q" & 1, 1 & "q", (~"z")[1], ("l" << 2)[2])

strings.__concat = function(a, b) return both(a, b) end
local t = setmetatable({}, {})
local joined = "x" .. t
print(type(joined), joined[1], joined[2] == t, "a" .. "b" .. 1)
print(type(("y" .. "z") .. t), type("w" .. (t .. "v")[2]))

strings.__lt = function(a, b) return tostring(a) .. "<" .. tostring(b) end
strings.__le = function() return nil end
print("a" < "b", "b" < "a", "a" < 1, 2 < "a", "a" <= 1, "a" >= 1)

strings.__call = function(text, ...) return text:upper(), select("#", ...) end
print(("shout")(1, nil))
local word = "loud"
print(pcall(word, {}))

local written = {}
strings.__newindex = function(text, key, value) written[#written + 1] = {text, key, value} end
local box = {n = 1}
word.field = box
word[5] = box
box.n = 2.5
print(#written, written[1][1], written[1][2], written[1][3].n, written[2][2], written[2][3] == box)

-- suspended inside of them
strings.__add = function(a, b) return coroutine.yield(a, b) end
strings.__index = function(text, key) return coroutine.yield("index", key) end
strings.__concat = function(a, b) return (coroutine.yield("concat")) end
strings.__unm = function(a) return (coroutine.yield("unm")) end
local function work(s)
  local sum = s + 1
  local minus = -s
  local field = s.missing
  local text = s .. t
  return sum, minus, field, text
end
local co = coroutine.create(work)
print(coroutine.resume(co, "s"))
print(coroutine.resume(co, 10))
print(coroutine.resume(co, 20.5))
print(coroutine.resume(co, "field"))
print(coroutine.resume(co, true))
local literal = coroutine.wrap(function() local r = "lit" + 1 return r end)
print(literal())
print(literal("back"))
strings.__index = string

-- without its operators a string that is no number is an error again
for _, name in ipairs {"__band", "__bnot", "__shl", "__concat", "__lt", "__le", "__call", "__newindex"} do strings[name] = nil end
print(pcall(function() return "q" & 1 end))
print(pcall(function() return "x" .. t end))
print(pcall(function() return "a" < 1 end))
print(pcall(function() word.field = 1 end))
