print(pcall(error, "x")) print(pcall(error, "x", 0)) print(pcall(error, {code = 1})) print(pcall(error)) print(pcall(error, nil)) print(pcall(error, 42)) print(pcall(error, true))
local function lvl(n) error("level " .. tostring(n), n) end
print(pcall(lvl, 0)) print(pcall(lvl, 1)) print(pcall(lvl, 2)) print(pcall(lvl, 3))
local function a() lvl(2) end
local function b()
  a()
end
print(pcall(b))
print(select("#", pcall(error)))
local ok, e = pcall(error, {code = 5}) print(ok, e.code)
print(pcall(pcall)) print(pcall(pcall, error)) print(pcall(pcall, error, "x"))
print(xpcall(function() error("E", 0) end, function(m) return "handled " .. m end))
print(xpcall(function(...) return select("#", ...), ... end, print, 1, nil, 3))
print(xpcall(function() local x = nil return x.y end, function(m) return m:upper() end))
print(xpcall(error, function(m) return m, "second" end, "arg"))
print(pcall(xpcall)) print(pcall(xpcall, print))
print(xpcall(function() error(setmetatable({}, {__tostring = function() return "obj" end})) end, tostring))
print(xpcall(function() error() end, function(m) return type(m) end))
print(pcall(function() local ok, e = pcall(error, "inner") error("outer:" .. e, 0) end))
local function thrower(v) return function() error(v) end end
for _, v in ipairs {1, "s", true, {}} do local ok, e = pcall(thrower(v)) print(ok, type(e), e == v) end
print(pcall(assert, false)) print(pcall(assert, nil, "m")) print(pcall(assert, 1, 2, 3)) print(select("#", assert(1, nil, nil)))
local t = setmetatable({}, {__index = function(_, k) error("no field " .. k, 2) end})
print(pcall(function()
  return t.missing
end))
print(pcall(function() error("multi\nline", 1) end))
print(pcall(string.rep, "x", -1), pcall(string.rep))
local depth = 0
local function r() depth = depth + 1 local ok, e = pcall(r2 or error, "stop") return ok end
print(r())
local function finally(f, g) local r = table.pack(pcall(f)) g() if not r[1] then error(r[2], 0) end return table.unpack(r, 2, r.n) end
print(pcall(finally, function() return 1, 2 end, function() print("cleanup") end))
print(pcall(finally, function() error("bad", 0) end, function() print("cleanup") end))
print(xpcall(function() error("first", 0) end, function(m) error("second", 0) end))
print(pcall(function() return "no error", pcall(error, "e") end))
local ok2, trace = xpcall(function() error("tb") end, function(m) return type(debug.traceback(m)) end) print(ok2, trace)
error({"uncaught", "table"})
