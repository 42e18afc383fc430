-- SPDX-License-Identifier: MIT
-- How deep the runtime may call back into Lua, on every way there is, and a chain of __call that needs no such call.
local P = print
do -- index
local n = 0
local t = setmetatable({}, {__index=function(t,k) n=n+1 return t[k+1] end}) P(pcall(function() return t[1] end)) P(n)
end
do -- add
local n = 0
local t; t = setmetatable({}, {__add=function(a,k) n=n+1 return a+k end}) P(pcall(function() return t+1 end)) P(n)
end
do -- call
local n = 0
local t; t = setmetatable({}, {__call=function(a,k) n=n+1 return (a(k)) end}) local ok, e = pcall(function() return (t(1)) end) P(ok, (tostring(e):gsub('%b()',''):sub(1,40)), n > 1000)
end
do -- sort
local n = 0
local function f() n=n+1 table.sort({2,1}, function(a,b) f() return a<b end) end P(pcall(f)) P(n)
end
do -- xpcall
local n = 0
local function f() n=n+1 xpcall(f, function(m) return m end) end P(pcall(f)) P(n)
end
do -- tostring
local n = 0
local t; t = setmetatable({}, {__tostring=function(a) n=n+1 return tostring(a) end}) P(pcall(tostring,t)) P(n)
end
do -- len
local n = 0
local t; t = setmetatable({}, {__len=function(a) n=n+1 return #a end}) P(pcall(function() return #t end)) P(n)
end
do -- eq
local n = 0
local t,u; local m={__eq=function(a,b) n=n+1 return a==b end} t = setmetatable({}, m) u=setmetatable({},m) P(pcall(function() return t==u end)) P(n)
end
do -- newindex
local n = 0
local t; t = setmetatable({}, {__newindex=function(a,b,c) n=n+1 a[b]=c end}) P(pcall(function() t.x=1 end)) P(n)
end
do -- pcallpcall
local n = 0
local function f() n=n+1 return pcall(pcall, f) end P((select('#', f()))) P(n)
end
do -- close
local n = 0
local function f() n=n+1 local x <close> = setmetatable({}, {__close=function() f() end}) end local ok, e = pcall(f) P(ok, tostring(e):sub(-30)) P(n)
end
do -- wrap
local n = 0
local function f() n=n+1 coroutine.wrap(f)() end local ok, e = pcall(f) P(ok, tostring(e):sub(-30)) P(n)
end
do -- resume
local n = 0
local function f() n=n+1 P(select(2, coroutine.resume(coroutine.create(f)))) end f() P(n)
end
do -- lt
local n = 0
local t; t = setmetatable({}, {__lt=function(a,b) n=n+1 return a<b end}) P(pcall(function() return t<1 end)) P(n)
end
do -- mixed
local n = 0
local t; t = setmetatable({}, {__index=function(a,b) n=n+1 return (pcall(function() return a[b] end)) end}) P(pcall(function() return t.x end)) P(n)
end
for _, k in ipairs{1.0, 2.0, 0/0} do print(pcall(next, {3, 2, 1}, k)) end
print(pcall(string.gsub, "x", "y", nil, {}))
