local t = {1, 2, 3}
for k, v in t do print(k, v) end
