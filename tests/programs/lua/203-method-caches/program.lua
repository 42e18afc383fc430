local A = {} A.__index = A
function A.new() return setmetatable({v=1}, A) end
function A:get() return self.v end
function A:late() return "late A" end
local B = setmetatable({}, {__index = A}) B.__index = B
function B.new() return setmetatable({v=2,w=3}, B) end
local a, b = A.new(), B.new()
local out = {}
local function say(o) out[#out+1] = tostring(o:get()) .. o:late() end
for i = 1, 3 do say(a) say(b) end
function B:get() return "B" .. self.v end
say(a) say(b)
B.late = function() return "late B" end
say(b)
B.late = nil
say(b)
b.late = function() return "own" end
say(b)
b.late = nil
say(b)
A.__index = {get = function() return "other" end, late = function() return "x" end}
say(a) say(b)
setmetatable(B, {__index = {late = function() return "swapped" end}})
say(b)
for i = 1, 20 do local C = setmetatable({}, {__index = B}) C.__index = C if i % 2 == 0 then C.late = function() return "C" .. i end end say(setmetatable({v=9}, C)) collectgarbage() end
print(table.concat(out, " "))
