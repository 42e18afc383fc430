local config = {server = {port = 80}}
print(config.client.port)
