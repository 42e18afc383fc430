-- A command-line parser: options, flags, positional arguments, subcommands, defaults, conversions, help, suggestions.
local Parser = {}
Parser.__index = Parser

local function parser(name, about)
  return setmetatable({name = name, about = about, options = {}, by_name = {}, positionals = {}, commands = {}, order = {}}, Parser)
end

local function add(self, list, spec)
  list[#list + 1] = spec
  return self
end

function Parser:option(names, spec)
  spec = spec or {}
  spec.names = {}
  for name in names:gmatch("%S+") do
    if self.by_name[name] then error("option '" .. name .. "' is defined twice", 2) end
    spec.names[#spec.names + 1] = name
    self.by_name[name] = spec
    if name:sub(1, 2) == "--" then spec.key = name:sub(3):gsub("%-", "_") end
  end
  spec.key = spec.key or spec.names[1]:sub(2)
  spec.takes = spec.takes or 1
  return add(self, self.options, spec)
end

function Parser:flag(names, help, counts)
  return self:option(names, {help = help, takes = 0, counts = counts})
end

function Parser:argument(name, spec)
  spec = spec or {}
  spec.key, spec.takes = name, spec.takes or 1
  return add(self, self.positionals, spec)
end

function Parser:command(name, about, setup)
  local sub = parser(self.name .. " " .. name, about)
  setup(sub)
  self.commands[name] = sub
  self.order[#self.order + 1] = name
  return self
end

local convert = {
  string = function(text) return text end,
  integer = function(text) return math.tointeger(tonumber(text)) end,
  number = tonumber,
  bool = function(text) return ({yes = true, no = false, ["true"] = true, ["false"] = false})[text:lower()] end,
  list = function(text)
    local out = {}
    for part in (text .. ","):gmatch("(.-),") do out[#out + 1] = part end
    return out
  end,
}

local UsageError = {__tostring = function(e) return e.where .. ": " .. e.message end}
local function fail(self, text, ...) error(setmetatable({where = self.name, message = text:format(...)}, UsageError), 0) end

local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      diagonal, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
    end
  end
  return row[#b]
end

local function suggest(word, words)
  table.sort(words)
  local best, at
  for _, w in ipairs(words) do
    local d = distance(word, w)
    if d <= 2 and (not at or d < at) then best, at = w, d end
  end
  return best and (" (did you mean '" .. best .. "'?)") or ""
end

local function keys(t) local out = {} for k in pairs(t) do out[#out + 1] = k end return out end

function Parser:value(spec, shown, text)
  local of = spec.type or "string"
  local value = type(of) == "function" and of(text) or type(of) == "string" and convert[of](text)
  if value == nil then fail(self, "%s: %q is no %s", shown, text, type(of) == "string" and of or "valid value") end
  if spec.choices then
    for _, choice in ipairs(spec.choices) do if choice == value then return value end end
    fail(self, "%s: %q is none of %s%s", shown, text, table.concat(spec.choices, ", "), suggest(text, table.move(spec.choices, 1, #spec.choices, 1, {})))
  end
  return value
end

local function store(result, spec, value)
  if spec.many then
    local list = result[spec.key] or {}
    list[#list + 1] = value
    result[spec.key] = list
  else
    result[spec.key] = value
  end
end

function Parser:take_option(result, name, inline, words, at)
  local spec = self.by_name[name]
  if not spec then fail(self, "unknown option '%s'%s", name, suggest(name, keys(self.by_name))) end
  if spec.takes == 0 then
    if inline then fail(self, "option '%s' takes no value", name) end
    result[spec.key] = spec.counts and (result[spec.key] or 0) + 1 or true
    return at
  end
  if inline == nil then
    at = at + 1
    inline = words[at]
    if inline == nil or inline:find("^%-%-?%a") then fail(self, "option '%s' needs a value", name) end
  end
  store(result, spec, self:value(spec, "option '" .. name .. "'", inline))
  return at
end

function Parser:parse(words, result)
  result = result or {}
  local rest, at, only_rest = {}, 1, false
  while at <= #words do
    local word = words[at]
    local long, value = word:match("^(%-%-[%w-]+)=(.*)$")
    if only_rest or word == "-" or not word:find("^%-") or (tonumber(word) and not self.by_name[word]) then
      if not only_rest and #self.order > 0 then
        local sub = self.commands[word]
        if not sub then fail(self, "unknown command '%s'%s", word, suggest(word, keys(self.commands))) end
        result.command = word
        self:finish(result, {})
        return sub:parse(table.move(words, at + 1, #words, 1, {}), result)
      end
      rest[#rest + 1] = word
    elseif word == "--" then
      only_rest = true
    elseif word:sub(1, 2) == "--" then
      at = self:take_option(result, long or word, value, words, at)
    else
      local letters = word:sub(2)
      while #letters > 0 do
        local name = "-" .. letters:sub(1, 1)
        letters = letters:sub(2)
        local spec = self.by_name[name]
        if spec and spec.takes > 0 and #letters > 0 then
          at = self:take_option(result, name, (letters:gsub("^=", "")), words, at)
          letters = ""
        else
          at = self:take_option(result, name, nil, words, at)
        end
      end
    end
    at = at + 1
  end
  if #self.order > 0 then fail(self, "a command is needed: %s", table.concat(self.order, ", ")) end
  return self:finish(result, rest)
end

function Parser:finish(result, rest)
  local at = 1
  for i, spec in ipairs(self.positionals) do
    if spec.takes == "*" then
      local list = {}
      for k = at, #rest - (#self.positionals - i) do
        list[#list + 1] = self:value(spec, "argument '" .. spec.key .. "'", rest[k])
      end
      at = at + #list
      result[spec.key] = list
    elseif rest[at] ~= nil then
      result[spec.key] = self:value(spec, "argument '" .. spec.key .. "'", rest[at])
      at = at + 1
    elseif spec.default ~= nil then
      result[spec.key] = spec.default
    else
      fail(self, "argument '%s' is missing", spec.key)
    end
  end
  if rest[at] ~= nil then fail(self, "too many arguments from '%s' on", rest[at]) end
  for _, spec in ipairs(self.options) do
    if result[spec.key] == nil then
      if spec.required then fail(self, "option '%s' is required", spec.names[#spec.names]) end
      result[spec.key] = type(spec.default) == "function" and spec.default(result) or spec.default
    end
  end
  return result
end

function Parser:help()
  local lines = {"usage: " .. self.name .. (#self.options > 0 and " [options]" or "")}
  for _, spec in ipairs(self.positionals) do
    lines[1] = lines[1] .. " " .. (spec.takes == "*" and "[" .. spec.key .. "...]" or spec.default ~= nil and "[" .. spec.key .. "]" or spec.key)
  end
  if #self.order > 0 then lines[1] = lines[1] .. " {" .. table.concat(self.order, "|") .. "}" end
  if self.about then lines[#lines + 1] = "  " .. self.about end
  for _, spec in ipairs(self.options) do
    local left = table.concat(spec.names, ", ") .. (spec.takes > 0 and " " .. spec.key:upper() or "")
    lines[#lines + 1] = ("  %-24s %s%s"):format(left, spec.help or "", spec.default ~= nil and type(spec.default) ~= "function" and " (default: " .. tostring(spec.default) .. ")" or "")
  end
  for _, name in ipairs(self.order) do lines[#lines + 1] = ("  %-24s %s"):format(name, self.commands[name].about) end
  return table.concat(lines, "\n")
end

local function show(v)
  if type(v) ~= "table" then return type(v) == "string" and ("%q"):format(v) or tostring(v) end
  local names, parts = keys(v), {}
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for i, k in ipairs(names) do parts[i] = (type(k) == "string" and k .. "=" or "") .. show(v[k]) end
  return "{" .. table.concat(parts, " ") .. "}"
end

local tool = parser("tool", "does things to files")
  :flag("-v --verbose", "say more", true)
  :option("-l --level", {type = "integer", default = 3, help = "how much"})
  :option("-f --format", {choices = {"json", "text", "xml"}, default = "text", help = "what comes out"})
  :option("-D --define", {many = true, help = "NAME=VALUE"})
  :option("--ratio", {type = "number"})
  :option("--tags", {type = "list"})
  :option("--dry-run", {type = "bool", default = false})
  :option("-o --output", {default = function(r) return (r.input or "x") .. ".out" end})
  :argument("input")
  :argument("others", {takes = "*"})
  :argument("last", {type = "integer", default = 7})
print(tool:help())

local function try(p, line)
  local words = {}
  for word in line:gmatch("%S+") do words[#words + 1] = word end
  local ok, result = pcall(p.parse, p, words)
  print(line, "->", ok and show(result) or tostring(result))
end
for _, line in ipairs {
  "in.txt", "-vvv in.txt -l5", "in.txt a b c 9", "--level=0x10 --format json in", "-f xml -Da=1 -D b=2 --define=c=3 in",
  "in --ratio 1.5e3 --tags a,,b, --dry-run YES", "-- -v", "in -l=-2", "-vl 4 in", "in -9", "", "in x", "-l two in",
  "--formt json in", "-f jsn in", "-f yaml in", "--verbose=1 in", "in -o", "-x in", "in --dry-run maybe", "--level -v in", "- 1",
} do try(tool, line) end

local git = parser("git"):flag("-q --quiet")
  :command("commit", "record changes", function(p) p:option("-m --message", {required = true}):flag("-a --all") end)
  :command("push", "send changes", function(p) p:argument("remote", {default = "origin"}):flag("--force") end)
print(git:help())
for _, line in ipairs {"commit -am first", "-q push", "push up --force", "push a b", "comit", "commit", "", "-z push"} do try(git, line) end
print(pcall(tool.option, tool, "-v"))
