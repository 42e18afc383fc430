local i = 3
while i > 0 do
  i--
end
