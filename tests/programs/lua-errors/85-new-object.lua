local Point = {}
local p = new Point()
print(p.x)
