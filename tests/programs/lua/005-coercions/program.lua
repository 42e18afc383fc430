print("10" + 5, "10" * "2", "3" / 2, "7" // 2, "7.0" // 2, "2" ^ 2, -"2", -"2.0", "0x10" + 0, " 5 " + 0, "1e1" + 0, "5" % 3, - "-3")
print(10 .. 20, 1.0 .. "", "a" .. 1e15, 2^24 .. "")
for _, s in ipairs {"", " ", "abc", "1x", "0x", "1e", "0x1p", "1 2", "--1", "1e+", "١", "nan", "inf", "0x1.8p1", ".5", "5.", ".", "1__0", "1\0"} do
  print(s, tonumber(s), pcall(function() return s + 1 end))
end
print(tonumber("10", 2), tonumber("zz", 36), tonumber("ff", 16), tonumber("-ff", 16), tonumber("8", 8), tonumber(" 11 ", 2), tonumber("1.0", 10), tonumber("", 10))
print(tonumber("9223372036854775807"), tonumber("9223372036854775808"), tonumber("-9223372036854775808"), tonumber("0xffffffffffffffffff"), tonumber("1e400"))
print(pcall(tonumber, 1, 10), pcall(tonumber, "1", 99), pcall(tonumber), tonumber(nil), tonumber({}), tonumber(true))
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), math.tointeger(2^63), math.tointeger({}))
print(pcall(function() return "abc" + 1 end), pcall(function() return {} + 1 end), pcall(function() return 1 + nil end))
print(pcall(function() return "10" < 5 end), "10" == 10, pcall(function() return -{} end), pcall(function() return #5 end))
for i = "1", 2 do print(i) end
