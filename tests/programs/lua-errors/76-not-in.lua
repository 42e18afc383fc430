local seen = {a = true}
if 'b' not in seen then
  print('new')
end
