-- Yields with no, one and many values, as bodies of coroutines, and through calls of every kind.
local yield, wrap, create, resume = coroutine.yield, coroutine.wrap, coroutine.create, coroutine.resume

local bare = wrap(coroutine.yield)
print(bare(1, 2, 3), bare(4, 5))
print(pcall(bare))

local through = wrap(pcall)
print(through(yield, "a", "b"))
print(through("c", "d", "e", "f"))
print(pcall(through))

local counts = create(function(...)
  local got = table.pack(...)
  while got.n > 0 do
    got = table.pack(yield(table.unpack(got, 1, got.n)))
  end
  return "end", nil
end)
for n = 5, 0, -1 do
  print(n, resume(counts, table.unpack({ 1, nil, 3, nil, 5 }, 1, n)))
end
print(resume(counts))
print(select("#", resume(counts)))

local nothing = wrap(function()
  while true do
    print("got", select("#", yield()))
  end
end)
print(select("#", nothing()))
print(select("#", nothing(nil)))
print(select("#", nothing(1, 2, 3, 4)))

-- a stack of frames of every kind, torn down and built up again
local meta = {
  __add = function(a, b)
    return yield("add", b) + 1
  end,
  __concat = function(a, b)
    return "<" .. yield("concat") .. ">"
  end,
  __index = function(_, key)
    return yield("index", key)
  end,
  __call = function(_, ...)
    return yield("call", ...)
  end,
  __pairs = function(t)
    yield("pairs")
    return next, { x = 1 }, nil
  end,
}
local strange = setmetatable({}, meta)
local function down(depth, ...)
  if depth == 0 then
    local sum = strange + select("#", ...)
    local text = "x" .. strange .. "y"
    local field = strange.name
    local results = { strange(1, 2, 3, 4) }
    for k, v in pairs(strange) do
      sum = sum + v
    end
    return sum, text, field, #results, ...
  end
  local ok, a, b, c, d, e, f = pcall(down, depth - 1, depth, ...)
  assert(ok, a)
  return a, b, c, d, e, f
end
local deep = create(down)
print(resume(deep, 3, "p", "q"))
for i = 10, 16 do
  print(coroutine.status(deep), (debug.traceback(deep):gsub("\n.*'yield'", " ... 'yield'"):match("^[^\n]*")))
  print(resume(deep, i, i + 0.5, "third", "fourth"))
end

-- errors inside, with handlers, and endless recursion while a coroutine goes on
local function handler(message)
  return "handled: " .. tostring(message)
end
local guarded = wrap(function()
  local function endless()
    return 1 + endless()
  end
  print(yield(1))
  local ok, message = xpcall(endless, handler)
  print(ok, (message:match("stack overflow")))
  print(yield(2))
  print(xpcall(function()
    yield(3)
    error({}, 0)
  end, function(e)
    return type(e)
  end))
  error("over")
end)
print(guarded())
print(guarded("a"))
print(guarded("b"))
print(pcall(guarded, "c"))
print(pcall(guarded))

-- coroutines inside coroutines, and collected ones
local function tree(depth)
  return wrap(function()
    if depth > 0 then
      for v in tree(depth - 1) do
        yield(v)
      end
      yield(depth)
      for v in tree(depth - 1) do
        yield(v)
      end
    end
  end)
end
local order = {}
for v in tree(4) do
  order[#order + 1] = v
end
print(table.concat(order, " "))
for i = 1, 50 do
  local started = wrap(function(a)
    local kept = { a }
    yield(kept[1])
  end)
  assert(started(i) == i)
end
print(pcall(yield, 1))
print(coroutine.isyieldable(), select(2, coroutine.running()))
return "done"
