-- debug.getinfo of a coroutine's levels, its options, and what it makes of wrong arguments
local function deep(n)
  if n > 0 then
    deep(n - 1)
    return 1
  end
  coroutine.yield()
end

local co = coroutine.create(function(a, b)
  deep(2)
  return select("#", a, b)
end)

local function show(...)
  local ok, info = pcall(debug.getinfo, ...)
  if type(info) ~= "table" then
    print(ok, info)
    return
  end
  print(info.what, info.currentline, info.linedefined, info.name, info.namewhat, info.istailcall, info.nparams,
    info.isvararg, type(info.func))
end

for level = 0, 2 do show(co, level) end
coroutine.resume(co)
for level = -1, 6 do show(co, level) end
for level = 0, 5 do show(co, level, "Slf") end
show(co, "1", "l")
show(co, 2, "")

print "arguments"
show(co)
show(co, "x")
show(co, 0, "X")
show(co, 99, "X")
show(co, string.rep)
show(co, deep, "S")
show(co, nil)
show(co, 1.5)
show(co, 1 << 40)
show(co, 0, ">")
show(co, 0, {})
show(coroutine.running(), 0)
show(coroutine.running(), 2)
show(0, ">S")
show(0, "S>")
show(string.rep, ">S")

print "the function is the one that waits"
print(debug.getinfo(co, 1, "f").func == deep, debug.getinfo(co, 0, "f").func == coroutine.yield)

print "after its end"
coroutine.resume(co)
for level = 0, 1 do show(co, level) end
local failed = coroutine.create(function() error({}) end)
coroutine.resume(failed)
print(debug.getinfo(failed, 5))

print "from another coroutine"
local waiting = coroutine.wrap(function()
  local inner = coroutine.create(function() deep(1) end)
  coroutine.resume(inner)
  for level = 0, 4 do show(inner, level) end
  for level = 0, 2 do
    local info = debug.getinfo(level, "l")
    print(info and info.currentline)
  end
  coroutine.yield(inner)
  show(inner, 1)
end)
local inner = waiting()
show(inner, 1)
waiting()

print "many levels"
local long = coroutine.create(function() deep(200) end)
coroutine.resume(long)
local count = 0
while debug.getinfo(long, count, "l") do count = count + 1 end
print(count)
for _ = 1, 50 do debug.getinfo(long, 100, "Slnutf") end
print(coroutine.status(long), coroutine.resume(long))
