-- Allocates so many gigabytes of garbage of every kind, a little of it kept for a while, and counts what that was.
-- How much one round allocates is measured, with the collector stopped; then rounds follow until the sum is reached.
local gigabytes = ...
local target <const> = gigabytes * 2^30

local finalized, created = 0, 0
local final = {__gc = function(object) finalized = finalized + object.n end}
local window, place = {}, 0

-- A live set of mixed ages and sizes, so that what is free lies between what is not.
local function keep(object)
  place = place * 5 + 1 & 1023
  window[place] = object
end

local kinds = {
  {"short strings", 0.10, function(i)
    for j = 1, 2000 do keep("s" .. i .. "," .. j) end
  end},
  {"long strings", 0.25, function(i)
    for j = 1, 60 do keep(string.rep(string.char(j + 32), 100 + j * j * 3 + i % 97)) end
    for j = 1, 4 do local text = string.rep("x", 50000 * j) end
  end},
  {"growing text", 0.10, function(i)
    local text = ""
    for j = 1, 150 do text = text .. j .. "," end
    keep(text)
    local parts = {}
    for j = 1, 200 do parts[j] = i + j end
    keep(table.concat(parts, " "))
  end},
  {"lists", 0.15, function(i)
    for j = 1, 40 do
      local list = {}
      for k = 1, j * 5 do list[k] = k end
      keep(list)
    end
  end},
  {"records", 0.15, function(i)
    for j = 1, 200 do keep({x = i, y = j, name = "record", inner = {j, i}}) end
    local map = {}
    for j = 1, 100 do map["key" .. j] = j map[j * 1000003] = j end
    keep(map)
  end},
  {"closures", 0.10, function(i)
    for j = 1, 500 do
      local a, b = i, j
      keep(function(c) a = a + c return a + b end)
    end
  end},
  {"coroutines", 0.10, function(i)
    for j = 1, 100 do
      local co = coroutine.wrap(function(a) local t = {a} local b = coroutine.yield(t) return t, b end)
      co(j)
      if j % 3 == 0 then co() end
      keep(co)
    end
  end},
  {"finalizers", 0.05, function(i)
    for j = 1, 300 do
      created = created + 1
      keep(setmetatable({n = 1, cycle = {j}}, final))
    end
  end},
}

local function used() return collectgarbage("count") * 1024 end

local function measure(round)
  collectgarbage()
  collectgarbage("stop")
  local before = used()
  round(1)
  local bytes = used() - before
  collectgarbage("restart")
  return bytes
end

local total, report = 0, {}
for _, kind in ipairs(kinds) do
  local name, share, round = kind[1], kind[2], kind[3]
  local bytes = measure(round)
  local rounds = math.ceil(target * share / bytes)
  for i = 1, rounds do round(i) end
  total = total + rounds * bytes
  report[name] = rounds * bytes / 2^30
end

window = {}
collectgarbage()
collectgarbage()
return {gigabytes = total / 2^30, kinds = report, left = used(), pending = created - finalized}
