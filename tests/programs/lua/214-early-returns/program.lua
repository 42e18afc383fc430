-- Functions that return before they do anything that could fail, and go on otherwise.
local log = {}
local function tree(depth, text)
  if depth == 0 then
    return text
  end
  local left, right = tree(depth - 1, text .. "l"), tree(depth - 1, text .. "r")
  log[#log + 1] = #log + depth
  return { left, right, depth = depth }
end
local made = tree(5, "")
print(#log, made[1][2][1][2][1], made.depth, made[2][2].depth)

local function pick(kind, a, b, c)
  if kind == nil then
    return
  elseif kind == false then
    return a, b, c
  elseif kind == true then
    return c, nil
  end
  local copy = { a, b, c }
  return copy, table.unpack(copy, 1, 3)
end
print(pick(), select("#", pick()))
print(pick(false, 1, nil, 3))
print(pick(false, 1))
print(pick(true, {}, {}, "c"))
print(select(2, pick("x", "p", "q", "r")))
local list = { pick(false, "a", "b", "c") }
print(#list, list[3], (pick(false, "first", "second")))

-- the parameters are assigned before the frame is there, and are references afterwards
local function swap(a, b, last)
  a, b = b, a
  if last then
    return a
  end
  local held = { a, b, {} }
  for i = 1, 20 do
    held[3] = { held[3] }
  end
  return a, b, held[1] == a, held[2] == b
end
print(swap("a", "b", true))
print(swap("left" .. #log, "right" .. #log))
print(swap({ 1 }, nil, "yes") == nil)

local function nested(n, seen)
  if n <= 0 then
    if n < 0 then
      return "below"
    end
    return seen
  end
  return nested(n - 1, (seen or 0) + n)
end
print(nested(100), nested(-1), nested(0), pcall(nested, {}))

-- errors and tracebacks behind the part that cannot fail
local function fails(n)
  if n == 1 then
    return "one"
  end
  if n == 2 then
    local none
    return none.field
  end
  return fails(n - 1) .. "!"
end
print(fails(1))
print(pcall(fails, 2))
print(pcall(fails, 4))
print((select(2, xpcall(fails, debug.traceback, 4)):gsub("%[C%].*", "")))

local function endless(n)
  if n == 0 then
    return 0
  end
  return 1 + endless(n - 1)
end
print(endless(1000), (select(2, pcall(endless, -1)):match("stack overflow")))
print(endless(10), (select(2, pcall(endless, -1.5)):match("stack overflow")))

-- captured variables, upvalues that change, and a goto in the part before the frame
local calls = 0
local function counted(n)
  calls = calls + 1
  if n == 0 then
    return calls
  end
  return counted(n - 1)
end
print(counted(10), counted(0), calls)
local function jumps(n)
  do
    if n > 5 then
      goto large
    end
    if n < 0 then
      return "negative"
    end
  end
  do
    return "small"
  end
  ::large::
  return "large" .. n
end
print(jumps(1), jumps(9), jumps(-1))
print(pcall(string.rep))
return tree(2, "t")[1][2]
