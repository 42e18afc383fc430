print(('abc'):upper()
print('x')
