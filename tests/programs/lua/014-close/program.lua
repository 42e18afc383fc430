local function c(name, err) return setmetatable({}, {__close = function(_, e) print("close " .. name, e) if err then error(err, 0) end end}) end
do local a <close> = c "a" local b <close> = c "b" print("body") end
do local n <close> = nil local f <close> = false print("nil and false are fine") end
print(pcall(function() local x <close> = 42 end))
print(pcall(function() local x <close> = {} end))
print(pcall(function() local a <close> = c "a" error("boom", 0) end))
print(pcall(function() local a <close> = c "a" local b <close> = c("b", "from b") error("boom", 0) end))
print(pcall(function() local a <close> = c("a", "from a") local b <close> = c("b", "from b") return "lost" end))
print((function() local a <close> = c "a" return 1, 2, 3 end)())
print((function(...) local a <close> = c "a" return ... end)(1, nil, nil))
print((function(...) local a <close> = c "a" return (...), select("#", ...) end)(7, 8))
for i = 1, 3 do local x <close> = c("loop" .. i) if i == 2 then break end end
for i = 1, 2 do local x <close> = c("cont" .. i) goto continue ::continue:: end
local i = 0
while i < 2 do i = i + 1 local x <close> = c("while" .. i) if i == 1 then goto next end print("after") ::next:: end
repeat local x <close> = c "repeat" local done = true until done
local function nested() local a <close> = c "outer" do local b <close> = c "inner" return "value" end end
print(nested())
local function tail() local a <close> = c "t" return print("not a tail call") end
tail()
print(pcall(function() local a <close> = c "x" local t = nil t.y = 1 end))
local co = (function() local a <close> = c "first" local b <close> = setmetatable({}, {__close = function() print(pcall(error, "inside")) end}) return "ok" end)()
print(co)
do
  local mt = {__close = function(o, e) print("method", o.name, e) end}
  local v <close> = setmetatable({name = "n"}, mt)
  local w <const> = v
  print(w.name)
end
print(pcall(function() local a <close> = c "p" local ok, e = pcall(function() local b <close> = c "q" error({}) end) print(ok, type(e)) return "done" end))
print(pcall(function()
  for k in (function() return nil end), nil, nil, c "iterator" do end
  for k in next, {1, 2}, nil, c "iterator2" do if k == 1 then break end end
  for k in next, {1, 2}, nil, c "iterator3" do error("in loop", 0) end
end))
local function deep(n) local x <close> = n % 2 == 0 and c("d" .. n) or nil if n == 0 then error("bottom", 0) end return deep(n - 1), n end
print(pcall(deep, 4))
local function many() local a <close> = c(1) local b <close> = c(2) local d <close> = c(3) for i = 1, 2 do local e <close> = c("e" .. i) if i == 2 then return "r", i end end end
print(many())
