io.write('name? ')
local name = io.read('l')
print('hello ' .. name)
