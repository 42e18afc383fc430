-- What the collector may not keep, and what it must.
local function collect() collectgarbage() end

-- arguments of calls that are over do not live on in their caller
local function finalized_in_time()
  local finished = false
  local u = setmetatable({}, {__gc = function() finished = true end})
  local b = {34}
  local turns = 0
  repeat
    u = {}
    turns = turns + 1
  until finished or turns > 200000
  return finished, b[1]
end
print(finalized_in_time())
local function nested_in_a_constructor()
  local finished = false
  local u = {setmetatable({}, {__gc = function() finished = true end})}
  local b = {35}
  local turns = 0
  while not finished and turns < 200000 do
    u = {{}}
    turns = turns + 1
  end
  return finished, b[1]
end
print(nested_in_a_constructor())

-- a chain of weak keys whose values lead to the next key
local chain = setmetatable({}, {__mode = "k"})
local first
for _ = 1, 100 do
  local key = {}
  chain[key] = {next = {first}}
  first = key
end
collect()
local at, count = first, 0
while at do
  at = chain[at].next[1]
  count = count + 1
end
print(count)
first, at = nil, nil
collect()
print(next(chain))

-- variables that are still in scope keep what they hold
local weak = setmetatable({}, {__mode = "v"})
local kept = {}
weak[1] = kept
weak[2] = {}
collectgarbage()
print(weak[1] ~= nil, weak[2])
do
  local inside = {}
  weak[3] = inside
  for _ = 1, 2 do collectgarbage() end
  print(weak[3] ~= nil)
end
collectgarbage()
print(weak[3])

-- the count goes down when garbage goes, also with small tables inside of tables
local function used() return collectgarbage("count") end
collectgarbage()
local rows = {}
for i = 1, 200 do
  rows[i] = {{}}
  local lost = {i}
end
local before = used()
collectgarbage()
print(used() < before, #rows)
collectgarbage("stop")
local stopped = used()
for i = 1, 200 do rows[i] = {{i}, {i}} end
local grown = used()
print(grown > stopped, collectgarbage("isrunning"))
collectgarbage("restart")
print(collectgarbage("step"), used() < grown, collectgarbage("isrunning"))

-- finalizers run between operations, not in the middle of one: operands stay what they are
local runs = 0
local function churn(n)
  local text
  for i = 1, n do
    setmetatable({}, {__gc = function(_, ...) runs = runs + select("#", i, {}, {i}, "x" .. i, ...) end})
    text = "a" .. i .. "b" .. tostring(i) .. "c" .. i + 0.5
    if text ~= string.format("a%db%sc%s", i, i, i + 0.5) then return text end
    local t = {i, text, {text}, #text, function() return text end, i .. text}
    if t[1] ~= i or t[2] ~= text or t[3][1] ~= text or t[5]() ~= text or t[6] ~= i .. text then return t end
  end
  return "whole"
end
print(churn(1200), runs > 100)
print((function(...) return "vararg " .. churn(200), select("#", ...), ... end)(1, "two", 3.5, nil, 5))

-- the collector cannot be asked for anything by a finalizer
local answer = "unset"
setmetatable({}, {__gc = function() answer = collectgarbage() end})
collectgarbage()
print(answer)
