-- Parsing expression grammars from combinators: an expression evaluator, JSON, INI and CSV, with a round trip of each.
local P = {}
P.__index = P
local function pattern(f) return setmetatable({match = f}, P) end
-- A pattern's function gets the subject, a position and the list of captures; it gives the position after it, or nil and
-- the furthest failure is kept in the state.
local state = {far = 0, expected = {}}
local function failed(at, what)
  if at > state.far then state.far, state.expected = at, {} end
  if at == state.far then state.expected[what] = true end
end
local function lit(text)
  return pattern(function(s, at)
    if s:sub(at, at + #text - 1) == text then return at + #text end
    failed(at, ("%q"):format(text))
  end)
end
local function set(class, what)
  local lua = "^[" .. class .. "]"
  return pattern(function(s, at)
    if s:find(lua, at) then return at + 1 end
    failed(at, what or class)
  end)
end
local function re(text, what)
  local lua = "^" .. text .. "()"
  return pattern(function(s, at)
    local after = s:match(lua, at)
    if after then return after end
    failed(at, what or text)
  end)
end
local function P_of(v)
  if type(v) == "string" then return lit(v) end
  if type(v) == "table" and getmetatable(v) == P then return v end
  error("no pattern: " .. type(v), 3)
end
local eof = pattern(function(s, at) if at > #s then return at end failed(at, "end") end)
function P.__mul(a, b)
  a, b = P_of(a), P_of(b)
  return pattern(function(s, at, caps)
    local middle = a.match(s, at, caps)
    if middle then return b.match(s, middle, caps) end
  end)
end
function P.__add(a, b)
  a, b = P_of(a), P_of(b)
  return pattern(function(s, at, caps)
    local n = #caps
    local after = a.match(s, at, caps)
    if after then return after end
    for i = #caps, n + 1, -1 do caps[i] = nil end
    return b.match(s, at, caps)
  end)
end
function P.__pow(a, n)
  return pattern(function(s, at, caps)
    local count = 0
    while n >= 0 or count < -n do
      local held = #caps
      local after = a.match(s, at, caps)
      if not after or after == at then
        for i = #caps, held + 1, -1 do caps[i] = nil end
        break
      end
      at, count = after, count + 1
    end
    if count >= n then return at end
  end)
end
function P.__unm(a)
  return pattern(function(s, at)
    local far, expected = state.far, state.expected
    local found = a.match(s, at, {})
    state.far, state.expected = far, expected
    if not found then return at end
  end)
end
function P.__len(a) return -(-a) end
function P.__sub(a, b) return -P_of(b) * a end
function P.__div(a, f)
  return pattern(function(s, at, caps)
    local inner = {}
    local after = a.match(s, at, inner)
    if not after then return nil end
    local results = table.pack(f(table.unpack(inner)))
    for i = 1, results.n do caps[#caps + 1] = results[i] end
    return after
  end)
end
local function C(a)
  return pattern(function(s, at, caps)
    local after = a.match(s, at, {})
    if after then caps[#caps + 1] = s:sub(at, after - 1) end
    return after
  end)
end
local function Ct(a) return a / function(...) return {...} end end
local function Cc(...)
  local values = table.pack(...)
  return pattern(function(_, at, caps)
    for i = 1, values.n do caps[#caps + 1] = values[i] end
    return at
  end)
end
local function rule() -- a pattern that is given later, so that it can contain itself
  local self = pattern()
  return self, function(p) self.match = P_of(p).match return self end
end
local function sep_by(item, separator) return (item * (separator * item) ^ 0) + Cc() end
local function fold(operand, operator)
  return (operand * (operator * operand) ^ 0) / function(first, ...)
    local rest = {...}
    for i = 1, #rest, 2 do first = rest[i](first, rest[i + 1]) end
    return first
  end
end
local function parse(p, text)
  state.far, state.expected = 0, {}
  local caps = {}
  local after = (p * eof).match(text, 1, caps)
  if after then return table.unpack(caps) end
  local line, start = 1, 1
  for at in text:sub(1, state.far - 1):gmatch("()\n") do line, start = line + 1, at + 1 end
  local names = {}
  for name in pairs(state.expected) do names[#names + 1] = name end
  table.sort(names)
  error(("%d:%d: expected %s"):format(line, state.far - start + 1, table.concat(names, " or ")), 0)
end

-- expressions
local space = re("%s*", "space")
local function token(p) return P_of(p) * space end
local function op(text, f) return token(text) * Cc(f) end
local variables = {pi = math.pi, x = 7, f = function(...) return select("#", ...) end, max = math.max, neg = function(v) return -v end}
local expr, set_expr = rule()
local unary, set_unary = rule()
local number = token(C(re("0[xX]%x+") + re("%d+%.%d*[eE][+-]?%d+") + re("%d+%.?%d*", "number"))) / function(t) return tonumber(t) or error("bad number " .. t, 0) end
local name = token(C(re("[%a_][%w_]*", "name")))
local call = (name * token("(") * Ct(sep_by(expr, token(","))) * token(")")) / function(f, args)
  if type(variables[f]) ~= "function" then error("no function " .. f, 0) end
  return (variables[f](table.unpack(args)))
end
local variable = name / function(n)
  local v = variables[n]
  if v == nil then error("no variable " .. n, 0) end
  return v
end
local atom = number + call + variable + token("(") * expr * token(")")
local power = (atom * (token("^") * unary) ^ -1) / function(a, b) return b and a ^ b or a end
set_unary((token("-") * unary) / function(v) return -v end + power)
local product = fold(unary, op("*", function(a, b) return a * b end) + op("//", function(a, b) return a // b end) + op("/", function(a, b) return a / b end) + op("%", function(a, b) return a % b end))
local sum = fold(product, op("+", function(a, b) return a + b end) + op("-", function(a, b) return a - b end))
local compare = fold(sum, op("<=", function(a, b) return a <= b end) + op("<", function(a, b) return a < b end) + op("==", function(a, b) return a == b end))
set_expr(compare)
for _, text in ipairs {
  "1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-2 ^ 2", "7 // 2 + 7 % 4 - 1", "0x10 + 1.5e1", "max(1, f(), f(1, 2, 3), neg(-9))", "x <= 7 == (1 < 2)",
  "10 - 4 - 3", "8 / 4 / 2", "((((1))))", "1 +", "(1", "1 2", "", "y + 1", "x(1)", "* 3", "max(1,)", "1 // 0",
} do print(text, pcall(parse, space * expr, text)) end

-- JSON
local null = setmetatable({}, {__tostring = function() return "null" end})
local value, set_value = rule()
local escapes = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}
local text = lit('"') * Ct((C(re('[^"\\%c]+', "text")) + lit("\\") * (lit("u") * C(re("%x%x%x%x", "four digits")) / function(h) return utf8.char(tonumber(h, 16)) end + C(set('"\\/bfnrt', "escape")) / function(c) return escapes[c] or c end)) ^ 0) * token('"') / function(parts) return table.concat(parts) end
local numeral = token(C(re("%-?%d+%.?%d*[eE]?[+-]?%d*", "number"))) / function(t) return tonumber(t) or error("bad number " .. t, 0) end
local list = token("[") * Ct(sep_by(value, token(","))) * token("]")
local member = Ct(text * token(":") * value)
local object = token("{") * Ct(sep_by(member, token(","))) * token("}") / function(members)
  local out = {}
  for i, m in ipairs(members) do out[m[1]] = m[2] out[-i] = m[1] end
  return setmetatable(out, {__name = "object", __len = function() return #members end})
end
set_value(text + numeral + object + list + token("true") * Cc(true) + token("false") * Cc(false) + token("null") * Cc(null))
local json = space * value
local function encode(v)
  local kind = type(v)
  if v == null then return "null" end
  if kind == "string" then
    return '"' .. v:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  elseif kind ~= "table" then
    return tostring(v)
  end
  local parts = {}
  if (getmetatable(v) or {}).__name == "object" then
    for i = 1, #v do parts[i] = encode(v[-i]) .. ":" .. encode(v[v[-i]]) end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  for i, item in ipairs(v) do parts[i] = encode(item) end
  return "[" .. table.concat(parts, ",") .. "]"
end
local document = [=[ {"a": [1, 2.5, -3e2, []], "b": {"c": null, "d": {}}, "e\n\u00e9\/": "x\"\\y", "t": [true, false]} ]=]
local once = encode(parse(json, document))
print(once)
print(encode(parse(json, once)) == once, #parse(json, document), parse(json, document).b.c)
for _, bad in ipairs {"[1,]", "{\"a\" 1}", "[1 2]", "\"abc", "nul", "{\"a\":\n  [1,\n   }", "[\"\\x\"]", "1e", "[[[", "\"\t\""} do print(pcall(parse, json, bad)) end
local deep = ("["):rep(60) .. ("]"):rep(60)
print(encode(parse(json, deep)) == deep)

-- INI
local eol = re("[ \t]*\r?\n", "end of line") + #eof
local comment = re("[ \t]*[;#][^\n]*", "comment")
local blank = (comment ^ -1 * re("[ \t]*\r?\n", "end of line"))
local section = lit("[") * C(re("[^%]\n]+", "name")) * lit("]") * comment ^ -1 * eol
local pair = (C(re("[%w_.]+", "key")) * re("[ \t]*=[ \t]*", "=") * C(re("[^;#\n]*", "value")) * comment ^ -1 * eol) / function(k, v)
  v = v:match("^(.-)%s*$")
  return {k, tonumber(v) or (v == "true") or (v ~= "false" and v)}
end
local ini = Ct(blank ^ 0 * Ct(Cc("") * (pair + blank) ^ 0) * Ct(section * (pair + blank) ^ 0) ^ 0)
local sections = parse(ini, "top = 1\n; note\n[first]\na=1.5 ; half\nname =  some text  \n\n[second] # x\non = true\noff=false\nempty =\n")
for _, s in ipairs(sections) do
  io.write("[", s[1], "]")
  for i = 2, #s do io.write(" ", s[i][1], "=", tostring(s[i][2]), ":", math.type(s[i][2]) or type(s[i][2])) end
  print()
end
print(pcall(parse, ini, "[a]\nb == \n=c"))

-- CSV
local quoted = lit('"') * Ct((C(re('[^"]+', "text")) + lit('""') * Cc('"')) ^ 0) * lit('"') / function(parts) return table.concat(parts) end
local field = quoted + C(re('[^,"\r\n]*', "field"))
local record = Ct(field * (lit(",") * field) ^ 0)
local csv = Ct(record * (re("\r?\n", "new line") * (record - eof)) ^ 0) * re("\r?\n?", "new line")
local function to_csv(rows)
  local out = {}
  for i, row in ipairs(rows) do
    local cells = {}
    for k, cell in ipairs(row) do cells[k] = cell:find('[,"\r\n]') and '"' .. cell:gsub('"', '""') .. '"' or cell end
    out[i] = table.concat(cells, ",")
  end
  return table.concat(out, "\n")
end
local rows = parse(csv, 'name,"quoted, ""twice""",\n1,,"line\nbreak"\r\n"",x\n')
for _, row in ipairs(rows) do print(#row, ("%q %q %q"):format(row[1], row[2] or "-", row[3] or "-")) end
print(to_csv(rows), to_csv(parse(csv, to_csv(rows))) == to_csv(rows))
print(pcall(parse, csv, 'a,"b'))
print(pcall(function() return 5 * lit("x") end))
