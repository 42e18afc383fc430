local answer = 'it's done'
print(answer)
