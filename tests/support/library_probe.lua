-- SPDX-License-Identifier: MIT
-- Calls every library function and every operator with all pairs of a pool of values, and tells what each did. The argument is the
-- number of the subject; 0 tells how many there are.
local which = ...

local function show(v)
  local kind = math.type(v) or type(v)
  if kind == "string" then
    return ("%q"):format((v:gsub("0x%x+", "ADDRESS")))
  elseif kind == "float" then
    return v ~= v and "nan" or ("%.14g"):format(v) .. "f"
  elseif kind == "table" then
    local out, entries = {}, 0
    for i = 1, 4 do
      local item = rawget(v, i)
      out[i] = type(item) == "table" and "T" or (tostring(item):gsub("0x%x+", "ADDRESS"))
    end
    for _ in next, v do
      entries = entries + 1
    end
    return "{" .. table.concat(out, ",") .. ";" .. entries .. "}"
  elseif kind == "integer" or kind == "boolean" or kind == "nil" then
    return tostring(v)
  end
  return kind
end

local function object()
  return setmetatable({ 1 }, {
    __index = function(_, k) return k end,
    __len = function() return 3 end,
    __tostring = function() return "an object" end,
    __name = "Thing",
    __call = function(_, ...) return ... end,
    __lt = function() return true end,
    __concat = function() return "joined" end,
    __add = function(a, b) return type(a), type(b) end,
    __band = function() return nil end,
    __unm = function() return {} end,
    __eq = function() return 1 end,
    __pairs = function(t) return next, t, nil end,
  })
end

-- Made anew for every call. The numbers in LARGE are kept from functions whose time grows with them.
local pool = {
  function() return nil end, function() return true end, function() return false end,
  function() return 0 end, function() return 1 end, function() return -1 end, function() return 3 end,
  function() return 2.0 end, function() return 2.5 end, function() return -0.0 end, function() return -(0 / 0) end,
  function() return 1 / 0 end, function() return math.maxinteger end, function() return math.mininteger end,
  function() return 2 ^ 53 end,
  function() return "" end, function() return "abc" end, function() return "10" end, function() return " 0x1p4 " end,
  function() return "%a+" end, function() return "(b)()" end, function() return "%d %s" end, function() return "i4" end,
  function() return "%" end, function() return "[a" end, function() return "a\0b" end,
  function() return {} end, function() return { 3, 1, 2 } end, function() return { "x", "y", n = 5 } end, object,
  function() return select end, function() return function(...) return ... end end,
  function() return function() error({}) end end,
  function() return coroutine.create(function(a) return (coroutine.yield(a)) end) end,
  function() return "\u{e9}\u{20ac}" end, function() return "\xff" end, function() return 255 end, function() return "k" end,
}
local LARGE = { [12] = true, [13] = true, [14] = true, [15] = true }
local OBJECT = 30
local GROWS = { concat = true, unpack = true, move = true, rep = true, insert = true, remove = true, sort = true, byte = true }

local subjects = {}
local function add(name, f)
  subjects[#subjects + 1] = { name = name, f = f }
end

for _, name in ipairs({
  "assert", "error", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen", "rawset", "select", "setmetatable",
  "tonumber", "tostring", "type", "xpcall",
}) do
  add(name, _G[name])
end
for _, library in ipairs({
  { "string", string, "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper" },
  { "table", table, "concat insert move pack remove sort unpack" },
  { "math", math, "abs acos asin atan ceil cos deg exp floor fmod log max min modf rad sin sqrt tan tointeger type ult" },
  { "utf8", utf8, "char codepoint codes len offset" },
  { "coroutine", coroutine, "close create resume status wrap" },
}) do
  for name in library[3]:gmatch("%a+%d?") do
    add(name, library[2][name])
  end
end

local function operators(list)
  for i = 1, #list, 2 do
    add(list[i], list[i + 1])
  end
end
operators({
  "+", function(a, b) return a + b end, "-", function(a, b) return a - b end, "*", function(a, b) return a * b end,
  "/", function(a, b) return a / b end, "//", function(a, b) return a // b end, "%", function(a, b) return a % b end,
  "^", function(a, b) return a ^ b end, "..", function(a, b) return a .. b end,
  "&", function(a, b) return a & b end, "|", function(a, b) return a | b end, "~", function(a, b) return a ~ b end,
  "<<", function(a, b) return a << b end, ">>", function(a, b) return a >> b end,
  "==", function(a, b) return a == b end, "<", function(a, b) return a < b end, "<=", function(a, b) return a <= b end,
  "unary", function(a, b) return -a, not b end, "bnot", function(a) return ~a end, "#", function(a) return #a end,
  "index", function(a, b) return a[b] end, "field", function(a) return a.field end, "method", function(a, b) return a:len(b) end,
  "call", function(a, b) return a(b) end, "store", function(a, b) a[b] = b return rawget(a, b) end,
  "items", function(a, b) return a[1], a[2], b[1] end, "global", function(a, b) return absent .. a, b end,
  "chain", function(a, b) return 1 .. a .. 2.0 .. b end, "and", function(a, b) return a and b, a or b end,
  "for", function(a, b) local n = 0 for i = a, b do n = n + i if n > 40 then break end end return n end,
  "step", function(a, b) local n = 0 for _ = 3, a, b do n = n + 1 if n > 9 then break end end return n end,
  "iterate", function(a, b) local n = 0 for k in a, b do n = n + 1 if n > 9 then return k end end return n end,
  "close", function(a, b) local c <close> = a return b end,
  "constants", function(a, b) return a + 1, a - 2.5, b * 3, b // 2, a < 4, 4 <= b, a == "k" end,
})

if which == 0 then
  return #subjects
end
local name, f = subjects[which].name, subjects[which].f

local function told(...)
  local out = {}
  for i = 1, math.min(select("#", ...), 6) do
    out[i] = show((select(i, ...)))
  end
  return select("#", ...) .. ":" .. table.concat(out, " ")
end

local function try(...)
  local numbers, arguments, after = { ... }, {}, {}
  for i, k in ipairs(numbers) do
    if LARGE[k] and GROWS[name] then
      return
    end
    arguments[i] = pool[k]()
  end
  local told = told(pcall(f, table.unpack(arguments, 1, #numbers)))
  for i = 1, #numbers do
    if type(arguments[i]) == "table" then
      after[#after + 1] = show(arguments[i])
    end
  end
  print(name .. "(" .. table.concat(numbers, ",") .. ") " .. told .. " | " .. table.concat(after, ","))
end

try()
for a = 1, #pool do
  -- Which elements of an object table.sort reads and writes again is not laid down.
  if not (name == "sort" and a == OBJECT) then
    try(a)
    for b = 1, #pool do
      try(a, b)
    end
  end
end
local state = which
local function random()
  state = (state * 1103515245 + 12345) % 2147483648
  return (state >> 8) % #pool + 1
end
for _ = 1, 300 do
  local a, b, c, d = random(), random(), random(), random()
  if not (name == "sort" and a == OBJECT) then
    try(a, b, c)
    try(a, b, c, d)
  end
end
