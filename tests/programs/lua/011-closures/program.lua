local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end end
local inc, get = counter()
inc() inc()
local inc2 = counter()
print(inc(), get(), inc2())
local function make(...) local args = {...} return function(i) return args[i] end end
print(make(1, 2, 3)(2))
local fs = {}
for i = 1, 3 do local j = i * 2 fs[i] = {function() j = j + i return j end, function(v) j = v end} end
print(fs[1][1](), fs[1][1](), fs[2][1]()) fs[1][2](100) print(fs[1][1]())
local function compose(f, g) return function(...) return f(g(...)) end end
print(compose(function(a, b) return a, b, "f" end, function(...) return ..., "g" end)(1, 2))
local function y(f) return (function(x) return x(x) end)(function(x) return f(function(...) return x(x)(...) end) end) end
print(y(function(self) return function(n) return n == 0 and 1 or n * self(n - 1) end end)(10))
local a = 1
local function outer() local b = 2 return function() local c = 3 return function() a, b, c = a + 1, b + 1, c + 1 return a, b, c end end end
local f = outer()
local g, h = f(), f()
print(g()) print(h()) print(g())
local rec rec = function(n) if n == 0 then return "done" end return rec(n - 1) end
print(rec(5))
local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end
print(fact(20), fact(21), fact(10.0))
local function isodd(n) end
local function iseven(n) if n == 0 then return true end return isodd(n - 1) end
function isodd(n) if n == 0 then return false end return iseven(n - 1) end
print(iseven(10), isodd(7))
local shadow = 1
local function s1() return shadow end
local shadow = 2
local function s2() return shadow end
print(s1(), s2())
do local p = 1 local function setp(v) p = v end setp(5) print(p) end
local t = {}
function t.a(x) return x + 1 end
function t:b(x) return self == t, x end
t.c = {d = {}}
function t.c.d.e() return "deep" end
function t.c.d:f() return self == t.c.d end
print(t.a(1), t:b(2), t.c.d.e(), t.c.d:f())
local param = (function(p) local function set(v) p = v end set(9) return p end)(1)
print(param)
local acc = {}
for _, name in ipairs {"x", "y"} do acc[name] = function(v) if v then name = v end return name end end
acc.x("changed") print(acc.x(), acc.y())
while true do local once = {} acc.k = function() return once end break end
print(type(acc.k()))
print((function(a, b, c, d, e, f) return f, e, d, c, b, a end)(1, 2, 3, 4, 5))
print(pcall(function() local function loop(n) return loop(n) + 1 end return 1 end))
