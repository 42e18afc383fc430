-- Positions, levels and tracebacks where calls take the place of their callers.
local function trace(...)
  local text = select(2, xpcall(...))
  return (text:gsub("main chunk.*", "main chunk"))
end

-- a library function in tail position runs on top of its caller
local function check(x)
  if not x then return error("not that", 2) end
  return error("level 1")
end
local function user(x)
  check(x)
  return 1
end
print(pcall(user, false))
print(pcall(user, true))
print(trace(user, debug.traceback, false))
print(trace(user, debug.traceback, true))
local function lib()
  return string.rep()
end
print(pcall(lib))
print(trace(lib, debug.traceback))
local function asserting(v)
  return assert(v, "asserted")
end
print(pcall(asserting, nil))
print(pcall(asserting, 1))
print(select("#", asserting(1)), select("#", (function() return print() end)()))
print((function(...) return select(2, ...) end)(1, 2, 3, 4, 5))
print((function(...) return table.unpack({...}, 2) end)(1, 2, 3, 4, 5))
print((function() return math.type(3) end)(), (function() return string.format("%d %s", 1, "a") end)())
print((function() return pcall(error, {}) end)() == false, (function() return pcall(select, 2, 1, 2, 3) end)())
print((function(s) return string.find(s, "(b)(c)") end)("abcd"))

-- a Lua function takes the place of its caller: level 2 is whoever called that
local function inner() error("in inner", 2) end
local function outer()
  return inner()
end
local function caller()
  outer()
  return 1
end
print(pcall(caller))
print(trace(caller, debug.traceback))
local function chain(n)
  if n == 0 then error("end of the chain") end
  return chain(n - 1)
end
local function start()
  chain(1000)
end
print(trace(start, debug.traceback))

-- what cannot be called, in tail position
local t = {}
local function missing()
  return t.nothing(1, 2, 3, 4)
end
local function method()
  return t:nothing(t)
end
print(trace(missing, debug.traceback))
print(trace(method, debug.traceback))
local callable = setmetatable({}, {__call = function(self, ...) return select("#", ...), ... end})
local function calls(...) return callable(1, 2, 3, ...) end
print(calls(4, 5, nil))

-- libraries under other names, and names that are no longer the library's
local fail = error
print(pcall(function() return fail("renamed") end))
do
  local error = function(...) return "mine", ... end
  print((function() return error("x", 2) end)())
end
function tostring2(...) return tostring(...) end
print(pcall(tostring2))
local depth = 0
function type2(n)
  if n == 0 then return "bottom" end
  return type2(n - 1)
end
print(type2(200000))

-- a function that an error has left is gone when its variables are closed
local function closing(f) return setmetatable({}, {__close = f}) end
print(pcall(function()
  local a <close> = closing(function(_, e) error("closing: " .. tostring(e), 2) end)
  error("first", 0)
end))
print(pcall(function() local a <close> = closing(function() error("without error", 2) end) end))

-- comparing: the position of an error in __eq
local eq = setmetatable({}, {__eq = function(a, b) return a == b end})
print(pcall(function() return eq == setmetatable({}, getmetatable(eq)) end))
print(pcall(function()
  return eq ~= setmetatable({}, {__eq = function() error("unequal", 2) end})
end))

-- a head of a loop that goes over several lines
print(pcall(function()
  for i = 1,
    {}
  do
    print(i)
  end
end))
print(pcall(function()
  for i = "a",
    2
  do print(i) end
end))
for i = 1, 0/0 do print("not reached", i) end
for i = 3, 0/0, -1 do print("NaN as a limit", i) break end
for i = 1.0, 0/0, -1 do print("NaN as a limit of floats", i) break end
