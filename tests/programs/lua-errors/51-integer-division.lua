local mid = (1 + 4) / 2
local t = {'a', 'b', 'c'}
print(t[mid]:upper())
