-- A class library with single and multiple inheritance, mixins, properties, abstract methods and static members, and a
-- small shop built on it.
local Object = {}
Object.__index = Object
Object.__name = "Object"

local metamethods = {
  "__add", "__sub", "__mul", "__div", "__unm", "__eq", "__lt", "__le", "__len", "__call", "__concat", "__tostring", "__close", "__gc",
}

-- C3 linearization: the order in which the classes of a hierarchy are asked for a method.
local function merge(lists)
  local out = {}
  while true do
    local candidate
    local any = false
    for _, list in ipairs(lists) do
      local head = list[1]
      if head then
        any = true
        local is_free = true
        for _, other in ipairs(lists) do
          for i = 2, #other do
            if other[i] == head then is_free = false break end
          end
          if not is_free then break end
        end
        if is_free then candidate = head break end
      end
    end
    if not any then return out end
    if not candidate then error("inconsistent hierarchy", 3) end
    out[#out + 1] = candidate
    for _, list in ipairs(lists) do
      if list[1] == candidate then table.remove(list, 1) end
    end
  end
end

local function linearize(class)
  local lists = {}
  for _, parent in ipairs(class.__parents) do
    local copy = table.move(parent.__order, 1, #parent.__order, 1, {})
    lists[#lists + 1] = copy
  end
  lists[#lists + 1] = table.move(class.__parents, 1, #class.__parents, 1, {})
  local rest = merge(lists)
  table.insert(rest, 1, class)
  return rest
end

Object.__parents = {}
Object.__order = {Object}

local function find_after(order, after, name)
  local seen = after == nil
  for _, class in ipairs(order) do
    if seen then
      local found = rawget(class, name)
      if found ~= nil then return found, class end
    elseif class == after then
      seen = true
    end
  end
end

local class_meta = {}
function class_meta.__index(class, name)
  if type(name) == "string" and name:sub(1, 2) == "__" then return nil end
  return (find_after(class.__order, class, name))
end
function class_meta.__call(class, ...)
  local object = setmetatable({}, class)
  local init = class.init
  if init then init(object, ...) end
  return object
end
function class_meta.__tostring(class) return "class " .. class.__name end
setmetatable(Object, class_meta)

local function class(name, ...)
  local parents = {...}
  if #parents == 0 then parents[1] = Object end
  local new = {__name = name, __parents = parents, __properties = {}}
  new.__order = linearize(new)
  for i = #new.__order, 2, -1 do
    local parent = new.__order[i]
    for _, event in ipairs(metamethods) do
      local method = rawget(parent, event)
      if method ~= nil then new[event] = method end
    end
    for key, property in pairs(rawget(parent, "__properties") or {}) do new.__properties[key] = property end
  end
  function new.__index(object, key)
    local property = new.__properties[key]
    if property and property.get then return property.get(object) end
    return new[key]
  end
  function new.__newindex(object, key, value)
    local property = new.__properties[key]
    if not property then return rawset(object, key, value) end
    if not property.set then error("property '" .. key .. "' of " .. name .. " cannot be set", 2) end
    property.set(object, value)
  end
  return setmetatable(new, class_meta)
end

local function super(class, object, name, ...)
  local method = find_after(getmetatable(object).__order, class, name)
  if not method then error("no method '" .. name .. "' above " .. class.__name, 2) end
  return method(object, ...)
end

local function is_a(object, class)
  local meta = getmetatable(object)
  local order = type(meta) == "table" and rawget(meta, "__order") or {}
  for _, c in ipairs(order) do if c == class then return true end end
  return false
end

local function abstract(name)
  return function(self) error(getmetatable(self).__name .. ":" .. name .. " is abstract", 2) end
end

local function mixin(class, ...)
  for _, source in ipairs {...} do
    for name, member in pairs(source) do
      if rawget(class, name) == nil then class[name] = member end
    end
    if source.included then source.included(class) end
  end
  return class
end

-- mixins
local Comparable = {
  __eq = function(a, b) return a:compare(b) == 0 end,
  __lt = function(a, b) return a:compare(b) < 0 end,
  __le = function(a, b) return a:compare(b) <= 0 end,
  clamp = function(self, low, high) return self < low and low or (high < self and high or self) end,
}
local included = {}
local Countable = {
  included = function(class) included[#included + 1] = class.__name class.count = 0 end,
  counted = function(self) local c = getmetatable(self) c.count = c.count + 1 return c.count end,
}

-- a hierarchy
local Named = class("Named")
function Named:init(name) self.name = name end
function Named:describe() return "named " .. self.name end
Named.__tostring = function(self) return getmetatable(self).__name .. "(" .. tostring(self.name) .. ")" end

local Priced = class("Priced")
Priced.price = abstract("price")
function Priced:describe() return "costs " .. self:price() end

local Item = class("Item", Named, Priced)
mixin(Item, Comparable, Countable)
Item.__properties.cents = {
  get = function(self) return rawget(self, "_cents") or 0 end,
  set = function(self, value)
    if math.type(value) ~= "integer" then error("cents must be an integer, got " .. tostring(value), 3) end
    rawset(self, "_cents", value)
  end,
}
Item.__properties.euros = {get = function(self) return self.cents / 100 end}
function Item:init(name, cents)
  super(Item, self, "init", name)
  self.cents = cents
  self:counted()
end
function Item:price() return self.cents end
function Item:compare(other) return self.cents - other.cents end
function Item:describe()
  local texts = {}
  for _, parent in ipairs(getmetatable(self).__order) do
    if parent ~= Item and rawget(parent, "describe") then texts[#texts + 1] = parent.describe(self) end
  end
  return table.concat(texts, ", ")
end

local Bundle = class("Bundle", Item)
function Bundle:init(name, ...)
  self.parts = {...}
  super(Bundle, self, "init", name, 0)
end
function Bundle:price()
  local sum = 0
  for _, part in ipairs(self.parts) do sum = sum + part:price() end
  return sum * 9 // 10
end
function Bundle:compare(other) return self:price() - other:price() end
Bundle.__len = function(self) return #self.parts end
Bundle.__add = function(a, b)
  local bundle = Bundle(a.name .. "+" .. b.name)
  for _, side in ipairs {a, b} do
    if is_a(side, Bundle) then table.move(side.parts, 1, #side.parts, #bundle.parts + 1, bundle.parts)
    else bundle.parts[#bundle.parts + 1] = side end
  end
  return bundle
end

local pen, book, lamp = Item("pen", 120), Item("book", 1550), Item("lamp", 4000)
print(tostring(pen), tostring(Item), pen:describe())
local set = Bundle("set", pen, book)
print(tostring(set), #set, set:price(), set:describe())
local all = set + Bundle("light", lamp)
print(tostring(all), #all, all:price(), is_a(all, Item), is_a(all, Named), is_a(pen, Bundle), is_a(5, Item))
print(pen < book, pen <= book, pen == Item("other", 120), pen ~= book, set > pen, lamp:clamp(pen, book) == book)
print(Item.count, rawget(Bundle, "count"), table.concat(included, ","))
pen.cents = 99
print(pen.cents, pen.euros, pcall(function() pen.cents = 1.5 end))
print(pcall(function() pen.euros = 1 end))
print(pcall(function() return Priced():price() end))
print(pcall(function() return set:missing() end))
print(pcall(super, Object, pen, "nothing"))

-- orders
local function names(c) local out = {} for i, k in ipairs(c.__order) do out[i] = k.__name end return table.concat(out, " ") end
local A, B = class("A"), class("B")
local C, D = class("C", A, B), class("D", B)
local E = class("E", C, D)
print(names(E), "|", names(Bundle))
print(pcall(class, "Bad", A, class("A2", A)))
function A:who() return "A" end
function B:who() return "B" end
function D:who() return "D>" .. super(D, self, "who") end
print(E():who(), D():who(), C():who())
function C:who() return "C>" .. super(C, self, "who") end
print(E():who(), rawget(E, "who"))

local sorted = {lamp, set, pen, book, all}
table.sort(sorted)
for i, item in ipairs(sorted) do io.write(i, ":", item.name, "=", item:price(), " ") end
print()
do
  local log = {}
  local Resource = class("Resource", Named)
  Resource.__close = function(self, e) log[#log + 1] = self.name .. ":" .. tostring(e) end
  local Special = class("Special", Resource)
  print(pcall(function()
    local a <close> = Resource("a")
    local b <close> = Special("b")
    error("stop", 0)
  end))
  print(table.concat(log, " "))
end
