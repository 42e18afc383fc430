local squares = {x * x for x in pairs({1, 2, 3})}
print(#squares)
