local limits = {}
if limits.max > 3 then print('high') end
