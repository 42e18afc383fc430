print("a\tb\\\"\'\65\066\x41\u{48}\u{20AC}\u{7FFFFFFF}\z
       end", 'it\'s', #"\0\00\000", "\a\b\f\v" == "\7\8\12\11")
print([[
first newline dropped]], [==[a]]b]=]c]==], #[[

x]], "line1\
line2", 'a\
b')
print(("x"):rep(3, ","), #("ab"):rep(100), ("%d"):format(3), ("abc"):upper(), #"héllo", ("abc"):byte(1, -1))
print("a" .. 1 .. 2.0 .. -0.0 .. "b" .. 2^63 .. 1e100, 1 .. "", 1.5 .. "|" .. -1)
local s = ""
for i = 1, 20 do s = s .. i .. (i % 2 == 0 and "," or ";") end
print(s, #s)
for _, bad in ipairs {{}, true, print} do
  print(pcall(function() return "x" .. bad end))
  print(pcall(function() return bad .. "x" end))
  print(pcall(function() return 1 .. bad end))
end
print(pcall(function() local n return "a" .. n .. "b" end))
print(pcall(function() local t = {} return "a" .. t.x end))
print(("abc"):sub(2), ("abc"):sub(-2), ("abc"):sub(2, 2), ("abc"):sub(0), ("abc"):sub(5), ("abc"):sub(-10, 2), ("abc"):sub(2, -2), ("abc"):sub(3, 2))
print(("abc"):sub(math.mininteger, math.maxinteger), ("abc"):sub(2.0), pcall(string.sub, "abc", 1.5), pcall(string.sub), pcall(string.sub, "x", {}))
print(("abc").len, #"abc", ("x").y, pcall(function() return ("x").y.z end))
print(("hello"):find("l"), ("hello"):find("l", 4), ("hello"):find("xyz"), ("hello"):find(""), ("hello"):find("", 10), ("a.b"):find(".", 1, true), ("a+b"):find("+", 1, true))
print(string.char(), string.char(104, 105), pcall(string.char, 256), pcall(string.char, -1))
print(("abc"):reverse(), (""):reverse(), ("aBc"):lower(), ("x"):len(), ("abc"):byte(10), ("abc"):byte(-1))
print(tostring(1), tostring(1.0), tostring(-0.0), tostring(nil), tostring(true), tostring("x"), tostring(1e15), tostring(2^53))
