local done = false
if !done then print('working') end
