local function run(first, last, step)
  local out, n = {}, 0
  local ok, e = pcall(function()
    for i = first, last, step do
      n = n + 1
      if n <= 5 then out[#out + 1] = math.type(i) .. ":" .. string.format("%.17g", i) end
      if n >= 2000 then break end
    end
  end)
  print(ok or e, n, table.concat(out, " "))
end
run(1, 3, 1) run(3, 1, 1) run(3, 1, -1) run(1, 3, 2) run(1, 0, 1) run(1.0, 3, 1) run(1, 3.5, 1) run(1, 3, 1.0) run(1, 2, 0.25)
run(math.maxinteger - 1, math.maxinteger, 1) run(math.mininteger + 1, math.mininteger, -1) run(math.maxinteger, math.maxinteger, 1)
run(math.mininteger, math.maxinteger, math.maxinteger) run(math.maxinteger, math.mininteger, math.mininteger) run(1, math.huge, math.maxinteger)
run(1, -math.huge, 1) run(1, math.huge, 1) run(-1, -math.huge, -1) run(1, 0/0, 1) run(1, 2^63, 2^62|0) run(1, -2^63, math.mininteger)
run(1, 2, 0) run(1.0, 2, 0.0) run("1", 2, 1) run(1, "2", 1) run(1, 2, "1") run({}, 2, 1) run(1, {}, 1) run(1, 2, {}) run(nil, 1, 1) run(1, nil, 1)
run(0.1, 0.5, 0.1) run(1, 3.9, 1) run(-1, -3.9, -1) run(3, 2.5, -1) run(2^53, 2^53 + 2, 1) run(1e308, math.huge, 1e308) run(0, -0.0, 1)
for i = 1, 3 do local j = i i = i * 10 io.write(i, " ", j, " ") end print()
for i = 3, 1 do print("never") end
for i = 1, 3 do for i = i, 3 do io.write(i, " ") end end print()
for i = 10, 1, -3 do io.write(i, " ") end print()
for i = 1.0, 2 do io.write(i, " ") end print()
for i = 1, 2 do for j = 1, 2 do if j == 2 then break end io.write(i, ":", j, " ") end end print()
local limit = 3
for i = 1, limit do limit = 1 io.write(i, " ") end print(limit)
local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 1 return i end end
print(fs[1](), fs[1](), fs[2](), fs[3]())
