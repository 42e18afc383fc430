-- SPDX-License-Identifier: MIT
-- A JSON reader and writer in plain Lua: parse, transform, print.
--   munition run json.lua --caps log
--   munition compile json.lua --caps log && munition fire json.wasm transform '"[{\"name\":\"x\",\"price\":2}]"'

local ESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local null = {} -- stands for null inside tables, where nil cannot

local function fail(text, at, what)
  local line = 1
  for i = 1, at - 1 do
    if text:byte(i) == 10 then
      line = line + 1
    end
  end
  error(string.format("JSON line %d, byte %d: %s", line, at, what), 0)
end

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function parse_string(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('["\\]', from)
    if not stop then
      fail(text, at, "the string does not end")
    end
    parts[#parts + 1] = text:sub(from, stop - 1)
    if text:sub(stop, stop) == '"' then
      return table.concat(parts), stop + 1
    end
    local kind = text:sub(stop + 1, stop + 1)
    if kind == "u" then
      local code = tonumber(text:sub(stop + 2, stop + 5), 16)
      if not code then
        fail(text, stop, "\\u needs four hexadecimal digits")
      end
      parts[#parts + 1] = utf8.char(code)
      from = stop + 6
    else
      parts[#parts + 1] = ESCAPES[kind] or fail(text, stop, "unknown escape \\" .. kind)
      from = stop + 2
    end
  end
end

local parse_value -- the three below call each other

local function parse_array(text, at)
  local out, count = {}, 0
  at = skip(text, at + 1)
  if text:sub(at, at) == "]" then
    return out, at + 1
  end
  while true do
    count = count + 1
    out[count], at = parse_value(text, at)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "]" then
      return out, at + 1
    elseif mark ~= "," then
      fail(text, at, "',' or ']' expected")
    end
    at = skip(text, at + 1)
  end
end

local function parse_object(text, at)
  local out = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == "}" then
    return out, at + 1
  end
  while true do
    if text:sub(at, at) ~= '"' then
      fail(text, at, "a key must be a string")
    end
    local key
    key, at = parse_string(text, at)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then
      fail(text, at, "':' expected")
    end
    out[key], at = parse_value(text, skip(text, at + 1))
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "}" then
      return out, at + 1
    elseif mark ~= "," then
      fail(text, at, "',' or '}' expected")
    end
    at = skip(text, at + 1)
  end
end

local WORDS = { { "true", true }, { "false", false }, { "null", null } }

function parse_value(text, at)
  local mark = text:sub(at, at)
  if mark == "{" then
    return parse_object(text, at)
  elseif mark == "[" then
    return parse_array(text, at)
  elseif mark == '"' then
    return parse_string(text, at)
  end
  for _, word in ipairs(WORDS) do
    if text:sub(at, at + #word[1] - 1) == word[1] then
      return word[2], at + #word[1]
    end
  end
  local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  local value = number and tonumber(number)
  if not value then
    fail(text, at, "a value expected")
  end
  return value, at + #number
end

local function parse(text)
  local value, at = parse_value(text, skip(text, 1))
  if skip(text, at) <= #text then
    fail(text, at, "nothing may follow the value")
  end
  return value
end

local function quote(text)
  return '"' .. text:gsub('[%c"\\]', function(char)
    if char == '"' or char == "\\" then
      return "\\" .. char
    end
    return string.format("\\u%04x", char:byte())
  end) .. '"'
end

local function write(value, indent)
  if value == null then
    return "null"
  elseif type(value) == "string" then
    return quote(value)
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local parts, inner = {}, indent .. "  "
  if #value > 0 or next(value) == nil then
    for i, item in ipairs(value) do
      parts[i] = inner .. write(item, inner)
    end
    return #parts == 0 and "[]" or "[\n" .. table.concat(parts, ",\n") .. "\n" .. indent .. "]"
  end
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for i, key in ipairs(keys) do
    parts[i] = inner .. quote(key) .. ": " .. write(value[key], inner)
  end
  return "{\n" .. table.concat(parts, ",\n") .. "\n" .. indent .. "}"
end

-- Items by price, the dearest first, with the tax added and the hidden ones left out.
function transform(text)
  local kept = {}
  for _, item in ipairs(parse(text)) do
    if item.hidden ~= true then
      item.price_with_tax = item.price * 119 // 1 / 100
      item.note = item.note or null
      kept[#kept + 1] = item
    end
  end
  table.sort(kept, function(a, b)
    return a.price > b.price
  end)
  return write(kept, "")
end

print(transform([[
[
  {"name": "Schraubenschl\u00fcssel", "price": 12.5, "tags": ["tool", "steel"]},
  {"name": "secret", "price": 1, "hidden": true},
  {"name": "ladder \"XL\"", "price": 89, "stock": {"berlin": 3, "graz": 0}, "tags": []}
]
]]))
