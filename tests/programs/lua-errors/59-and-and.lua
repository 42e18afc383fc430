local a, b = true, false
if a && b then print('both') end
