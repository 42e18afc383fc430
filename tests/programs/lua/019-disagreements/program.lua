-- programs that random testing found to behave differently, reduced
for c = math.huge, 0/0, 0/0 do print("once", c) end
for g = 0/0, 0, -math.huge do print("once", g ~= g) end
for d = 2.0, 0/0, 1 do print("once", d) end
for d = 2.0, 0/0, -1.0 do print("once", d) end
print(pcall(function() local t <const> = nil return t.x end))
print(pcall(function() local t <const> = "abc" return t + 1 end))
print(pcall(function() local t <const> = "abc" return t.x.y end))
print(pcall(function() return ((nowhere)):sub(1) end))
print(pcall(function() local a = 0.5 return (a) >> (a) end))
print(pcall(function() return ((1) | (nowhere)) % 63 end))
print(pcall(function() return nil << 3 end))
print(pcall(function() local n <const> = nil return n << 2, n // 4 end))
print(pcall(function() return 1 ~ "x\0y" end))
print(pcall(function() local t = {} return t["x\0y"].z end))
print(pcall(function() assert(false) end))
print(pcall(function() assert(nil, "message") end))
print(pcall(function() assert(nil, 42) end))
print(pcall(assert, nil, "message"))
print(pcall(error, "m", 9007199254740993))
print(pcall(function() local s = "x" return s + 1 end))
print(pcall(function() local s = "x" return 2 ^ s, s end))
print(pcall(function() return {} + "x" end))
print(xpcall(function() error("first", 0) end, function(m) error("second", 0) end))
print(xpcall(function() local x = nil x() end, function(m) local y = nil y.z = 1 end))
local o = setmetatable({}, {__concat = function(a, b) return a .. b end})
print(pcall(function() return o .. o end))
o = setmetatable({}, {__lt = function(a, b) return a < b end})
print(pcall(function() return o < o end))
o = setmetatable({}, {__tostring = function(t) return tostring(t) end})
print(pcall(tostring, o))
local function again(n) return (("x"):gsub("x", function() return again(n + 1) end)) end
print(pcall(again, 1))
local function closing() local x <close> = setmetatable({}, {__close = function() closing() end}) end
print(pcall(closing))
io.write(1.0, " ", -0.0, " ", 2^53, " ", 1e15, " ", 3, "\n")
local call = setmetatable({}, {__call = function(self, n) if n == 0 then return "called" end return self(n - 1) end})
print(call(100000))
print(pcall(function() return setmetatable({}, {__call = setmetatable({}, {__call = 5})})() end))
