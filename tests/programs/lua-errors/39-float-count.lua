local s = ('x'):rep(7 / 2)
print(s)
