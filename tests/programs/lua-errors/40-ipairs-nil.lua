local data = {}
for _, v in ipairs(data.items) do print(v) end
