-- Values that are made before a loop and needed after it, while the loop itself does not mention them.
local function make(name) return {name, name .. "!", {name}} end
local turns
local function work()
  local t = {}
  for i = 1, 20 do t[i] = {i} end
  turns = turns + 1
  return turns < 10
end
local function show(t) return t[1] .. t[2] .. t[3][1] end

local function while_loop(go)
  local kept = make("while")
  while go do go = work() end
  return kept
end
local function repeat_loop(go)
  local kept = make("repeat")
  repeat go = work() until not go
  return kept
end
local function numeric_loop(n)
  local kept = make("numeric")
  for _ = 1, n do work() end
  return kept
end
local function generic_loop(list)
  local kept = make("generic")
  for _ in next, list do work() end
  return kept
end
local function break_loop(go)
  local kept, other = make("break"), make("other")
  while true do
    if not go then break end
    go = work()
  end
  return kept, other
end
local function goto_loop(go)
  local kept = make("goto")
  ::again::
  if not go then goto done end
  go = work()
  goto again
  ::done::
  return kept
end
local function continue_loop(go)
  local kept = make("continue")
  while go do
    go = work()
    if go then goto continue end
    go = false
    ::continue::
  end
  return kept
end
local function nested_loops(go)
  local outer = make("outer")
  while go do
    local inner = make("inner")
    local again = go
    while again do again = false go = work() end
    for _ = 1, 2 do while again do again = work() end end
    if not go then return outer, inner end
  end
end
local function return_in_loop(go)
  local kept = make("return")
  while go do
    go = work()
    if not go then return kept end
  end
end
local function deep(go)
  local kept = make("deep")
  while go do while go do while go do while go do while go do while go do while go do while go do
    go = work()
  end end end end end end end end
  return kept
end
local function carried(go)
  local kept, last = make("carried")
  while go do
    go = work()
    kept, last = last or kept, kept
  end
  return kept, last
end
local function closing(go)
  local kept = make("closing")
  local closed = make("closed")
  do
    local guard <close> = setmetatable({}, {__close = function() print(show(closed)) end})
    while go do go = work() end
  end
  return kept
end
local function failing(go)
  local kept = make("failing")
  local guard <close> = setmetatable({}, {__close = function(_, e) print(show(e), show(kept)) end})
  while go do go = work() end
  error(kept)
end

for _, f in ipairs({while_loop, repeat_loop, break_loop, goto_loop, continue_loop, nested_loops, return_in_loop, deep, carried, closing}) do
  turns = 0
  for _, t in ipairs({f(true)}) do print(show(t)) end
end
turns = 0
print(show(numeric_loop(10)), show(generic_loop({1, 2, 3})))
print(show(select(2, pcall(failing, true))))

-- the same across suspensions: nothing of a coroutine is on any stack while it waits
local function suspended(n)
  local kept, number, text = make("suspended"), n * 2.5, "text " .. n
  local go = true
  while go do go = coroutine.yield(n) end
  return show(kept), number, text
end
local function suspended_twice(n)
  local kept, other = make("twice"), n + 1
  repeat
    local inner = make("in")
    local go = coroutine.yield(show(inner))
    for _ = 1, 2 do while go do go = coroutine.yield("deep") end end
    if not go then goto out end
  until false
  ::out::
  return show(kept), other
end
for _, f in ipairs({suspended, suspended_twice}) do
  local co = coroutine.wrap(f)
  print(co(7))
  for _ = 1, 5 do collectgarbage() print(co(true)) end
  print(co(false))
end
