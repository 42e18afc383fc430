-- SPDX-License-Identifier: MIT
-- Functions of strings that the program replaces: by name, through the table of methods, and by another table of methods.
local function show(...)
  print(...)
end

local function use(v)
  return v:upper(), v:len(), #v, v:byte(1), v:sub(2, 2)
end

show(use("abc"))
local upper = string.upper
string.upper = function(v) return "<" .. upper(v) .. ">" end
show(use("abc"))
show(("%d"):format(7))
string.shout = function(v) return v .. "!" end
show(("x"):shout())
string.upper = nil
show(pcall(use, "abc"))
string.upper = upper
show(use("xyz"))

local meta = getmetatable("")
local methods = meta.__index
meta.__index = function(v, name)
  return methods[name] or function() return name .. " of " .. v end
end
show(use("abc"))
show(("abc"):anything())
meta.__index = { upper = function() return "only" end, len = string.len, byte = string.byte, sub = string.sub }
show(use("abc"))
show(pcall(function() return ("abc"):rep(2) end))
meta.__index = methods
meta.__len = function() return 99 end
show(#"abc", ("abc"):len())
local real = type
type = function(v) return "my " .. real(v) end
show(type("x"), type(1))
type = real
show(type("x"))
