local f = io.open('out.txt', 'w')
f:write('x')
f:close()
