local function greet(name = 'you')
  print('hello ' .. name)
end
greet()
