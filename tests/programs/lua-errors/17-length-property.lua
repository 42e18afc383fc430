local items = {1, 2, 3}
for i = 1, items.length do print(items[i]) end
