local p = io.popen('ls')
print(p:read('a'))
