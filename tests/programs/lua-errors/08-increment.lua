local i = 0
while i < 3 do
  i++
end
print(i)
