local file = 'C:\Users\me'
print(file)
