local user = {}
print('name: ' .. user.name)
