local cjson = require('cjson')
print(cjson.encode({}))
