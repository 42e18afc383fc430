-- SPDX-License-Identifier: MIT
-- What is done in line, or by the quick ways of the library, for strings: methods, lengths, bytes, types, patterns of one item.
local function show(...)
  local out = {}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    out[i] = type(v) == "string" and string.format("%q", v) or tostring(v)
  end
  print(table.concat(out, " "))
end

-- methods of what may be a string or a table
local box = { upper = function() return "box" end, len = function() return -1 end }
local derived = setmetatable({}, { __index = box, __len = function() return 77 end })
for _, v in ipairs({ "abc", box, derived, "", ("x"):rep(50) }) do
  show(v:upper(), v:len(), #v)
end
show(pcall(function(v) return v:upper() end, nil))
show(pcall(function(v) return v:upper() end, 12))
show(pcall(function(v) return #v end, 12))
show(pcall(function(v) return v:nothing() end, "abc"))
local absent
show(pcall(function() return absent:find("x") end))

-- bytes
local function byte(text, at) return (text:byte(at)) end
for _, at in ipairs({ 1, 3, 4, 0, -1, -3, -4, math.mininteger, math.maxinteger, "2", 2.0 }) do
  show(at, byte("a\0\255", at))
end
show(byte("abc"), pcall(byte, "abc", 1.5))
show(pcall(byte, "abc", {}))
show(pcall(byte, {}, 1))
show(select("#", ("abc"):byte(9)), ("abc"):byte(1, -1))
show(type(nil), type(true), type(false), type(1), type(1.5), type("x"), type({}), type(show), type(coroutine.create(show)))
show(pcall(type))
show(pcall(function(...) return type(...) end))

-- strings of one byte, some of them dead meanwhile
for round = 1, 3 do
  local seen, count = {}, 0
  for i = 0, 255 do
    local one = string.char(i)
    if seen[one] == nil then
      count = count + 1
    end
    seen[one] = i
    assert(one == string.char(i) and one:byte() == i and #one == 1)
  end
  collectgarbage()
  local sum = 0
  for i = 0, 255 do
    sum = sum + seen[("_" .. string.char(i)):sub(2, 2)]
  end
  show(round, count, sum)
end

-- patterns of one item, in all positions
local text = "  one, two;;three 4 55 \0 6"
for _, pattern in ipairs({ "%a+", "%d*", "[,;]", "[^%s]+", ".", ".+", ".*", "%S", "%s*", "(%a+)", "(%d*)", "(.)", "()", "x", "x*", "%z" }) do
  local found = {}
  for a, b in text:gmatch(pattern) do
    found[#found + 1] = tostring(a) .. (b and "?" or "")
  end
  show(pattern, #found, table.concat(found, "|"))
  show(text:find(pattern), text:find(pattern, 5), text:find(pattern, -3), text:find(pattern, #text + 1), text:find(pattern, #text + 2))
  show(text:match(pattern), text:match(pattern, 7), text:match(pattern, #text + 1))
  show(text:gsub(pattern, "<%0>"))
  show(text:gsub(pattern, "-", 2))
  show(text:gsub(pattern, { one = "ONE", two = false, ["4"] = 44 }))
  show(text:find("^" .. pattern), text:match("^" .. pattern), text:gsub("^" .. pattern, "!"))
end
show(("abc"):gsub("%w", "%1"), ("abc"):gsub("(%w)", "%1%1"), ("abc"):gsub("%d", "%9"))
show(pcall(string.gsub, "abc", "%w", "%9"))
show(pcall(string.gsub, "abc", "%d", nil))
show(pcall(string.gsub, "abc", "%d", "x", {}))
show(pcall(string.find, "abc", "[a"))
show(pcall(string.find, "abc", "%"))
show(pcall(string.match, "abc", "(%a+"))
show(pcall(string.match, "abc", "%a)"))
show(("a.b"):find(".", 1, true), ("a.b"):find("%."), ("a+b"):gsub("+", "-"))
local iterator = ("ab"):gmatch("%a")
show(iterator(), iterator(), iterator(), iterator())
for a in ("anchors ^here"):gmatch("^%a+") do
  show(a)
end

-- concatenation
local zero, minimum = 0, math.mininteger
show(zero .. "", "" .. -1, minimum .. "|" .. math.maxinteger, 1.5 .. "x" .. 2, "" .. "", 1 .. 2, -0.0 .. "")
local grown = ""
for i = -12, 30 do
  grown = grown .. i .. ","
end
show(grown, #grown, grown .. "" == grown, "" .. grown .. "" == grown)
show(pcall(function() return "a" .. {} .. 1 end))
show(pcall(function() return 1 .. nil end))
local joins = setmetatable({}, { __concat = function(a, b) return type(a) .. "+" .. type(b) end })
show("a" .. 1 .. joins, joins .. 1 .. "b", 1 .. joins .. 2)

-- order and hashes
local words = { "b", "a", "", "\0", "a\0", "a\0b", "abcdefgh", "abcdefgi", "abcdefghi", "\255", "\127", "abcdefg", "Abc", "abd", "ab" }
table.sort(words)
show(table.unpack(words))
table.sort(words, function(a, b) return a > b end)
show(table.unpack(words))
local counts = {}
for n = 0, 60 do
  local key = ("k"):rep(n) .. n % 7
  counts[key] = (counts[key] or 0) + n
end
local total = 0
for n = 0, 60 do
  total = total * 3 % 1000003 + counts[("k"):rep(n) .. n % 7]
end
show(total, counts.k, counts["k1"])

-- lower, upper
for _, v in ipairs({ "", "a", "A", "lower", "UPPER", "Mixed Case 12 \200", ("aB"):rep(30), ("b"):rep(45) }) do
  show(v:lower(), v:upper(), v:lower() == v, rawequal(v:upper(), v))
end
show(string.lower(12), pcall(string.lower))

-- format
for _, f in ipairs({ "%d", "%5d|", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%x", "%X", "%#x", "%o", "%5.1f|", "%-9.2f|", "%010.3f", "%+.1e", "%g", "%.3g", "%s", "%10s|", "%-10s|", "%.2s", "%i", "%c", "%q", "%%", "%a" }) do
  show(f, pcall(string.format, f, 65))
  show(f, pcall(string.format, f, -1))
end
for _, f in ipairs({ "%", "%5", "%y", "%0100d", "%123d", "%.123f", "%-+ #0-+ #0-+ #0-+ #0d", "%#d", "%5q", "%.1c", "%d %d" }) do
  show(f, pcall(string.format, f, 1))
end
show(string.format("%.99f", 1 / 3), string.format("%99.99f", 1e15), string.format("%.3f", 2 ^ 60), #string.format("%f", 1e308))
show(string.format("%s %s %s", nil, true, 1.5), string.format("%5s|%-5s|", "ab", "cd"), string.format(("x"):rep(130) .. "%d", 7))
show(pcall(string.format, "%d", 1.5), pcall(string.format, "%d", "10"), pcall(string.format, "%10s", "a\0b"))

-- sort calls its comparator: errors, nesting, orders that are none, what is neither true nor false
show(pcall(table.sort, { 3, 1, 2 }, function(a, b) error("in the middle") end))
show(pcall(table.sort, { 1, 2, 3, 4, 5 }, function() return true end))
show(pcall(table.sort, { 3, 1, "x" }))
show(pcall(table.sort, { 1, 2 }, 12))
local nested = { { 3, 1, 2 }, { 9, 7, 8 }, { 6, 4, 5 } }
table.sort(nested, function(a, b)
  table.sort(a)
  table.sort(b, function(x, y) return x < y and 1 or nil end)
  return a[1] < b[1]
end)
for _, list in ipairs(nested) do
  show(table.unpack(list))
end
local co = coroutine.wrap(function()
  return pcall(table.sort, { 2, 1 }, function(a, b) return coroutine.yield(a, b) end)
end)
show(co())
local depth = 0
local function deeper()
  depth = depth + 1
  table.sort({ 1, 2 }, deeper)
end
local ok, message = pcall(deeper)
show(ok, (tostring(message):find("stack overflow")) ~= nil, depth > 150)
