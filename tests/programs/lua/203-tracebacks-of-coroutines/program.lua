-- Tracebacks of coroutines that wait, and of what goes on after waiting.
local function inner(n)
  if n == 0 then
    coroutine.yield("deep")
  else
    inner(n - 1)
  end
  return 1
end
local function body(n)
  local ok = pcall(function(k)
    inner(k)
    inner(k)
  end, n)
  coroutine.yield(ok)
end
local co = coroutine.create(body)
print(debug.traceback(co))
for i = 1, 3 do
  coroutine.resume(co, 3)
  print(coroutine.status(co))
  print(debug.traceback(co))
  print(debug.traceback(co, "msg", 2))
  print(debug.traceback(co, {}) == co, type(debug.traceback(co, {})))
end
coroutine.resume(co)
print(debug.traceback(co, "dead"))
print((debug.traceback(coroutine.running(), "me", 1):gsub("main chunk.*", "main chunk")))
print((debug.traceback(print)) == print, debug.traceback("x", 100))
local w = coroutine.create(function() for i = 1, 30 do end inner(40) end)
coroutine.resume(w)
print(debug.traceback(w))
for depth = 17, 22 do
  local c = coroutine.create(inner)
  coroutine.resume(c, depth)
  print(select(2, debug.traceback(c):gsub("\n", "")), debug.traceback(c):match("skipping %d+"))
end
-- a protected call that was suspended and goes on still tells where it was called
local again = coroutine.wrap(function()
  return pcall(function()
    coroutine.yield(1)
    local text = debug.traceback("after", 1)
    coroutine.yield(2)
    return text, debug.traceback("again", 1)
  end)
end)
print(again(), again())
print(again())
