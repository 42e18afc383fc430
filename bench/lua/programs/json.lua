-- SPDX-License-Identifier: MIT
-- A nested value written as JSON and read back: strings, recursion, tables used as lists and as records.
local rounds = ...

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }

local function encode(value, out)
  local kind = type(value)
  if kind == "table" then
    if #value > 0 then
      out[#out + 1] = "["
      for i, item in ipairs(value) do
        if i > 1 then
          out[#out + 1] = ","
        end
        encode(item, out)
      end
      out[#out + 1] = "]"
    else
      local keys = {}
      for key in pairs(value) do
        keys[#keys + 1] = key
      end
      table.sort(keys)
      out[#out + 1] = "{"
      for i, key in ipairs(keys) do
        if i > 1 then
          out[#out + 1] = ","
        end
        encode(key, out)
        out[#out + 1] = ":"
        encode(value[key], out)
      end
      out[#out + 1] = "}"
    end
  elseif kind == "string" then
    out[#out + 1] = '"' .. value:gsub('["\\\n\t]', escapes) .. '"'
  else
    out[#out + 1] = tostring(value)
  end
end

local decode_value

local function skip(text, at)
  return text:find("%S", at) or #text + 1
end

local unescapes = { n = "\n", t = "\t" }

local function decode_string(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('["\\]', from)
    parts[#parts + 1] = text:sub(from, stop - 1)
    if text:byte(stop) == 34 then
      return table.concat(parts), stop + 1
    end
    local code = text:sub(stop + 1, stop + 1)
    parts[#parts + 1] = unescapes[code] or code
    from = stop + 2
  end
end

local function decode_list(text, at)
  local list = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == "]" then
    return list, at + 1
  end
  while true do
    list[#list + 1], at = decode_value(text, at)
    at = skip(text, at)
    local mark = text:sub(at, at)
    at = at + 1
    if mark == "]" then
      return list, at
    end
  end
end

local function decode_record(text, at)
  local record, key = {}, nil
  at = skip(text, at + 1)
  if text:sub(at, at) == "}" then
    return record, at + 1
  end
  while true do
    key, at = decode_string(text, skip(text, at))
    at = skip(text, at)
    record[key], at = decode_value(text, at + 1)
    at = skip(text, at)
    local mark = text:sub(at, at)
    at = at + 1
    if mark == "}" then
      return record, at
    end
  end
end

function decode_value(text, at)
  at = skip(text, at)
  local mark = text:sub(at, at)
  if mark == "{" then
    return decode_record(text, at)
  elseif mark == "[" then
    return decode_list(text, at)
  elseif mark == '"' then
    return decode_string(text, at)
  elseif text:sub(at, at + 3) == "true" then
    return true, at + 4
  elseif text:sub(at, at + 4) == "false" then
    return false, at + 5
  end
  local from, to = text:find("^-?%d+%.?%d*", at)
  return tonumber(text:sub(from, to)), to + 1
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

local document = { title = 'a "quoted" title', tags = { "x", "y\n", "back\\slash" }, ok = true, items = {} }
for i = 1, 20 do
  document.items[i] = { id = i, name = "item " .. i, price = i + 0.5, open = i % 2 == 0, sizes = { i, i * i, -i } }
end

local length, text = 0, nil
for _ = 1, rounds do
  local out = {}
  encode(document, out)
  text = table.concat(out)
  length = length + #text
  assert(same(decode_value(text, 1), document), "json: the document changed")
end
return string.format("%d %s", length, text:sub(1, 40))
