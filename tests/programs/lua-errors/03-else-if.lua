local n = 3
if n > 5 then
  print('big')
else if n > 2 then
  print('middle')
end
