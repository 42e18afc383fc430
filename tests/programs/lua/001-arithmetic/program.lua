-- operators on integers and floats, with variables (so that nothing is folded) and with constants
local function show(...)
  local t = table.pack(...)
  for i = 1, t.n do t[i] = math.type(t[i]) and (math.type(t[i]) .. ":" .. string.format("%.17g", t[i])) or tostring(t[i]) end
  print(table.concat(t, " "))
end
local values = {0, 1, -1, 2, 3, -3, 7, 10, math.maxinteger, math.mininteger, 0.0, -0.0, 0.5, -2.5, 3.0, 1e308, 2^53, math.huge, -math.huge}
for _, a in ipairs(values) do
  for _, b in ipairs(values) do
    local row = {a + b, a - b, a * b, a / b ~= a / b and "nan" or a / b}
    local ok, q = pcall(function() return a // b end)
    row[#row + 1] = not ok and q or q ~= q and "nan" or q
    ok, q = pcall(function() return a % b end)
    row[#row + 1] = not ok and q or q ~= q and "nan" or q
    for i = 1, #row do if row[i] ~= row[i] then row[i] = "nan" end end
    show(table.unpack(row))
  end
end
for _, a in ipairs(values) do
  show(-a, a // 3, a % 3, a // -3, a % -3, a // 8, a % 8, a // 1, a % 1, a * 2, a + 1, a - 1, 1 - a, a // 7, a % 7, a // 2.0, a % 2.5)
end
show(2^10, 2^0.5, (-2)^2, -2^2, 2^-1, 10^2, (-8)^(1/3) ~= (-8)^(1/3), 0^0, math.huge^0, 2^3^2)
show(7 // 2, -7 // 2, 7 // -2, -7 // -2, 7 % 3, -7 % 3, 7 % -3, -7 % -3)
show(5.3 % 2, -5.3 % 2, 5.3 % -2, -5.3 % -2, 5 % math.huge, -5 % math.huge, 5 % -math.huge, -0.0 % 5)
show(math.maxinteger + 1, math.mininteger - 1, math.maxinteger * 2, -math.mininteger, math.mininteger // -1, math.mininteger % -1)
show(1e15, 1e16, 123456789012345678, 0x7fffffffffffffff, 0xffffffffffffffff, 0x1p4, 0xA.8p0, 9223372036854775808, -9223372036854775808)
print(1e15, 1e16, 1e100, -1e-7, 2^53, 2^63, 1/3, 100.0, 1e14, 123456789.123, 3.14159265358979, 5e-324, 1.7976931348623157e308)
print(0.1 + 0.2, 1 - 0.9, 1e300 * 1e10, -1e300 * 1e10, 3 | 0, 7.0 // 2, 7 // 2.0, 2^31, 1 // 0.0, -1 // 0.0, 0.0 / 1, -0.0)
return 1 + 1, 1 + 1.0, 10 / 2, 3 // 2, 3.0 // 2, 2^2
