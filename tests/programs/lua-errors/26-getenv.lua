local home = os.getenv('HOME')
print(home)
