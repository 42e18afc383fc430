-- SPDX-License-Identifier: MIT
-- __name in the metatable of strings: arguments are called by it, operands are not.
getmetatable("").__name = "Text"
print(pcall(error, 7, "g"))
print(pcall(math.floor, "g"))
print(pcall(string.rep, "x", "g"))
print(pcall(function() return "a" + 1 end))
print(pcall(function() return ("a")() end))
print(pcall(function() return "a" < 1 end))
print(pcall(function() return #nil .. "" end))
print(pcall(function() for i = 1, "a" do end end))
print(tostring("x"), pcall(setmetatable, "x", {}))
print(pcall(ipairs))
print(pcall(table.concat, {}, {}))
print(pcall(function() return {} .. "x" end), pcall(function() return "x" & 1 end))
local t = setmetatable({}, {__name = "Tab"})
print(pcall(math.floor, t), pcall(function() return t + 1 end), pcall(function() return t() end),pcall(function() return t < 1 end), pcall(function() return t .. 1 end), pcall(function() return #t < t end))
