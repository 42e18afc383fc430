do
print(pcall(function()
for i = 1,
  2,
  0 do end end))
end
do
print(pcall(function()
for a, b in
 next, {}, nil,
 5 do end end))
end
do
print(pcall(function()
for a, b in
 nil
 do end end))
end
do
print(pcall(function()
local t = {}
t.x
.y
.z = 1 end))
end
do
print(pcall(function()
local t = {}
return t
.x
.y
(1)
end))
end
do
print(pcall(function()
foo(
1,
2)
end))
end
do
print(pcall(function()
local s = "a" ..
 {} ..
 "b"
end))
end
do
print(pcall(function()
local s = {
 a = nil + 1,
 b = 2
}
end))
end
do
print(pcall(function()
local a
a = 1 <
 {}
end))
end
do
print(pcall(function()
local a = - 
 {}
end))
end
do
print(pcall(function()
local a = {}
a:foo
(
1
)
end))
end
do
local function f()
  error("here",
   1)
end
print(pcall(f))
print(pcall(function() return
  f() end))
end
do
print(pcall(function()
  local a <close> =
   42
end))
end
do
print(pcall(function()
  local t = setmetatable({}, {__close = function() error("x") end})
  local a <close> = t
  local b = 1
  return b
end))
end
do
print(pcall(function()
  return 1 +
   2 +
   {}
end))
end
do
print(pcall(function()
  local a, b, c = 1, nil,
   nil .. "x"
end))
end
do
print(pcall(function()
  if nil > 1
  then end
end))
end
do
print(pcall(function()
  while 1 <
   {} do end
end))
end
do
print(pcall(function()
  repeat local x = 1
  until x
  .y.z
end))
end
do
print(pcall(function()
  local t = {}
  t[nil]
  =
  5
end))
end
do
print(pcall(function() local x = {} ; (x
).y.z = 1 end))
end
do
print(pcall(function()
  return #
  nil
end))
end
do
print(pcall(string.rep)) print(pcall(("x").rep)) print(pcall(function() ("x"):rep({}) end)) print(pcall(function() string.rep("x", {}) end))
local t = {f = string.rep} print(pcall(function() t.f() end)) print(pcall(function() t:f() end)) local r = string.rep print(pcall(function() r() end))
end
