-- Expressions by precedence climbing, compiled to closures, with variables, functions and errors that name a column.
local Lexer = {}
Lexer.__index = Lexer

function Lexer.new(text) return setmetatable({ text = text, at = 1 }, Lexer) end

function Lexer:next()
  local text, at = self.text, self.text:match("^%s*()", self.at)
  self.start = at
  for kind, pattern in pairs { number = "^%d+%.?%d*()", name = "^[%a_][%w_]*()", op = "^[%+%-%*/%%%^%(%),=<>!?:]=?()" } do
    local stop = text:match(pattern, at)
    if stop then
      local word = text:sub(at, stop - 1)
      if kind == "op" and #word == 2 and not word:find("^[<>=!]=$") then word, stop = word:sub(1, 1), stop - 1 end
      self.at, self.kind, self.word = stop, kind, word
      return
    end
  end
  if at <= #text then error(("column %d: unexpected '%s'"):format(at, text:sub(at, at)), 0) end
  self.at, self.kind, self.word = at, "end", "end of text"
end

local levels = { ["=="] = 1, ["!="] = 1, ["<"] = 2, ["<="] = 2, [">"] = 2, [">="] = 2, ["+"] = 3, ["-"] = 3, ["*"] = 4, ["/"] = 4, ["%"] = 4, ["^"] = 6 }
local operations = {
  ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end, ["*"] = function(a, b) return a * b end,
  ["/"] = function(a, b) return a / b end, ["%"] = function(a, b) return a % b end, ["^"] = function(a, b) return a ^ b end,
  ["=="] = function(a, b) return a == b and 1 or 0 end, ["!="] = function(a, b) return a ~= b and 1 or 0 end,
  ["<"] = function(a, b) return a < b and 1 or 0 end, ["<="] = function(a, b) return a <= b and 1 or 0 end,
  [">"] = function(a, b) return a > b and 1 or 0 end, [">="] = function(a, b) return a >= b and 1 or 0 end,
}

local expression

local function expect(lex, word)
  if lex.word ~= word then error(("column %d: expected '%s', found '%s'"):format(lex.start, word, lex.word), 0) end
  lex:next()
end

local function primary(lex)
  local kind, word, start = lex.kind, lex.word, lex.start
  if kind == "number" then
    lex:next()
    local v = math.tointeger(tonumber(word)) or tonumber(word)
    return function() return v end
  elseif word == "(" then
    lex:next()
    local inner = expression(lex, 0)
    expect(lex, ")")
    return inner
  elseif word == "-" then
    lex:next()
    local inner = expression(lex, 5)
    return function(env) return -inner(env) end
  elseif kind == "name" then
    lex:next()
    if lex.word ~= "(" then
      return function(env)
        local v = env[word]
        if v == nil then error(("column %d: no variable '%s'"):format(start, word), 0) end
        return v
      end
    end
    local args = {}
    lex:next()
    while lex.word ~= ")" do
      args[#args + 1] = expression(lex, 0)
      if lex.word ~= "," then break end
      lex:next()
    end
    expect(lex, ")")
    return function(env)
      local values = {}
      for i, arg in ipairs(args) do values[i] = arg(env) end
      local f = env[word]
      if type(f) ~= "function" then error(("column %d: no function '%s'"):format(start, word), 0) end
      return f(table.unpack(values))
    end
  end
  error(("column %d: unexpected '%s'"):format(start, word), 0)
end

function expression(lex, least)
  local left = primary(lex)
  while true do
    local op = lex.word
    local level = lex.kind == "op" and levels[op]
    if op == "?" and least == 0 then
      lex:next()
      local yes = expression(lex, 0)
      expect(lex, ":")
      local no, test = expression(lex, 0), left
      left = function(env) if test(env) ~= 0 then return yes(env) end return no(env) end
    elseif not level or level < least or level == 0 then
      return left
    else
      lex:next()
      local right, first, f = expression(lex, op == "^" and level or level + 1), left, operations[op]
      left = function(env) return f(first(env), right(env)) end
    end
  end
end

local function compile(text)
  local lex = Lexer.new(text)
  lex:next()
  local f = expression(lex, 0)
  if lex.kind ~= "end" then error(("column %d: unexpected '%s'"):format(lex.start, lex.word), 0) end
  return f
end

local env = { x = 7, half = 0.5, max = math.max, sum = function(...) local s = 0 for _, v in ipairs { ... } do s = s + v end return s end }
env.twice = function(v) return v * 2 end
for _, text in ipairs {
  "1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-2 ^ 2", "10 - 4 - 3", "7 / 2", "7 % 3 * 2", "x * half", "max(1, x, 3) + sum()", "sum(1, 2, 3.5)",
  "x > 5 ? twice(x) : 0", "x == 7 ? x != 7 ? 1 : 2 : 3", "1 <= 1", "--3", "twice(twice(x)) - 1", "", "1 +", "(1", "1 2", "y + 1", "x(1)", "max(1,", "3 $ 4", "1 ! 2",
} do
  local ok, f = pcall(compile, text)
  if ok then print(text, "=", pcall(f, env)) else print(text, "!", f) end
end
