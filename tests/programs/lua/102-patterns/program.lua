-- Every pattern item, alone and together; what a search for it gives, and where.
local texts = {
  "", "a", "hello world", "  indented\tline\n", "2024-02-29T23:59:60Z", "f(a(b)c)d(e", "key = 'value'; other=\"x\"",
  "\0binary\0\1\2\255", "THE (quick) fox", "aaa", "x=1,y=22,z=333", "[[nested] brackets]", "%percent%", "a.b-c_d+e*f",
}
local patterns = {
  "", "a", "l+", "%s*", "^%s*(.-)%s*$", "(%d+)-(%d+)-(%d+)", "%b()", "%f[%w]%w+", "(%w+)%s*=%s*(['\"])(.-)%2",
  "%z", "%(%a+%)", "a-$", "()a()", "(%a)=(%d+),?", "[%[%]]", "%%", "[%w_]+[%-%+]?", "[^%s]+$", "%u%l*", "^$", ".",
  "%c", "%p+", "%x%x", "[a-cx-z]+", "[]]", "[^]]+", "[%a-]", "(a*(.)%w(%s*))", ".-b", "%g+", "[\1-\31]", "\255",
}
local function show(...)
  local out = table.pack(...)
  for i = 1, out.n do out[i] = type(out[i]) == "string" and ("%q"):format(out[i]) or tostring(out[i]) end
  return table.concat(out, " ", 1, out.n)
end
for _, text in ipairs(texts) do
  for _, pattern in ipairs(patterns) do
    print(("%q %q: %s | %s | %s"):format(text, pattern, show(text:find(pattern)), show(text:match(pattern, 2)),
      show(text:gsub(pattern, "<%0>"))))
  end
end
local function collect(text, pattern, start)
  local out = {}
  for a, b in text:gmatch(pattern, start) do out[#out + 1] = show(a, b) end
  return table.concat(out, ";")
end
print(collect("one two  three", "%a+"), collect("k1=v1, k2=v2", "(%w+)=(%w+)"), collect("abc", ""), collect("abc", "()"))
print(collect("a,b,,c", "([^,]*)"), collect("aXbXc", "X", 3), collect("hello", "l", -2), collect("x", "^x"))
for _, bad in ipairs { "[", "[^", "[a", "[%", "%", "(", "(()", "%1", "(%1)", "%b", "%bx", "%f", "%fa", "a)" , "[a-%" } do
  print(("%-6s"):format(bad), pcall(string.find, "aaa", bad), pcall(string.gsub, "aaa", bad, ""))
end
print(pcall(string.gsub, "x", "x", "%"), pcall(string.gsub, "x", "x", "%2"), pcall(string.gsub, "x", "x", "%a"))
print(pcall(string.gsub, "x", "x"), pcall(string.gsub, "x", "x", function() return {} end))
print(pcall(string.rep), pcall(string.find, "x", ("(x"):rep(40)), pcall(string.match, ("x"):rep(300), ("x?"):rep(250)))
