local f = io.open('data.txt', 'r')
print(f:read('a'))
f:close()
