-- What is not there: fields that are inherited, that appear and go while reads remember where they were, items beyond a list.
local out = {}
local function put(...)
  local row = table.pack(...)
  for i = 1, row.n do
    row[i] = tostring(row[i])
  end
  out[#out + 1] = table.concat(row, " ")
end
local function item(o) return o.item end
local function other(o) return o.other end

-- no class has it, then one after the other has
local Root = {}
local Middle = setmetatable({}, { __index = Root })
local Leaf = setmetatable({}, { __index = Middle })
local meta = { __index = Leaf }
local a, b = setmetatable({}, meta), setmetatable({ item = false }, meta)
for round = 1, 3 do
  put(round, item(a), item(b), other(a))
end
Root.item = "root"
put(item(a), item(b))
Leaf.unrelated = 1
Middle.item = "middle"
put(item(a), item(b))
Leaf.item = 5
put(item(a), item(b))
Leaf.item = nil
put(item(a), item(b))
Middle.item = nil
put(item(a), item(b))
Root.item = nil
put(item(a), item(b))
rawset(Leaf, "item", "raw")
put(item(a), other(a))
b.item = nil
put(item(b), rawget(b, "item"))
b.item = "own"
put(item(b))

-- the links themselves change
meta.__index = Root
put(item(a))
meta.__index = nil
put(item(a), other(a))
meta.__index = function(_, key) return "f:" .. key end
put(item(a), other(a))
meta.__index = Leaf
put(item(a))
setmetatable(Middle, nil)
Root.other = "unreachable"
put(other(a))
setmetatable(Middle, { __index = Root })
put(other(a))
local late = {}
local c = setmetatable({}, late)
put(item(c))
local name = "__index"
late[name] = { item = "by computed name" }
put(item(c))
rawset(late, "__index", { item = "by rawset" })
put(item(c))
setmetatable(c, nil)
put(item(c))

-- an object is the class of another one
local proto = { hits = 0 }
local user = setmetatable({}, { __index = proto })
for i = 1, 5 do
  proto.hits = proto.hits + 1
  proto["k" .. i] = i
  put(user.hits, user["k" .. i], user.k1, user.k5, user.k9)
end
for i = 1, 5 do
  proto["k" .. i] = nil
  collectgarbage()
  put(user.k1, user.k5)
end

-- fields become nil and come back where __newindex looks
local log = {}
local watched = setmetatable({ x = 1, y = nil }, { __newindex = function(t, k, v) log[#log + 1] = k; rawset(t, k, v) end })
local function set(v) watched.x = v end
set(2) set(nil) set(nil) set(3) set(4) set(nil) set(5)
put(watched.x, #log, table.concat(log, ","))
local class = { __add = function() return "added" end, __len = nil }
local n = setmetatable({ 1, 2, 3 }, class)
put(n + 1, #n)
class.__len = function() return 42 end
put(#n, n[1], n[4])
class.__len = nil
put(#n)
class.__add = nil
put(pcall(function() return n + 1 end))
class.__add = function() return "again" end
put(n + 1)

-- items of lists
local function get(t, i) return t[i] end
local list = { 1, 2, nil, 4 }
put(get(list, 0), get(list, 1), get(list, 3), get(list, 5), get(list, -1), get(list, 1 << 32), get(list, (1 << 32) + 1))
put(get(list, math.mininteger), get(list, math.maxinteger), get(list, 1.0), get(list, 1.5))
list[7] = "seven"
put(get(list, 7), get(list, 6), #list == 4 or #list == 7)
local base = setmetatable({}, { __index = function(_, i) return "no " .. tostring(i) end })
put(get(base, 1), get(base, 7))
base[1] = true
put(get(base, 1), get(base, 2))
base[1] = nil
put(get(base, 1))

-- a cell changes its type in place
local cells = { true, true, true }
local function store_boolean(i, v) cells[i] = not not v end
local function store_integer(i, v) cells[i] = v * 2 end
local function store_float(i, v) cells[i] = v / 2 end
local function keys()
  local set_ = {}
  for i = 1, 3 do set_[cells[i]] = i end
  return set_[true], set_[false], set_[2], set_[0.5]
end
store_integer(1, 21) store_boolean(1, true) put(cells[1], keys())
store_float(2, 1) put(cells[2], keys())
store_boolean(2, false) put(cells[2], cells[2] == false, keys())
store_integer(2, 1) put(cells[2], keys())
cells[3] = {} put(type(cells[3])) store_boolean(3, 1) put(cells[3], cells[3] == cells[1], keys())
cells[3] = "s" store_float(3, 1) put(cells[3], keys())
put(#"", #"abc", #cells)
for _, bad in ipairs({ function() return #nil end, function() local u = 4; return #u end, function() local u; return u.x end,
  function() local u; u.x = nil end, function() local t = {}; t[nil] = 1 end, function() local t = {}; return t.x.y end }) do
  put(pcall(bad))
end
print(table.concat(out, "\n"))
