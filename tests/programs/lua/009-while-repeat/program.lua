local i = 0
while i < 3 do i = i + 1 io.write(i, " ") end print()
repeat local done = i >= 5 i = i + 1 io.write(i, " ") until done print()
while true do i = i - 1 if i < 0 then break end if i % 2 == 0 then goto next end io.write(i, " ") ::next:: end print()
repeat until true
local fs = {}
local n = 0
repeat local k = n fs[#fs + 1] = function() k = k + 1 return k end n = n + 1 until k >= 2
print(fs[1](), fs[1](), fs[2](), fs[3]())
n = 0
while n < 3 do local k = n fs[n + 1] = function() k = k + 10 return k, n end n = n + 1 end
print(fs[1](), fs[2](), fs[3]())
print(fs[1]())
repeat local x = n local f = function() return x > 5 end n = n + 1 until f()
print(n)
local function find(t, v) local i = 1 while t[i] do if t[i] == v then return i end i = i + 1 end return nil end
print(find({5, 6, 7}, 6), find({}, 1))
local count = 0
for a = 1, 3 do while true do count = count + 1 if count > a * 2 then break end repeat if count % 2 == 0 then break end until true end end
print(count)
if nil then print(1) elseif false then print(2) elseif 0 then print("zero is true") else print(4) end
if not nil and "" then print("empty is true") end
local x = 5
if x > 3 and x < 10 or x == 100 then print("in") end
if not (x > 3 and x < 10) then print("bad") else print("else") end
while x do x = x > 1 and x - 1 or nil end print(x)
