-- How coroutines end, and what can be suspended on the way there.
local function closable(label, fail)
  return setmetatable({}, { __close = function(_, err)
    print("close", label, err)
    if fail then error(fail, 0) end
  end })
end

-- the error of a coroutine is given once more when it is closed
local co = coroutine.create(error)
print(coroutine.resume(co, "boom"))
print(coroutine.status(co), coroutine.close(co))
print(coroutine.close(co))

-- one that ended well has none
co = coroutine.create(function() return 1 end)
print(coroutine.resume(co))
print(coroutine.close(co))

-- closing a suspended one runs what is to be closed; its error is the result, once
co = coroutine.create(function()
  local first <close> = closable("first")
  local second <close> = closable("second", "of second")
  coroutine.yield(1)
end)
print(coroutine.resume(co))
print(coroutine.close(co))
print(coroutine.close(co), coroutine.status(co))

-- a wrapped one is closed by its error
local seen
local wrapped = coroutine.wrap(function()
  seen = coroutine.running()
  error({}, 0)
end)
print(pcall(wrapped) == false, coroutine.status(seen), coroutine.close(seen))

-- which can be suspended
print(coroutine.isyieldable(), coroutine.isyieldable((coroutine.running())))
print(coroutine.isyieldable(coroutine.create(print)))
coroutine.wrap(function()
  print(coroutine.isyieldable())
  table.sort({ 2, 1 }, function(a, b)
    print("comparing", coroutine.isyieldable(), pcall(coroutine.yield))
    return a < b
  end)
end)()

-- yields inside __pairs, with the results of pairs after it
local proxy = setmetatable({}, { __pairs = function(t)
  local step = coroutine.yield("how far?")
  local stop = coroutine.yield("and until?")
  return function(_, i)
    if i < stop then return i + step, i * 10 end
  end, t, 0
end })
local walk = coroutine.wrap(function()
  for k, v in pairs(proxy) do print(k, v) end
  return select("#", pairs(proxy))
end)
print(walk())
print(walk(2))
print(walk(6))
print(walk(1))
print(walk(1))

-- an error inside __pairs after a yield is caught by what called pairs
local bad = setmetatable({}, { __pairs = function() coroutine.yield("soon") error("in __pairs", 0) end })
local guarded = coroutine.wrap(function() return pcall(pairs, bad) end)
print(guarded())
print(guarded())

-- a position of an iterator that cannot be called is that of the list
local _, message = pcall(function()
  for _ in
    3
  do end
end)
print((message:gsub("^.-:", "")))
