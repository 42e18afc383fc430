-- Errors that end coroutines leave variables open until somebody closes them; closing runs handlers that cannot yield.
local function closer(n, f) return setmetatable({}, {__close = function(_, e) print("close", n, e) if f then f(n, e) end end}) end
-- an error ends a coroutine: variables stay open until close
local co = coroutine.create(function() local a <close> = closer("a") local b <close> = closer("b") error("oops") end)
print(coroutine.resume(co)) print(coroutine.status(co)) print(coroutine.close(co)) print(coroutine.close(co))
-- handlers fail
co = coroutine.create(function() local a <close> = closer("a", function() error("in a", 0) end) local b <close> = closer("b", function() error("in b", 0) end) error("oops") end)
print(coroutine.resume(co)) print(coroutine.close(co)) print(coroutine.close(co))
-- wrap closes at once
print(pcall(coroutine.wrap(function() local a <close> = closer("w") error("oops") end)))
print(pcall(coroutine.wrap(function() local a <close> = closer("w", function() error("new", 0) end) error(7) end)))
-- protected inside
co = coroutine.create(function() print(pcall(function() local a <close> = closer("p") error("in pcall") end)) local b <close> = closer("q") coroutine.yield(1) error("later") end)
print(coroutine.resume(co)) print(coroutine.resume(co)) print(coroutine.close(co))
-- close while suspended inside pcall, handler fails
co = coroutine.create(function() local o <close> = closer("outer") print(pcall(function() local a <close> = closer("in", function() error("bad", 0) end) coroutine.yield(1) end)) print("after") end)
print(coroutine.resume(co)) print(coroutine.close(co)) print(coroutine.status(co))
-- handlers resume other coroutines while closing
local other = coroutine.create(function(...) local x = coroutine.yield("o1") print("other got", x) return coroutine.yield("o2") end)
coroutine.resume(other)
co = coroutine.create(function() local a <close> = closer("r", function() print(coroutine.resume(other, "hello")) print(coroutine.isyieldable(), coroutine.status(co)) print(pcall(coroutine.yield, 1)) end) coroutine.yield(1) end)
print(coroutine.resume(co)) print(coroutine.close(co)) print(coroutine.resume(other, "end"))
-- yield in handlers on the way out
co = coroutine.wrap(function() do local a <close> = closer("y", function() print("got", coroutine.yield("in close")) end) end return "done" end)
print(co()) print(co("x"))
co = coroutine.wrap(function() return pcall(function() local a <close> = closer("y", function() print("got", coroutine.yield("in close")) end) error("E") end) end)
print(co()) print(co("x"))
-- xpcall handler and close
co = coroutine.create(function() return xpcall(function() local a <close> = closer("h", function() error("x") end) coroutine.yield() end, function(m) print("handler", m) return m end) end)
print(coroutine.resume(co)) print(coroutine.close(co))
-- for with closing value
co = coroutine.create(function() for i in function(_, c) return (c or 0) + 1 end, nil, nil, closer("for") do if i == 3 then error("stop") end coroutine.yield(i) end end)
for i = 1, 4 do print(coroutine.resume(co)) end print(coroutine.close(co))
-- nested coroutine
co = coroutine.create(function() local a <close> = closer("n1") local w = coroutine.wrap(function() local b <close> = closer("n2") error("deep", 0) end) w() end)
print(coroutine.resume(co)) print(coroutine.close(co))
-- os.exit-free end; error object nil
co = coroutine.create(function() local a <close> = closer("nil") error() end)
print(coroutine.resume(co)) print(coroutine.close(co))
collectgarbage()
co = coroutine.create(function() local a <close> = closer("gc", function() collectgarbage() end) local b <close> = closer("gc2", function() collectgarbage() end) error(8) end)
print(coroutine.resume(co)) for i = 1, 100 do local t = {} end collectgarbage() print(coroutine.close(co))
-- a coroutine, or nothing, for isyieldable; strings have no __tostring unless a script gives them one
print(pcall(function() return coroutine.isyieldable(5) end)) print(coroutine.isyieldable(co))
print(pcall(function() return coroutine.status(nil) end))
getmetatable("").__tostring = function(s) return "<" .. #s .. ">" end
print("abc", tostring("xy"), string.format("%s|%5s", "four", "q"))
getmetatable("").__tostring = nil
print(pcall(function() return math.fmod("x", {}) end))
-- closed while a handler that an error called is suspended
co = coroutine.create(function() local a <close> = closer("outer") print(pcall(function() local c <close> = closer("inner", function() coroutine.yield("in close") end) error("E") end)) end)
print(coroutine.resume(co)) print(coroutine.close(co))
