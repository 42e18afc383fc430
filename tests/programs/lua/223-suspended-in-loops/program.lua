-- SPDX-License-Identifier: MIT
-- A variable that every turn of a loop assigns is of no use before the loop, but a coroutine that goes on inside has it.
local function run(f, ...)
  local co, sent = coroutine.create(f), table.pack(...)
  for _ = 1, 20 do
    local got = table.pack(coroutine.resume(co, table.unpack(sent, 1, sent.n)))
    collectgarbage()
    if coroutine.status(co) == "dead" then return table.unpack(got, 1, got.n) end
    sent = table.pack(table.unpack(got, 2, got.n))
  end
end

print(run(function(n)
  local e = {}
  while n do
    e = "text " .. tostring(n)
    coroutine.yield(coroutine.yield(n))
    print(e)
    coroutine.yield()
    print(e, #e)
    n = n < 3 and n + 1 or nil
  end
  return e
end, 1))

print(run(function()
  local kept, t = {}, nil
  for i = 1, 3 do
    t = {i, {i * 2}}
    for j = 1, 2 do
      local inner = {j}
      coroutine.yield(coroutine.yield(i))
      kept[#kept + 1] = t[2][1] + inner[1]
    end
  end
  return table.concat(kept, " ")
end))

print(run(function()
  local s
  repeat
    s = ("ab"):rep(2)
    local a = coroutine.yield(1) or s
    local b = coroutine.yield(a) or s
    local c = coroutine.yield(b)
    print(s, a, b, c)
  until true
  for k, v in pairs({x = "y"}) do
    s = k .. v
    coroutine.yield(1) coroutine.yield(2)
    print(s, k, v)
  end
  do
    ::again::
    local u = s .. "!"
    coroutine.yield(u) coroutine.yield(u)
    print(u, s)
    s = s .. s
    if #s < 10 then goto again end
  end
  return s
end))
