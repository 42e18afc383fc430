-- Loops over ipairs whose list changes, ends, inherits, yields.
local out = {}
local function put(...)
  local row = table.pack(...)
  for i = 1, row.n do
    row[i] = tostring(row[i])
  end
  out[#out + 1] = table.concat(row, " ")
end
local function walk(t)
  local seen = {}
  for i, v in ipairs(t) do
    seen[#seen + 1] = i .. "=" .. tostring(v)
  end
  return table.concat(seen, ",")
end
put(walk({}), walk({ 1 }), walk({ 1, nil, 3 }), walk({ nil, 2 }), walk({ false, true, 0 / 1, "s" }))
put(walk({ [1] = "a", [2] = "b", [4] = "d" }), walk({ [3] = 1, [2] = 2, [1] = 3 }))

local grown = { 1 }
for i, v in ipairs(grown) do
  if i < 20 then grown[i + 1] = v * 2 end
end
put(#grown, grown[20])
local shrunk, turns = { 1, 2, 3, 4, 5, 6 }, 0
for i in ipairs(shrunk) do
  turns = turns + 1
  shrunk[#shrunk] = nil
  collectgarbage()
end
put(turns, #shrunk)
local swapped, seen = { 1, 2, 3 }, 0
for i, v, extra in ipairs(swapped) do
  swapped[i] = { v }
  swapped[i + 1] = i < 3 and swapped[i + 1] or nil
  seen = seen + v
  put(i, v, extra)
end
put(seen, swapped[1][1], swapped[3][1])

-- a metatable that comes in the middle
local base = { 10, 20, 30, 40, 50 }
local thin = { 1, 2 }
for i, v in ipairs(thin) do
  put(i, v)
  if i == 2 then setmetatable(thin, { __index = base }) end
end
local counted = setmetatable({}, { __index = function(_, i) if i <= 4 then return i * i end end })
put(walk(counted))
counted[2] = "own"
put(walk(counted))
setmetatable(counted, nil)
put(walk(counted))

-- the variables are the loop's own
local fs = {}
for i, v in ipairs({ "a", "b", "c" }) do
  fs[i] = function() i = i + 1; return i, v end
end
put(fs[1](), fs[1](), fs[3]())
for i, v in ipairs({ 5, 6, 7 }) do
  i = i * 10
  v = nil
  put(i, v)
end

-- by hand
local step, state, zero = ipairs(base)
put(step(state, zero), step(state, 4))
put(step(state, 5))
put(step(state, -1), step(state, math.maxinteger))
put(select("#", step(state, 9)), select("#", step(state, 1)))
put(pcall(ipairs), pcall(function() for i in ipairs(nil) do put(i) end end))
put(pcall(function() for i, v in ipairs(7) do put(i, v) end end))

-- floats and integers in typed lists
local sum, isum = 0.0, 0
for _, v in ipairs({ 0.5, 1.5, 2.5 }) do sum = sum + v end
for _, v in ipairs({ 1, 2, 3 }) do isum = isum + v end
put(sum, isum, math.type(isum))

-- in a coroutine, yielding in the body
local co = coroutine.wrap(function()
  for i, v in ipairs(base) do coroutine.yield(i + v) end
  local lazy = setmetatable({ "x" }, { __index = function(_, i) return i < 4 and "index " .. i or nil end })
  for i, v in ipairs(lazy) do coroutine.yield(tostring(i) .. ":" .. tostring(v)) end
  return "end"
end)
local given = nil
for turn = 1, 12 do
  local got = co(given)
  put(turn, got)
  if got == "end" then break end
  given = turn < 9 and "given" .. turn or nil
end

-- keys that are strings at run time, short, long and absent
local long = ("k"):rep(60)
local map = { a = 1, [long] = 2 }
local function field(t, k) return t[k .. ""] end
local function assign(t, k, v) t[k .. ""] = v end
put(field(map, "a"), field(map, long), field(map, "b"), field("x", "len") == string.len)
assign(map, "a", nil) assign(map, long, 3) assign(map, "c", 4) assign(map, "d", nil)
put(map.a, map[long], map.c, map.d)
local traced = setmetatable({}, { __newindex = function(t, k, v) put("new", k, v) rawset(t, k, v) end, __index = { c = "inherited" } })
assign(traced, "c", 1) assign(traced, "c", 2) assign(traced, "c", nil)
put(field(traced, "c"), field(traced, "z"))
put(pcall(field, nil, "a"), pcall(assign, 4, "a", 1))
print(table.concat(out, "\n"))
