local x = 4
local word = x > 3 ? 'big' : 'small'
print(word)
