local names = {"add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat"}
local mt = {}
for _, n in ipairs(names) do mt["__" .. n] = function(a, b) return n .. "(" .. (type(a) == "table" and "T" or tostring(a)) .. "," .. (type(b) == "table" and "T" or tostring(b)) .. ")", "extra" end end
mt.__unm = function(a, b) return "unm" .. tostring(rawequal(a, b)) end
mt.__bnot = function(a, b) return "bnot" .. tostring(rawequal(a, b)) end
mt.__len = function() return "len" end
mt.__eq = function() return 1 end
mt.__lt = function(a, b) return nil end
mt.__le = function(a, b) return "yes" end
mt.__call = function(self, ...) return "call", select("#", ...), ... end
local function new() return setmetatable({}, mt) end
local o, q = new(), new()
print(o + 1, 1 + o, o - q, "x" * o, o / 2.5, o % "y", o ^ nil, nil // o, o & 1, 1.5 | o, o ~ o, o << 1, 1 >> o, o .. "s", 1 .. o, o .. nil, {} .. o)
print(-o, ~o, #o, o == q, o ~= q, o == o, o == 1, o < q, o > 1, o <= q, 1 >= o, "x" < o)
print(o()) print(o(nil)) print(o(1, 2, 3, 4, 5)) print((o(1)))
print("a" .. "b" .. o .. "c" .. "d", 1 .. 2 .. o)
local C = {} C.__index = C
function C.new(v) return setmetatable({v = v}, C) end
function C:get() return self.v end
local D = setmetatable({}, {__index = C}) D.__index = D
function D:twice() return self:get() * 2 end
local d = setmetatable({v = 21}, D)
print(d:get(), d:twice(), d.v, d.missing, rawget(d, "get"), getmetatable(d) == D)
local log = {}
local proxy = setmetatable({}, {__index = function(t, k) log[#log + 1] = "get " .. tostring(k) return k end, __newindex = function(t, k, v) log[#log + 1] = "set " .. tostring(k) rawset(t, k, v) end})
proxy.a = 1 proxy.a = 2 print(proxy.a, proxy.b, proxy[1], proxy[1.5], rawget(proxy, "b")) proxy[1] = nil proxy[2] = nil
print(table.concat(log, ";"))
local w = setmetatable({}, {__newindex = proxy}) w.zz = 5 print(rawget(w, "zz"), rawget(proxy, "zz"))
print(pcall(function() local t = setmetatable({}, {__index = 1}) return t.x end))
print(pcall(function() local t = setmetatable({}, {__newindex = 1}) t.x = 1 end))
print(pcall(function() local t = setmetatable({}, {__index = "str"}) return t.len == string.len end))
print(pcall(setmetatable, {}), pcall(setmetatable, 1, {}), pcall(setmetatable, {}, 1), getmetatable("x").__index == string)
local locked = setmetatable({}, {__metatable = "locked"})
print(getmetatable(locked), pcall(setmetatable, locked, {}))
print(tostring(setmetatable({}, {__tostring = function() return "custom" end})), pcall(tostring, setmetatable({}, {__tostring = function() return {} end})))
print((tostring(setmetatable({}, {__name = "My.Type"})):gsub("0x%x+", "PTR")))
print(pcall(function() return setmetatable({}, {__name = "My.Type"}) + 1 end))
print(pcall(function() return setmetatable({}, {__name = "My.Type"}) < 1 end))
print(pcall(function() return #setmetatable({}, {__len = function() error("in len") end}) end))
local e1, e2 = setmetatable({}, {__eq = function() return false end}), setmetatable({}, {__eq = function() return true end})
print(e1 == e2, e2 == e1, rawequal(e1, e1), e1 ~= e2)
print(rawlen({1, 2}), rawlen("abc"), pcall(rawlen, 1), rawset({}, 1, 2)[1], pcall(rawset, 1, 2, 3), pcall(rawget, 1, 2))
local chain = setmetatable({}, {__call = setmetatable({}, {__call = function(a, b, c) return type(a), type(b), c end})})
print(chain("arg"), pcall(setmetatable({}, {__call = 5})))
setmetatable(_G, {__index = function(_, k) return "global " .. k end, __newindex = function(t, k, v) rawset(t, k, v and v .. "!" ) end})
print(undefined_thing) newglobal = "x" print(newglobal) setmetatable(_G, nil) print(undefined_thing)
local default = setmetatable({}, {__index = table}) default:insert("a") default:insert("b") print(default:concat(","))
print(#setmetatable({1, 2}, {__index = {3, 4, 5}}), setmetatable({1, 2}, {__index = {3, 4, 5}})[3])
print(pcall(function() local a = setmetatable({}, {__lt = function() return true end}) return a < 1, 1 < a, a <= 1 end))
print(pcall(function() local a = setmetatable({}, {__add = 5}) return a + 1 end))
print(pcall(function() local a = setmetatable({}, {__concat = function(a, b) return "cc" end}) return a .. 1, 1 .. a, a .. a, "x" .. a .. "y" end))
