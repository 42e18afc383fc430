local values = {0, -0.0, 1, 1.0, 1.5, -1, math.maxinteger, math.maxinteger + 0.0, math.mininteger, -2^63, 2^53, 2^53 + 1, math.huge, -math.huge, 0/0}
for i, a in ipairs(values) do
  local line = {}
  for j, b in ipairs(values) do
    line[#line + 1] = (a < b and "<" or "") .. (a <= b and "{" or "") .. (a > b and ">" or "") .. (a >= b and "}" or "") .. (a == b and "=" or "") .. (a ~= b and "!" or "")
  end
  print(i, table.concat(line, " "))
end
for i, a in ipairs(values) do
  print(a < 1, a <= 1, a > 1, a >= 1, a == 1, a ~= 1, 1 < a, 1 <= a, 1.5 < a, a <= 1.5, a == 1.0, 0 < a, a == 0)
end
local strings = {"", "a", "b", "ab", "a\0", "a\0b", "B", "10", "9", "\xff", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
for i, a in ipairs(strings) do
  local line = {}
  for _, b in ipairs(strings) do line[#line + 1] = (a < b and "<" or a == b and "=" or ">") .. tostring(a <= b):sub(1, 1) end
  print(i, table.concat(line, " "))
end
local long1, long2 = ("x"):rep(50), ("x"):rep(25) .. ("x"):rep(25)
print(long1 == long2, long1 ~= long2, rawequal(long1, long2), ({[long1] = 1})[long2], long1 < long2 .. "y")
print(1 == "1", "1" == 1, nil == false, not nil == true, {} == {}, print == print, "a" == "a", 1 == 1.0, "1" ~= 1)
for _, pair in ipairs {{1, "1"}, {{}, {}}, {{}, 1}, {nil, 1}, {true, false}, {"a", 1}, {print, print}, {"a", {}}, {1.5, "x"}} do
  print(pcall(function() return pair[1] < pair[2] end))
  print(pcall(function() return pair[1] <= pair[2] end))
  print(pcall(function() return pair[1] > pair[2] end))
  print(pcall(function() return pair[1] >= pair[2] end))
  print(pair[1] == pair[2], pair[1] ~= pair[2])
end
local t = {}
t[1] = "i" t[1.0] = "f" t[2^53] = "big" t["1"] = "s"
print(t[1], t[1.0], t[2^53|0], t["1"], #t, next({[3.0] = 1}), math.type(next({[3.0] = 1})))
