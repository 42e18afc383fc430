-- SPDX-License-Identifier: MIT
-- Calls at the end of a list, of functions that have one result, and of such as only seem to.
local function one(a) return a end
local function other(a) if a then return one(a) else do return "no" end end end
local function itself(n) if n == 0 then return "end" end return itself(n - 1) end
local function several(a) if a then return a, a end return a end
local function none(a) if a then return a end end
local function ends(a) while true do if a then return a end a = 1 end end
local function passes(...) return ... end
local function calls(f, ...) return f(...) end
local function empty(a) if a then return end return a end
local function through(a) return (passes(a, a)) end
local function joined(a, ...) return a .. select("#", ...) end
local chosen = function(a) return a and "yes" or "no" end

print(one(1), other(2), other(nil))
print(select("#", one(1)), select("#", one()), select("#", other(nil)), select("#", itself(3)))
print(select("#", several(1)), select("#", several(nil)), select("#", none(1)), select("#", none()))
print(select("#", ends()), select("#", passes()), select("#", passes(1, nil, nil)), select("#", empty(1)))
print(select("#", calls(one)), select("#", calls(passes, 1, 2)), select("#", through(1)), select("#", chosen()))
print(#{one(1)}, #{one(1), one(2)}, #{several(1)}, #{passes(1, 2, 3)}, #{x = 1, one(3)})
print(joined(one("a")), joined(one("a"), one("b")), joined("a", several("b")), joined(one("a"), passes("b", "c")))
print(one(one(one(5))), other(one(other(6))))
print(string.format("%s %s", one("x"), one("y")), math.max(one(1), one(2)), ("x"):rep(one(3)))
print((function() return 1, one(2) end)())
print((function() return one(2) end)())
local t = {one(1), 2, one(3)}
print(#t, t[1], t[3], table.concat({one("p"), one("q")}, one(" ")))

-- a variable that is assigned holds another function later
local function later(a) return a end
print(select("#", later(1)))
later = passes
print(select("#", later(1, 2)), select("#", later()))

-- one that is shadowed
do
  local function one(...) return ... end
  print(select("#", one(1, 2)), select("#", one()))
end
local function shadow(one) return select("#", one(1, 2)) end
print(shadow(passes))

-- missing arguments, wrong arguments, and what errors say
print(pcall(function() return one(nil)[1] end))
print(pcall(function() return joined(one(nil)) end))
print(pcall(function() print(one(1) + one({})) end))
print(select("#", pcall(one, 1, 2)), pcall(one))

-- suspended in the list
local co = coroutine.wrap(function()
  local function waits(a) local b = coroutine.yield(a) return b end
  print("got", waits(1))
  print(select("#", waits(2), waits(3)))
  local function closes() local c <close> = setmetatable({}, {__close = function() coroutine.yield("closing") end}) return 7 end
  print(select("#", closes()), one(closes()))
  return one(waits(4))
end)
local value = nil
for _ = 1, 8 do
  value = co(value)
  print("main", value)
  if value == nil then break end
end
