local input = '10'
if input > 5 then print('big') end
