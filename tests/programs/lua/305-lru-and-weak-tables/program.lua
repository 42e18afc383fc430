-- A least-recently-used cache on a linked list, memoization with weak tables, an object pool, and interned pairs.
local LRU = {}
LRU.__index = LRU

function LRU.new(capacity, on_evict)
  if math.type(capacity) ~= "integer" or capacity < 1 then error("capacity must be a positive integer", 2) end
  local head, tail = {}, {}
  head.after, tail.before = tail, head
  return setmetatable({capacity = capacity, size = 0, map = {}, head = head, tail = tail, on_evict = on_evict,
    hits = 0, misses = 0}, LRU)
end

local function unlink(node)
  node.before.after, node.after.before = node.after, node.before
end

local function link_front(self, node)
  local first = self.head.after
  node.before, node.after = self.head, first
  self.head.after, first.before = node, node
end

function LRU:get(key, default)
  local node = self.map[key]
  if not node then
    self.misses = self.misses + 1
    return default
  end
  self.hits = self.hits + 1
  unlink(node)
  link_front(self, node)
  return node.value
end

function LRU:set(key, value)
  local node = self.map[key]
  if value == nil then
    if node then
      unlink(node)
      self.map[key], self.size = nil, self.size - 1
    end
    return self
  end
  if node then
    node.value = value
    unlink(node)
  else
    if self.size == self.capacity then
      local last = self.tail.before
      unlink(last)
      self.map[last.key], self.size = nil, self.size - 1
      if self.on_evict then self.on_evict(last.key, last.value) end
    end
    node = {key = key, value = value}
    self.map[key], self.size = node, self.size + 1
  end
  link_front(self, node)
  return self
end

function LRU:__len() return self.size end
function LRU:__pairs()
  local node = self.head
  return function()
    node = node.after
    if node ~= self.tail then return node.key, node.value end
  end
end
local function dump(cache)
  local out = {}
  for k, v in pairs(cache) do out[#out + 1] = tostring(k) .. "=" .. tostring(v) end
  return table.concat(out, " ")
end

local gone = {}
local cache = LRU.new(3, function(k, v) gone[#gone + 1] = k .. ":" .. tostring(v) end)
cache:set("a", 1):set("b", 2):set("c", 3)
print(#cache, dump(cache))
print(cache:get("a"), cache:get("nope", "default"), dump(cache))
cache:set("d", 4)
print(dump(cache), table.concat(gone, " "))
cache:set("c", 33):set(2.0, "float"):set(2, "integer")
print(dump(cache), table.concat(gone, " "), cache:get(2), #cache)
cache:set("d", nil):set("zzz", nil)
print(dump(cache), #cache, cache.hits, cache.misses)
print(pcall(LRU.new, 0))
print(pcall(LRU.new, 2.0))
print(pcall(function() cache:set(nil, 1) end))

-- against a plain model
local function model_check(seed, steps, capacity)
  local state = seed
  local function random(n)
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) % n + 1
  end
  local lru, order, values = LRU.new(capacity), {}, {}
  local function touch(key)
    for i, k in ipairs(order) do
      if k == key then table.remove(order, i) break end
    end
    table.insert(order, 1, key)
  end
  for step = 1, steps do
    local key = "k" .. random(capacity * 2)
    if random(3) == 1 then
      local expected = values[key]
      if expected ~= nil then touch(key) end
      assert(lru:get(key) == expected, "step " .. step)
    else
      values[key] = step
      touch(key)
      if #order > capacity then values[table.remove(order)] = nil end
      lru:set(key, step)
    end
    assert(#lru == #order)
  end
  local i = 0
  for k, v in pairs(lru) do
    i = i + 1
    assert(order[i] == k and values[k] == v)
  end
  return lru.hits, lru.misses
end
print(model_check(1, 300, 4))
print(model_check(99, 300, 9))

-- memoization by object: results live as long as the object
local calls = 0
local function memoize(f)
  local known = setmetatable({}, {__mode = "k"})
  return function(object)
    local found = known[object]
    if found == nil then
      calls = calls + 1
      found = f(object)
      known[object] = found
    end
    return found
  end, known
end
local total, known = memoize(function(list)
  local sum = 0
  for _, v in ipairs(list) do sum = sum + v end
  return {sum = sum, of = list} -- refers to its own key
end)
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
local kept = {1, 2, 3}
do
  local temporary = {4, 5}
  print(total(kept).sum, total(temporary).sum, total(kept).sum, calls, count(known))
end
collectgarbage()
collectgarbage()
print(count(known), known[kept].of == kept)

-- interned pairs: one object per pair of keys, and none when nobody wants it
local pairs_of = setmetatable({}, {__mode = "k"})
local function pair(a, b)
  local row = pairs_of[a]
  if not row then
    row = setmetatable({}, {__mode = "kv"})
    pairs_of[a] = row
  end
  local found = row[b]
  if not found then
    found = {a, b}
    row[b] = found
  end
  return found
end
local x, y = {"x"}, {"y"}
local first = pair(x, y)
print(first == pair(x, y), first == pair(y, x), first[1] == x)
first = nil
collectgarbage()
print(next(pairs_of[x]))

-- a pool whose objects come back when they are lost
local pool, made = {}, 0
local buffer_meta = {}
function buffer_meta.__gc(buffer)
  pool[#pool + 1] = buffer.data
end
local function acquire()
  local data = table.remove(pool)
  if not data then
    made = made + 1
    data = {}
  end
  return setmetatable({data = data}, buffer_meta)
end
for round = 1, 4 do
  local held = {}
  for i = 1, 5 do
    held[i] = acquire()
    held[i].data[1] = round
  end
  held = nil
  collectgarbage()
  collectgarbage()
end
print(made, #pool)
