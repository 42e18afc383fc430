local a, b, c = 1
print(a, b, c)
a, b, c = 1, 2, 3, 4
print(a, b, c)
a, b = b, a
print(a, b)
local i, t = 1, {}
i, t[i] = i + 1, 20
print(i, t[1], t[2])
local function f() return 1, 2, 3 end
a, b, c = f()
print(a, b, c)
a, b, c = (f())
print(a, b, c)
a, b, c = 0, f()
print(a, b, c)
a, b, c = f(), 10
print(a, b, c)
local x, y, z = f(), f()
print(x, y, z)
t = {f(), f()}
print(#t)
t = {f(), (f())}
print(#t)
t = {[1] = "a", "b"}
print(t[1])
do local a = a local b <const> = a print(a, b) end
local o = {n = 1, m = {}}
o.n, o.m.k, o["x" .. 1] = o.n + 1, o.n, o
print(o.n, o.m.k, o.x1 == o)
local log = {}
local p = setmetatable({}, {__newindex = function(_, k, v) log[#log + 1] = k .. "=" .. tostring(v) end, __index = function(_, k) log[#log + 1] = "?" .. k return k end})
p.a, p.b, p.c = p.x, p.y
print(table.concat(log, " "))
g1, g2 = 1, 2
g1, g2 = g2, g1
print(g1, g2, rawget(_G, "g1"), _G.g2, _ENV == _G)
local e1, e2 = nil, nil
e1, e2 = f(), nil
print(e1, e2)
local q = {1, 2, 3}
local k = 1
k, q[k], q[k + 1] = 3, "first", "second"
print(k, q[1], q[2], q[3])
q = {10, 20}
q, q[1] = {30}, 99
print(q[1])
local function side(v) io.write("<", v, ">") return v end
local tt = {}
tt[side(1)], tt[side(2)] = side(3), side(4)
print(tt[1], tt[2])
local m1 = function(...) local a, b = ..., "end" return a, b end
print(m1(1, 2), (m1(1, 2)))
