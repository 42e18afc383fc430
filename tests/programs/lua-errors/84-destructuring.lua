local point = {x = 1, y = 2}
local {x, y} = point
print(x, y)
