local name, value = debug.getlocal(1, 1)
print(name, value)
