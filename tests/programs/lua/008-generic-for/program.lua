for i, v in ipairs {10, 20, nil, 40} do io.write(i, "=", v, " ") end print()
for k, v in pairs {10, 20, 30} do io.write(k, "=", v, " ") end print()
for k, v in next, {1, 2} do io.write(k, "=", v, " ") end print()
for w in ("one two  three"):gmatch("%a+") do io.write("[", w, "]") end print()
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, v, " ") end print()
local function range(n) return function(s, c) if c < s then return c + 1, c * c end end, n, 0 end
for i, sq in range(4) do io.write(i, ":", sq, " ") end print()
for a, b, c, d in function(_, c) if not c then return 1, 2 end end do print(a, b, c, d) end
local obj = setmetatable({}, {__call = function(self, s, c) c = (c or 0) + 1 if c <= 3 then return c end end})
for x in obj do io.write(x, " ") end print()
local p = setmetatable({}, {__pairs = function(t) return function(_, k) if not k then return 1, "one" end end, t, nil end})
for k, v in pairs(p) do print(k, v) end
for i, v in ipairs(setmetatable({}, {__index = function(_, i) if i < 4 then return i * i end end})) do io.write(i, "=", v, " ") end print()
local t = {1, 2, 3, 4, 5}
for i, v in ipairs(t) do if v % 2 == 0 then t[i] = nil end end
local n = 0 for _ in pairs(t) do n = n + 1 end print(n)
t = {a = 1, b = 2, c = 3}
for k in pairs(t) do t[k] = nil end
print(next(t))
for _, bad in ipairs {5, "x", {}, true} do print(pcall(function() for x in bad do end end)) end
print(pcall(function() for x in nil do end end))
print(pcall(function() for k in pairs(nil) do end end))
print(pcall(function() for k in ipairs() do end end))
print(pcall(next, {}, "missing"))
local fs = {}
for i, v in ipairs {"a", "b"} do fs[i] = function() v = v .. i return v end end
print(fs[1](), fs[1](), fs[2]())
for i, v in ipairs {1, 2, 3} do if v == 2 then goto continue end io.write(v, " ") ::continue:: end print()
local closed = setmetatable({}, {__close = function(_, e) print("closed", e) end})
for i in function(_, c) if c < 3 then return c + 1 end end, nil, 0, closed do io.write(i, " ") if i == 2 then break end end
print(pcall(function() for i in function() error("in iterator") end, nil, nil, closed do end end))
print(pcall(function() for i in next, {1}, nil, 42 do end end))
print((function() for i in range(9) do if i == 3 then return i, "returned" end end end)())
