-- Queues, stacks, matrices and proxies over the table library.
local queue = {}
for i = 1, 10 do table.insert(queue, i * i) end
for i = 1, 3 do table.insert(queue, 1, -i) end
table.insert(queue, 5, "middle")
print(table.concat(queue, " "), #queue)
print(table.remove(queue, 1), table.remove(queue), table.remove(queue, 4), #queue, table.concat(queue, " "))
while #queue > 0 do io.write(tostring(table.remove(queue, #queue // 2 + 1)), " ") end
print(table.remove(queue), #queue)
print(pcall(table.insert, { 1, 2 }, 5, 0), pcall(table.insert, { 1, 2 }, 0, 0), pcall(table.insert, {}, 1, 2, 3), pcall(table.insert, {}))
print(pcall(table.remove, { 1, 2 }, 7), table.remove({ 1, 2 }, 3), pcall(table.insert, nil, 1), pcall(table.insert, {}, "a", 1))

local function row(n) return table.move({ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, n, n + 2, 1, {}) end
local matrix = { row(1), row(4), row(7) }
for _, line in ipairs(matrix) do print(table.concat(line, "\t")) end
print(table.concat(table.move({ 1, 2, 3, 4, 5 }, 1, 3, 3), ","), table.concat(table.move({ 1, 2, 3, 4, 5 }, 3, 5, 1), ","))
print(#table.move({ 1, 2, 3 }, 1, 0, 5), pcall(table.move, {}, 1, math.maxinteger, 2), pcall(table.move, {}, -1, math.maxinteger, 1))

local packed = table.pack(1, nil, 3, nil)
print(packed.n, packed[1], packed[2], packed[3], select("#", table.unpack(packed, 1, packed.n)))
print(table.unpack({ 1, 2, 3 }, 2), table.unpack({ 1, 2, 3 }, -1, 1), (table.unpack({ 1, 2 })), select("#", table.unpack({}, 1, 3)))
print(pcall(table.unpack, {}, 1, 1e8), pcall(table.unpack, {}, math.mininteger, math.maxinteger))
local function sum(first, ...) if first then return first + sum(...) end return 0 end
print(sum(table.unpack { 1, 2, 3, 4.5 }), math.max(table.unpack { 3, 9, 2 }))

print(table.concat({}), table.concat({ 1, 2.5, "x" }, ", "), table.concat({ 1, 2, 3 }, "-", 2), table.concat({ 1, 2, 3 }, "-", 2, 2), table.concat({ 1 }, "-", 2))
print(pcall(table.concat, { 1, {}, 3 }), pcall(table.concat, { 1, 2 }, ",", 1, 3), pcall(table.concat, { true }), pcall(table.concat, {}, {}))
print(#table.concat({ ("a"):rep(1000), ("b"):rep(2000) }, ("-"):rep(100)))

-- A proxy sees every access, in order.
local log = {}
local function proxy(length)
  local store = {}
  for i = 1, length do store[i] = i * 10 end
  return setmetatable({}, {
    __len = function() log[#log + 1] = "#" return #store end,
    __index = function(_, k) log[#log + 1] = "r" .. k return store[k] end,
    __newindex = function(_, k, v) log[#log + 1] = "w" .. k .. "=" .. tostring(v) store[k] = v end,
  })
end
local function logged(f, ...)
  log = {}
  local results = table.pack(pcall(f, ...))
  for i = 1, results.n do results[i] = type(results[i]) == "table" and "table" or tostring(results[i]) end
  print(table.concat(results, " ", 1, results.n), table.concat(log, " "))
end
logged(table.insert, proxy(3), 5)
logged(table.insert, proxy(3), 2, 5)
logged(table.remove, proxy(3))
logged(table.remove, proxy(3), 1)
logged(table.concat, proxy(3), ",")
logged(table.unpack, proxy(3))
logged(table.move, proxy(3), 1, 3, 2)
logged(table.move, proxy(3), 2, 3, 1)
logged(table.move, proxy(2), 1, 2, 1, proxy(0))
logged(table.sort, proxy(2), function(a, b) return a > b end)
logged(table.insert, setmetatable({}, { __len = function() return 1.5 end }), 1)
logged(table.concat, setmetatable({}, { __len = function() return "2" end, __index = function(_, k) return k end }))
