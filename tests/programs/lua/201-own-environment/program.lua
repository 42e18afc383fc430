-- The chunk gives its own _ENV away; functions written before and after see the new one.
local print, pcall, tostring, setmetatable = print, pcall, tostring, setmetatable

local function before() return greeting end
print(before())

_ENV = { greeting = "hello" }
print(before(), greeting)

function after() return greeting, _ENV.greeting end
greeting = "goodbye"
print(after())
print(before())

local function nested()
  return function() count = (count or 0) + 1 return count end
end
local tick = nested()
tick()
print(tick(), _ENV.count)

do
  local _ENV = { greeting = "inner" }
  print(greeting, before())
end

local function swap(env) _ENV = env end
swap(setmetatable({}, { __index = function(_, name) return "<" .. name .. ">" end }))
print(greeting, anything, before())

swap(nil)
local ok, message = pcall(before)
print(ok, (tostring(message):gsub("^.-:%d+: ", "")))
ok, message = pcall(function() missing = 1 end)
print(ok, (tostring(message):gsub("^.-:%d+: ", "")))
