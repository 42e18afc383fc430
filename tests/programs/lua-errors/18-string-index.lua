local s = 'hello'
local first = s[1]
print(first:upper())
