local values = {0, 1, -1, 5, 0xff, math.maxinteger, math.mininteger, 3.0, -2.0, 2^53, "7", "0x10", " 12 ", "3.0"}
for _, a in ipairs(values) do
  for _, b in ipairs(values) do print(pcall(function() return a & b, a | b, a ~ b, a << b, a >> b end)) end
  print(pcall(function() return ~a, a << 1, a >> 1, a << 63, a >> 63, a << 64, a >> 64, a << -1, a >> -1, a << 65, a & 0xf, a | 1, a ~ 3 end))
end
for _, bad in ipairs {1.5, 2^63, -2^64, math.huge, "1.5", "abc", "1e100", {}, true, print} do
  print(pcall(function() return bad & 1 end))
  print(pcall(function() return 1 | bad end))
  print(pcall(function() return ~bad end))
  print(pcall(function() return bad << 2 end))
end
print(pcall(function() return 1 & nil end), pcall(function() local x return x ~ 1 end))
print(5 // 0.0, pcall(function() return 5 // 0 end))
print(pcall(function() return 5 % 0 end), pcall(function() local z = 0 return 5 % z end))
print(1 << 62, 1 << 63, 1 << 64, -1 >> 1, -1 >> 63, -1 << 63, 1 << -1, 1 >> -1)
print(0xF0 & 0x3C | 1 ~ 2, 1 | 2 & 3, ~0 >> 60, -1 & 0xff, 1 .. 2 == "12", "10" + 1, "0x10" * 2, "1e1" // 1, 10 .. "")
