-- A number that is computed in line is in a register alone; what the function's frame has there is older.
local Y = coroutine.yield
local function run(name, f, ...)
  local co = coroutine.create(f)
  local r = table.pack(coroutine.resume(co, ...))
  for _ = 1, 40 do
    if coroutine.status(co) == "dead" then break end
    print(name, table.unpack(r, 1, r.n))
    r = table.pack(coroutine.resume(co, r[2]))
  end
  print(name, coroutine.status(co), table.unpack(r, 1, r.n))
end
local meta = {
  __add = function(a, b) return Y("added") end,
  __index = function(_, k) return Y(k), 1 end,
  __pairs = function()
    Y("pairs")
    return function(_, k)
      k = Y(k or 0)
      if k < 3 then return k + 1, Y("v") end
    end, nil, nil
  end,
}
local object = setmetatable({}, meta)

run("sum", function(k) return k + 1, Y("v") end, 0)
run("float", function(k) return k * 0.5, Y("v") end, 7)
run("metamethod", function(k) return object + k, k - 1, Y("v") end, 5)
run("comparison", function(k) local less = k < 1 local v = Y("v") return less, v end, 0)
run("negated", function(k) return -k, ~k, Y("v") end, 4)
run("pairs", function() for k, v in pairs(object) do print(k, v) end end)
run("iterator", function()
  local function step(_, k) k = Y(k or 0) if k < 3 then return k + 1, object.x end end
  for k, v in step, nil, nil do print(k, v) end
end)

-- the same register holds a text, then a number, then a text
run("in turn", function(a, b)
  local out = {}
  for i = 1, 6 do
    local v = i % 2 == 0 and a .. i or b + i
    local w = Y(i)
    out[#out + 1] = v .. ":" .. w
  end
  return table.concat(out, " ")
end, "a", 10)

run("accumulated", function(n)
  local sum, text = n, n
  for i = 1, 4 do
    sum = sum + Y(i)
    text = i == 2 and sum or text .. ","
    Y(text)
  end
  return sum, text
end, 1)
