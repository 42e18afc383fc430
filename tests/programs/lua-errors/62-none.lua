local x = None
if x is None then print('none') end
