for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    if i == 3 then goto done end
    io.write(i, j, " ")
    ::continue::
  end
end
::done:: print()
do local k = 0 ::top:: k = k + 1 if k < 3 then goto top end print(k) end
do
  local k, fs = 0, {}
  ::again::
  local x = k
  fs[#fs + 1] = function() x = x + 1 return x end
  k = k + 1
  if k < 3 then goto again end
  print(fs[1](), fs[1](), fs[2](), fs[3]())
end
do
  local state, log = 1, {}
  ::a:: log[#log + 1] = "a" .. state
  if state == 1 then state = 2 goto c end
  ::b:: log[#log + 1] = "b" .. state
  if state == 3 then state = 4 goto a end
  goto e
  ::c:: log[#log + 1] = "c" .. state
  if state == 2 then state = 3 goto b end
  ::e::
  print(table.concat(log, " "))
end
do
  local i = 1
  while true do
    while true do
      i = i + 1
      if i == 4 then goto out end
      if i == 2 then goto next end
      break
    end
    io.write("inner", i, " ")
    ::next::
    io.write("outer", i, " ")
  end
  ::out:: print(i)
end
do goto skip do print("skipped") end ::skip:: end
do
  local n = 0
  repeat
    n = n + 1
    if n == 2 then goto cont end
    io.write(n, " ")
    ::cont::
  until n >= 4
  print()
end
local function f(x)
  if x == 1 then goto one elseif x == 2 then goto two end
  do return "other" end
  ::one:: do return "one" end
  ::two:: return "two"
end
print(f(1), f(2), f(3))
do
  local t = {}
  for i = 1, 4 do
    local v <close> = setmetatable({}, {__close = function() t[#t + 1] = "c" .. i end})
    if i == 2 then goto continue end
    if i == 4 then goto finish end
    t[#t + 1] = "b" .. i
    ::continue::
  end
  ::finish::
  print(table.concat(t, " "))
end
