local rows = {{1}, {2}}
print(table.concat(rows, ', '))
