-- A JSON codec: encoding with sorted keys, a decoder that reports positions, and a round trip of both.
local json = {}

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local encode

local function is_list(t)
  local n = 0
  for k in pairs(t) do
    if math.type(k) ~= "integer" or k < 1 then return false end
    n = n + 1
  end
  return n == #t
end

local encoders = {
  ["nil"] = function() return "null" end,
  boolean = tostring,
  string = quote,
  number = function(v)
    if v ~= v or v == math.huge or v == -math.huge then error("no JSON for " .. tostring(v), 0) end
    return math.type(v) == "integer" and ("%d"):format(v) or ("%.14g"):format(v)
  end,
  table = function(t, seen)
    if seen[t] then error("cycle", 0) end
    seen[t] = true
    local out = {}
    if is_list(t) then
      for i, v in ipairs(t) do out[i] = encode(v, seen) end
      seen[t] = nil
      return "[" .. table.concat(out, ",") .. "]"
    end
    local keys = {}
    for k in pairs(t) do
      if type(k) ~= "string" then error("key of type " .. type(k), 0) end
      keys[#keys + 1] = k
    end
    table.sort(keys)
    for i, k in ipairs(keys) do out[i] = quote(k) .. ":" .. encode(t[k], seen) end
    seen[t] = nil
    return "{" .. table.concat(out, ",") .. "}"
  end,
}

function encode(v, seen)
  local f = encoders[type(v)] or error("no JSON for a " .. type(v), 0)
  return f(v, seen or {})
end
json.encode = encode

local function fail(text, at, what)
  local line, column = 1, at
  for stop in text:sub(1, at - 1):gmatch("()\n") do line, column = line + 1, at - stop end
  error(("%d:%d: %s"):format(line, column, what), 0)
end

local parse

local function skip(text, at) return text:find("[^ \t\r\n]", at) or #text + 1 end

local function parse_string(text, at)
  local out, from = {}, at + 1
  while true do
    local stop = text:find('[%c"\\]', from) or fail(text, at, "unfinished string")
    out[#out + 1] = text:sub(from, stop - 1)
    local c = text:sub(stop, stop)
    if c == '"' then return table.concat(out), stop + 1 end
    if c ~= "\\" then fail(text, stop, "control character in a string") end
    local e = text:sub(stop + 1, stop + 1)
    if e == "u" then
      local code = tonumber(text:match("^%x%x%x%x", stop + 2) or fail(text, stop, "bad \\u"), 16)
      from = stop + 6
      if code >= 0xD800 and code < 0xDC00 then
        local low = text:match("^\\u(%x%x%x%x)", from) or fail(text, stop, "lone surrogate")
        code, from = 0x10000 + ((code - 0xD800) << 10) + (tonumber(low, 16) - 0xDC00), from + 6
      end
      out[#out + 1] = utf8.char(code)
    else
      local plain = ({ b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ["/"] = "/", ["\\"] = "\\", ['"'] = '"' })[e]
      out[#out + 1] = plain or fail(text, stop, "bad escape")
      from = stop + 2
    end
  end
end

local function parse_items(text, at, close, item)
  at = skip(text, at + 1)
  if text:sub(at, at) == close then return at + 1 end
  while true do
    at = skip(text, item(at))
    local c = text:sub(at, at)
    if c == close then return at + 1 end
    if c ~= "," then fail(text, at, "expected ',' or '" .. close .. "'") end
    at = skip(text, at + 1)
  end
end

local words = { ["true"] = true, ["false"] = false, null = json }

function parse(text, at)
  at = skip(text, at)
  local c = text:sub(at, at)
  if c == "{" then
    local object = {}
    return object, parse_items(text, at, "}", function(i)
      if text:sub(i, i) ~= '"' then fail(text, i, "expected a key") end
      local key, value
      key, i = parse_string(text, i)
      i = skip(text, i)
      if text:sub(i, i) ~= ":" then fail(text, i, "expected ':'") end
      value, i = parse(text, i + 1)
      object[key] = value
      return i
    end)
  elseif c == "[" then
    local list = {}
    return list, parse_items(text, at, "]", function(i)
      list[#list + 1], i = parse(text, i)
      return i
    end)
  elseif c == '"' then
    return parse_string(text, at)
  end
  local word = text:match("^%a+", at)
  if word and words[word] ~= nil then
    local value = words[word]
    return value ~= json and value or nil, at + #word
  end
  local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  return tonumber(number) or fail(text, at, c == "" and "nothing here" or "unexpected '" .. c .. "'"), at + #number
end

function json.decode(text)
  local value, at = parse(text, 1)
  at = skip(text, at)
  if at <= #text then fail(text, at, "something after the value") end
  return value
end

print(json.encode { 1, 2.5, "x", true, { a = { b = {} } }, -0.0, 1e300, math.mininteger })
print(json.encode { name = 'q"\\\n\1', list = { 1, { 2, { 3 } } }, z = false })
print(pcall(json.encode, { print }), pcall(json.encode, { 0 / 0 }), pcall(json.encode, { [1.5] = 1 }))
local loop = {}
loop.again = loop
print(pcall(json.encode, loop))
for _, text in ipairs { '[1, 2, {"a": "b\\u00e9\\ud83d\\ude00\\n"}]', ' {"k": [true, false, 1e3, -12.5]} ', '"x"', "0", "[]", "{}" } do
  print(json.encode(json.decode(text)))
end
for _, text in ipairs { "", "[1,", "{1:2}", '{"a" 1}', '["\\q"]', "[1] x", "[1 2]", "tru", '"abc', '\n\n  [1,\n ?]', '["\\ud800"]', "nul" } do
  print(pcall(json.decode, text))
end
local deep = {}
for i = 1, 40 do deep = { deep, n = nil } end
print(#json.encode(deep), json.encode(json.decode(json.encode(deep))) == json.encode(deep))
