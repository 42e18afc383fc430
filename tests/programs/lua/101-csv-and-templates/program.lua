-- Reading comma separated values, an ini file, and filling in templates: the everyday uses of find, match and gsub.
local function split_csv(line)
  local fields, at = {}, 1
  repeat
    local quoted, behind = line:match('^"(.-)"()[,\n]?', at)
    if line:sub(at, at) == '"' then
      local text, close = "", at
      repeat
        local from, to, piece, quote = line:find('^"([^"]*)"("?)', close)
        if not from then error("unfinished quote at " .. at) end
        text, close = text .. piece .. quote, to + (quote == "" and 1 or 0)
      until quote == ""
      fields[#fields + 1] = text
      at = close + 1
    else
      local piece, comma = line:match("^([^,]*)()", at)
      fields[#fields + 1] = piece
      at = comma + 1
    end
  until at > #line + 1
  return fields
end

for _, line in ipairs { "a,b,c", 'one,"two, with comma","say ""hi""",', ",,", '"",x', "1.5,-2,0x10" } do
  local fields = split_csv(line)
  for i, field in ipairs(fields) do fields[i] = ("[%s]"):format(field) end
  print(#fields, table.concat(fields, " "))
end
print(pcall(split_csv, '"open'))

local ini = [[
; comment
[server]
host = example.org
port= 8080
  path =/a b/c
[ client ]
name="quoted"
flag
]]
local sections, current = {}, nil
for line in ini:gmatch("[^\r\n]+") do
  local section = line:match("^%s*%[%s*(.-)%s*%]%s*$")
  local key, value = line:match("^%s*([%w_]+)%s*=%s*(.-)%s*$")
  if section then
    current = {}
    sections[#sections + 1] = { section, current }
  elseif key then
    current[#current + 1] = key .. "=" .. (tonumber(value) or value:gsub('^"(.*)"$', "%1"))
  elseif not line:find("^%s*;") then
    current[#current + 1] = "?" .. line
  end
end
for _, section in ipairs(sections) do print(section[1], table.concat(section[2], "|")) end

local values = { name = "world", n = 3, ["a.b"] = "dotted", f = false }
local function fill(template)
  return (template:gsub("%${([%w.]+)}", values):gsub("%$(%w+)%((.-)%)", function(name, argument)
    if name == "upper" then return argument:upper() end
    if name == "rep" then
      local text, count = argument:match("^(.*),(%d+)$")
      return text:rep(tonumber(count))
    end
  end))
end
print(fill("Hello ${name}, ${n} times ${a.b}; ${missing} ${f}"))
print(fill("$upper(quiet) $rep(ab,3) $other(x)"))
print(("x^2 + y^2"):gsub("%^", "**"), ("50% of 100%"):gsub("%%", " percent"))
print(("/usr/local/lib"):gsub("/", "\\"), ("a.b.c"):gsub("%.", "%%."))
print(("trim me  "):gsub("^%s*(.-)%s*$", "[%1]"), ("snake_case_name"):gsub("_(%l)", string.upper))
print(("CamelCaseName"):gsub("(%l)(%u)", function(a, b) return a .. "_" .. b:lower() end))
print(("hello world from lua"):gsub("(%w+) (%w+)", "%2 %1"), ("abc"):gsub("%w", "%0%0", 2))
print(("one;two;;four"):gsub(";;", ";nil;"), ("abc"):gsub("", "-"))
