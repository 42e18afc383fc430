local items = {}
items.push('a')
