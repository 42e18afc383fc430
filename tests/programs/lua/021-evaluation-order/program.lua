local a = 1
local function f() a = 10 return 1 end
print(a + f(), a) a = 1
print((a) - f()) a = 1
print(a .. f()) a = 1
print(a < f(), a) a = 1
print(a == f()) a = 1
print(f() + a) a = 1
print(a + 1 + f()) a = 1
print(a, f(), a) a = 1
local t = {a, f(), a} print(t[1], t[3])
local q = {"old"} local function g() q = {"new"} return 1 end
print(q[g()]) q = {"old"}
q[g()] = 5 print(q[1])
local function inner()
  local b = 1
  local function h() b = b * 2 return b end
  print(b + h(), b * h(), b + h() + b, (b) // h(), b > h(), -b + h(), b ^ h(), b & h())
  local function up() return b + h() end
  print(up())
end
inner()
local x = 1
local function setx(v) x = v return v end
x = x + setx(5) print(x)
x, a = setx(7), x print(x, a)
