local done = false
unless done then
  print('working')
end
