local json = require 'json'
print(json.encode({1, 2}))
