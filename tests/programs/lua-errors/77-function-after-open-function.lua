local function first()
  print(1)

local function second()
  print(2)
end
first()
second()
