-- A JSON library as people write them: string escapes, numbers, nesting, errors with positions, a stable encoder.
local json = {}
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local unescapes = {}
for char, escape in pairs(escapes) do unescapes[escape:sub(2)] = char end
unescapes["/"] = "/"

local function escape(char) return escapes[char] or ("\\u%04x"):format(char:byte()) end

function json.encode(value, indent, level)
  local kind = type(value)
  if kind == "nil" then return "null" end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then
    if value ~= value or value == 1 / 0 or value == -1 / 0 then error("no JSON for " .. tostring(value), 0) end
    return math.type(value) == "integer" and tostring(value) or ("%.14g"):format(value)
  end
  if kind == "string" then return '"' .. value:gsub('[%c"\\]', escape) .. '"' end
  if kind ~= "table" then error("no JSON for a " .. kind, 0) end
  level = (level or 0) + 1
  local open, close = "", ""
  if indent then open, close = "\n" .. indent:rep(level), "\n" .. indent:rep(level - 1) end
  local out = {}
  if #value > 0 or next(value) == nil then
    for i = 1, #value do out[i] = open .. json.encode(value[i], indent, level) end
    return #out == 0 and "[]" or "[" .. table.concat(out, ",") .. close .. "]"
  end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do
    out[i] = open .. json.encode(key) .. ":" .. (indent and " " or "") .. json.encode(value[key], indent, level)
  end
  return "{" .. table.concat(out, ",") .. close .. "}"
end

local decode_value
local function fail(text, at, what)
  local _, lines = text:sub(1, at - 1):gsub("\n", "")
  local column = at - (text:sub(1, at - 1):match(".*\n()") or 1) + 1
  error(("%s at line %d column %d"):format(what, lines + 1, column), 0)
end
local function skip(text, at) return text:find("[^ \t\r\n]", at) or #text + 1 end
local function decode_string(text, at)
  local out, from = {}, at + 1
  while true do
    local stop = text:find('[%c"\\]', from)
    if not stop then fail(text, at, "unfinished string") end
    out[#out + 1] = text:sub(from, stop - 1)
    local char = text:sub(stop, stop)
    if char == '"' then return table.concat(out), stop + 1 end
    if char ~= "\\" then fail(text, stop, "control character") end
    local code = text:match("^u(%x%x%x%x)", stop + 1)
    if code then
      local high, low = tonumber(code, 16), text:match("^\\u([dD][c-fC-F]%x%x)", stop + 6)
      if high >= 0xD800 and high < 0xDC00 and low then
        out[#out + 1] = utf8.char(0x10000 + (high - 0xD800 << 10) + tonumber(low, 16) - 0xDC00)
        from = stop + 12
      else
        out[#out + 1], from = utf8.char(high), stop + 6
      end
    else
      out[#out + 1] = unescapes[text:sub(stop + 1, stop + 1)] or fail(text, stop, "bad escape")
      from = stop + 2
    end
  end
end
local function decode_list(text, at, close, item)
  at = skip(text, at + 1)
  if text:sub(at, at) == close then return at + 1 end
  while true do
    at = skip(text, item(at))
    local char = text:sub(at, at)
    if char == close then return at + 1 end
    if char ~= "," then fail(text, at, "expected , or " .. close) end
    at = skip(text, at + 1)
  end
end
local literals = { ["true"] = true, ["false"] = false, ["null"] = nil }
function decode_value(text, at)
  at = skip(text, at)
  local char = text:sub(at, at)
  if char == '"' then return decode_string(text, at) end
  if char == "{" or char == "[" then
    local result = {}
    return result, decode_list(text, at, char == "{" and "}" or "]", function(here)
      if char == "[" then
        result[#result + 1], here = decode_value(text, here)
        return here
      end
      if text:sub(here, here) ~= '"' then fail(text, here, "expected a name") end
      local key, colon = decode_string(text, here)
      colon = skip(text, colon)
      if text:sub(colon, colon) ~= ":" then fail(text, colon, "expected :") end
      result[key], here = decode_value(text, colon + 1)
      return here
    end)
  end
  local word = text:match("^%l+", at)
  if word == "true" or word == "false" or word == "null" then return literals[word], at + #word end
  local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  if number and tonumber(number) then return tonumber(number), at + #number end
  fail(text, at, at > #text and "unexpected end" or "unexpected " .. ("%q"):format(char))
end
function json.decode(text)
  local value, at = decode_value(text, 1)
  at = skip(text, at)
  if at <= #text then fail(text, at, "text behind the value") end
  return value
end

local document = [==[
{ "name": "Ünïcode \u00e4\u20ac\ud834\udd1e", "list": [1, -2.5, 1e3, 0.1, true, false], "empty": {}, "none": [],
  "nested": {"a": {"b": {"c": [[[ "deep" ]]]}}}, "esc": "tab\t quote\" back\\ slash\/ \u0001", "big": 9223372036854775807 }
]==]
local value = json.decode(document)
print(json.encode(value))
print(json.encode(value, "  "))
local twice = json.encode(json.decode(json.encode(value)))
print(twice == json.encode(value), #twice)
for _, bad in ipairs { "", "{", "[1,", "[1 2]", '{"a" 1}', '{a:1}', '"open', '"\\x"', "tru", "01x", "[1]]", '"a\nb"', "-", '{"a":1,}' } do
  print(("%q"):format(bad), select(2, pcall(json.decode, bad)))
end
print(pcall(json.encode, 1 / 0), pcall(json.encode, print), pcall(json.encode, { { function() end } }))
local big = {}
for i = 1, 300 do big[i] = { id = i, name = "item" .. i, tags = { "a", "b", i % 7 == 0 and "seven" or nil }, price = i * 1.25 } end
local text = json.encode(big)
local again = json.encode(json.decode(text))
print(#text, text == again, text:sub(1, 80), text:sub(-60))
