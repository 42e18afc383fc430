local x = 1
if x == 1 then
  print(1)
elif x == 2 then
  print(2)
end
