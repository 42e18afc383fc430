local function f(x)
  if x then
    return 1

print(f(true))
