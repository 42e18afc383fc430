// a comment
local x = 1
print(x)
