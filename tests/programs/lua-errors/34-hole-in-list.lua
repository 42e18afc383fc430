local t = {10, 20, nil, 40}
local sum = 0
for i = 1, 4 do sum = sum + t[i] end
print(sum)
