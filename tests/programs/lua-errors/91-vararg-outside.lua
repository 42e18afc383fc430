local function outer(...)
  local function inner()
    return ...
  end
  return inner()
end
print(outer(1))
