-- A library function that a local variable holds keeps its caller's frame as well: level 2 is the caller's caller.
local fail, format = error, string.format
local text = string
local other = error
other = print and other
local function check(x)
  if not x then return fail("not that", 2) end
  return fail("level 1")
end
local function user(x)
  check(x)
  return 1
end
print(pcall(user, false))
print(pcall(user, true))
local function nested()
  local again = fail
  local function deep(x)
    return again("deep", 2)
  end
  deep(1)
end
print(pcall(nested))
print(pcall(function() return format("%d", "x") end))
print(pcall(function() return text.rep() end))
print((function() return format("%5d", 7) end)())
local function replaced(x)
  return other("reassigned", 1)
end
print(pcall(replaced))
do
  local fail = function(m, l) return error(m, l) end
  local function caller() return fail("own", 1) end
  print(pcall(caller))
end
local protect, yield = pcall, coroutine.yield
local co = coroutine.wrap(function()
  local function stop(...) return yield(...) end
  local function inside(...) return protect(stop, ...) end
  return inside(1, 2)
end)
print(co())
print(co("back", 3))
local n = 0
local count = function(f, i) if i == 0 then return "done" end return f(f, i - 1) end
print(count(count, 200000))
