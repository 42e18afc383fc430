local function squared(x) return x * x end
print(square(4))
