local t = {name: 'Ada', age: 36}
print(t.name)
