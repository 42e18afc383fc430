local function f(x)
  return x
  print('after')
end
f(1)
