print(string.uper('abc'))
