local Stack = {}
Stack.__index = Stack
function Stack.new() return setmetatable({}, Stack) end
function Stack.push(v) self[#self + 1] = v end
local s = Stack.new()
s:push(1)
