-- what a loop's variables held is gone with the next collection, and what is still in scope is not
local function weak() return setmetatable({}, {__mode = "k"}) end
local function count(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

local function after_generic()
  local t = weak()
  t[{}] = true
  for k in pairs(t) do assert(type(k) == "table") end
  collectgarbage()
  return count(t)
end

local function after_seen()
  local t = weak()
  t[{}], t[{}] = 1, 2
  local seen = false
  for k, v in pairs(t) do if type(k) == "table" and v then seen = true end end
  collectgarbage()
  local left = count(t)
  for k in next, t do seen = k end
  return seen, left
end

local function inside()
  local t = weak()
  for i = 1, 3 do
    local kept = {}
    t[kept] = i
    collectgarbage()
    assert(count(t) == 1, "the variable is in scope")
    t[{}] = i
    collectgarbage()
    assert(count(t) == 1)
  end
  collectgarbage()
  return count(t)
end

local function while_iterating()
  local t = weak()
  t[{}] = 1
  local n = 0
  for k in pairs(t) do
    collectgarbage()
    n = n + count(t)
  end
  collectgarbage()
  return n, count(t)
end

local function nested()
  local t = weak()
  t[{}] = 1
  for k in pairs(t) do
    for inner in pairs(t) do assert(k == inner) end
    collectgarbage()
    assert(count(t) == 1)
  end
  for i = 1, 1 do
    collectgarbage()
  end
  return count(t)
end

local function left_by_break()
  local t = weak()
  t[{}] = 1
  for k in pairs(t) do
    if k then break end
  end
  collectgarbage()
  local first = count(t)
  t[{}] = 1
  for k in pairs(t) do
    if k then goto out end
  end
  ::out::
  collectgarbage()
  return first, count(t)
end

local function in_a_coroutine()
  local t = weak()
  return coroutine.wrap(function()
    t[{}] = 1
    for k in pairs(t) do coroutine.yield(count(t)) end
    collectgarbage()
    return count(t)
  end)
end

local function with_captured()
  local t, held = weak(), nil
  t[{}] = 1
  for k in pairs(t) do held = function() return k end end
  collectgarbage()
  local first = count(t)
  held = nil
  collectgarbage()
  return first, count(t)
end

print(after_generic())
print(after_seen())
print(inside())
print(while_iterating())
print(nested())
print(left_by_break())
local step = in_a_coroutine()
print(step(), step())
print(with_captured())

-- on the file's own level
local t = weak()
t[{}] = true
for k in pairs(t) do assert(k) end
collectgarbage()
print(count(t))
local names = {}
for i = 1, 3 do local one = {} names[i] = one t[one] = i end
collectgarbage()
print(count(t), #names)
