local name = ' Ada '
print(name:trim())
