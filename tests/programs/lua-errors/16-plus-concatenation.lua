local name = 'Ada'
print('hello ' + name)
