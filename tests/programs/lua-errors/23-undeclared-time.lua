local start = os.time()
return start
