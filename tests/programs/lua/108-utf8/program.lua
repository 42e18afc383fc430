-- Text in many scripts: counting, walking, slicing, and what is not UTF-8.
local texts = { "", "plain", "naïve café", "Ελληνικά", "日本語テキスト", "𝄞 music 🎵", "mixed: aäa€a𝄞a", "combining e\u{301}", "\u{0}\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}" }
for _, text in ipairs(texts) do
  local codes, places = {}, {}
  for place, code in utf8.codes(text) do
    codes[#codes + 1], places[#places + 1] = ("U+%04X"):format(code), place
  end
  print(#text, utf8.len(text), table.concat(codes, " "), table.concat(places, " "))
  local reversed = {}
  for _, code in utf8.codes(text) do table.insert(reversed, 1, utf8.char(code)) end
  print(("%q"):format(table.concat(reversed)), utf8.char(utf8.codepoint(text, 1, -1)) == text)
  local pieces = {}
  for piece in text:gmatch(utf8.charpattern) do pieces[#pieces + 1] = #piece end
  print(table.concat(pieces, " "), utf8.offset(text, 2), utf8.offset(text, -1), utf8.offset(text, 0, #text + 1), utf8.offset(text, 100))
end
local function sub(text, from, to)
  local first, behind = utf8.offset(text, from), utf8.offset(text, to + 1)
  return text:sub(first, behind and behind - 1)
end
print(sub("日本語テキスト", 2, 3), sub("aäa€a", 2, 4), sub("x", 1, 1))
local broken = { "\x80", "a\xff", "\xc3", "\xc3\x28", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xf8\x88\x80\x80\x80", "ok\xe2\x28\xa1" }
for _, text in ipairs(broken) do
  local hex = text:gsub(".", function(c) return ("%02X "):format(c:byte()) end)
  print(hex, utf8.len(text), utf8.len(text, 1, -1, true), pcall(utf8.codepoint, text, 1, -1))
  print(pcall(function() local n = 0 for _ in utf8.codes(text) do n = n + 1 end return n end), pcall(function() local n = 0 for _ in utf8.codes(text, true) do n = n + 1 end return n end))
end
print(utf8.char(), utf8.char(72, 228, 8364, 119070), #utf8.char(0x7FFFFFFF), pcall(utf8.char, -1), pcall(utf8.char, 0x80000000), pcall(utf8.char, "x"))
print(utf8.codepoint("\u{7FFFFFFF}", 1, 1, true), pcall(utf8.codepoint, "abc", 1, 4), pcall(utf8.codepoint, "abc", 0), utf8.codepoint("abc", -1))
print(pcall(utf8.len, "abc", 5), pcall(utf8.len, "abc", 1, 4), utf8.len("abc", 4), utf8.len("abc", 3, 2), pcall(utf8.offset, "abc", 1, 5), pcall(utf8.offset, "ä", 1, 2))
