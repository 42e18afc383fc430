local function f(...) return select("#", ...), ... end
print(f()) print(f(nil)) print(f(nil, nil)) print(f(1, nil, 3))
print((f(1, 2)))
local function g(a, ...) local b, c = ... return a, b, c, select("#", ...) end
print(g()) print(g(1)) print(g(1, 2)) print(g(1, 2, 3, 4))
local function h(...) local t = {...} return #t, t[1], t[#t] end
print(h(1, 2, 3)) print(h())
local function p(...) local t = table.pack(...) return t.n, t[1], t[t.n] end
print(p(nil, 2, nil)) print(p())
print(select(2, "a", "b", "c")) print(select(-1, "a", "b", "c")) print(select(-3, "a", "b", "c")) print(select(4, "a", "b", "c"))
print(pcall(select, 0)) print(pcall(select, -5, 1)) print(pcall(select, "x")) print(select("2", "a", "b")) print(select(2.0, "a", "b"))
print(table.unpack({1, 2, 3})) print(table.unpack({1, 2, 3}, 2)) print(table.unpack({1, 2, 3}, 2, 5)) print(table.unpack({}, 1, 3)) print(table.unpack({1, 2}, 3))
local function pass(...) return f(...) end
print(pass(1, nil)) print(pass(pass(1), pass(2)))
local function mid(...) return 1, ..., 2 end
print(mid("a", "b")) print(mid())
local function t3(a, b, c, d, e, ...) return e, d, c, b, a, ... end
print(t3(1, 2, 3)) print(t3(1, 2, 3, 4, 5, 6, 7))
local function nested(...) local function inner(...) return select("#", ...) end return inner(...), inner(1, ...), inner(..., 1), inner((...)) end
print(nested(1, 2, 3)) print(nested())
local t = {f(1, 2), f(3)} print(#t, t[1], t[2], t[3])
t = {n = f(), f()} print(t.n, t[1], #t)
local many = {} for i = 1, 200 do many[i] = i end
print(select("#", table.unpack(many)), (select(150, table.unpack(many))), f(table.unpack(many, 198)))
local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
print(sum(table.unpack(many)), sum())
local function rec(n, ...) if n == 0 then return ... end return rec(n - 1, n, ...) end
print(rec(12))
print(string.format("%s %s", ("x"):rep(2), (("y"):gsub("y", "z"))))
print(("abc"):gsub("b", "x"), (("abc"):gsub("b", "x")))
print(math.max(table.unpack {3, 9, 2}), (table.unpack {3, 9}), #{table.unpack {1, 2}, table.unpack {3, 4}})
local function opt(a, b) a = a or "da" b = b == nil and "db" or b return a, b end
print(opt()) print(opt(1)) print(opt(nil, false))
return ...
