local year = ('2024-01'):match('\d+')
print(year)
