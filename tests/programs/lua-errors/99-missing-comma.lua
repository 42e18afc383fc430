local user = {
  name = 'Ada'
  age = 36
}
print(user.name)
