print('n = ' .. str(5))
