-- Rounding, remainders, conversions and elementary number theory; integers and floats kept apart.
local numbers = { 0, 1, -1, 7, -7, 2.5, -2.5, 0.5, -0.5, -0.0, 1e15, 2 ^ 53, 2 ^ 62, 2 ^ 63, -2 ^ 63, 1e308, 1 / 0, -1 / 0, math.maxinteger, math.mininteger }
local function show(v)
  if v ~= v then return "nan" end
  return math.type(v) == "float" and ("%.17g"):format(v) or tostring(v)
end
for _, n in ipairs(numbers) do
  local whole, fraction = math.modf(n)
  print(show(n), show(math.floor(n)), show(math.ceil(n)), show(math.abs(n)), show(whole), show(fraction), tostring(math.tointeger(n)), math.type(n), show(math.sqrt(math.abs(n))))
end
for _, a in ipairs { 7, -7, 7.5, -7.5, 0, 1e300 } do
  for _, b in ipairs { 3, -3, 2.5, -2.5, 1 / 0, -1 / 0 } do
    print(show(a), show(b), show(math.fmod(a, b)), show(a % b), show(a // b), math.max(a, b) == (a > b and a or b), math.min(a, b) == (a < b and a or b))
  end
end
print(math.pi, -math.huge, math.maxinteger + 1 == math.mininteger, math.maxinteger // -1, math.mininteger // -1, math.ult(1, -1), math.ult(-1, 1))
print(math.max(1, 2.0), math.max(2, 2.0), math.max(2.0, 2), math.min(1, 1.0), math.max(3), math.min(-0.0, 0.0) == 0)
print(math.log(8, 2), math.log(1000, 10), math.log(0), math.log(2 ^ 70, 2), math.log(81, 3), math.exp(0), math.sin(0), math.cos(0), math.tan(0), math.atan(0, -1), math.atan(1, 0))
print(("%.10f %.10f %.10f %.10f"):format(math.sin(1), math.cos(2), math.tan(3), math.exp(1)), ("%.10f %.10f %.10f"):format(math.asin(0.3), math.acos(0.3), math.atan(0.3)))
print(math.deg(math.pi), math.rad(90), 2 ^ 0.5 == math.sqrt(2), 10 ^ 2, 10 ^ -2, 8 ^ (1 / 3), (-8) ^ 3, (-8) ^ (1 / 3) ~= (-8) ^ (1 / 3))
for _, text in ipairs { "10", " 0x1F ", "1e2", "0x.8p1", "1e", "0x", "", "1 2", "inf", "nan", "9223372036854775808", "0xffffffffffffffffff", "-0", "5.", ".5", "1_0" } do
  print(("%q"):format(text), tonumber(text), math.type(tonumber(text)), math.tointeger(text))
end
for base = 2, 36, 17 do print(base, tonumber("10", base), tonumber("zz", base), tonumber("-11", base), tonumber("2", base)) end
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end
local function power(b, e, m) local r = 1 while e > 0 do if e & 1 == 1 then r = r * b % m end b, e = b * b % m, e >> 1 end return r end
print(gcd(1071, 462), gcd(2 ^ 40 // 1 | 0, 6 ^ 20 // 1 | 0), power(3, 200, 1000007), power(2, 10, 1000000007))
for _, call in ipairs {
  { math.floor }, { math.floor, {} }, { math.abs, "x" }, { math.fmod, 1, 0 }, { math.fmod, 1 }, { math.max }, { math.max, 1, "x" }, { math.tointeger }, { math.type },
  { math.random, 0, 1, 2 }, { math.random, 2, 1 }, { math.random, 1.5 }, { math.sqrt, nil }, { math.log, "x" }, { math.ult, 1.5, 2 }, { math.randomseed, {} },
} do
  print(pcall(table.unpack(call)))
end
