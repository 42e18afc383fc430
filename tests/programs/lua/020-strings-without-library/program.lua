local s = "text"
print(s.foo, #s, s .. 1)
print(pcall(function() return s.foo.bar end))
print(pcall(function() s.foo = 1 end))
print(pcall(function() return s:nope() end))
print(pcall(function() return s + 1 end))
print(pcall(function() return -s, 2 end))
print("10" + 5, "3" * "4", -"2", "0x10" // 3)
