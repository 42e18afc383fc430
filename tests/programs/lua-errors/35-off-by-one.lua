local list = {5, 6, 7}
local sum = 0
for i = 0, #list - 1 do sum = sum + list[i] end
print(sum)
