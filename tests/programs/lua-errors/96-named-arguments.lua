local function box(w, h) return w * h end
print(box(w = 2, h = 3))
