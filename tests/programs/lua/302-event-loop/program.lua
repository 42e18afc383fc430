-- Tasks on coroutines: an event loop with timers, channels, joins, cancellation that closes what tasks hold.
local Loop = {}
Loop.__index = Loop

function Loop.new() return setmetatable({ now = 0, ready = {}, timers = {}, count = 0, log = {} }, Loop) end

function Loop:note(...) self.log[#self.log + 1] = table.concat({ self.now, ... }, " ") end

local Task = {}
Task.__index = Task

function Loop:spawn(name, f, ...)
  local task = setmetatable({ loop = self, name = name, waiting = {}, co = coroutine.create(f) }, Task)
  self.count = self.count + 1
  self.ready[#self.ready + 1] = { task, table.pack(...) }
  return task
end

function Task:finish(ok, ...)
  self.done, self.ok, self.results = true, ok, table.pack(...)
  self.loop.count = self.loop.count - 1
  for _, other in ipairs(self.waiting) do self.loop.ready[#self.loop.ready + 1] = { other, table.pack(ok, ...) } end
end

function Task:step(values)
  if self.done then return end
  local got = table.pack(coroutine.resume(self.co, table.unpack(values, 1, values.n)))
  if not got[1] then
    coroutine.close(self.co)
    return self:finish(false, got[2])
  end
  if coroutine.status(self.co) == "dead" then return self:finish(true, table.unpack(got, 2, got.n)) end
  local request = got[2]
  request(self)
end

function Task:cancel()
  if self.done then return false end
  local ok, err = coroutine.close(self.co)
  self.loop:note("cancelled", self.name, tostring(ok), tostring(err))
  self:finish(false, "cancelled")
  return true
end

local function sleep(ticks)
  return coroutine.yield(function(task)
    local timers = task.loop.timers
    local at = task.loop.now + ticks
    local i = #timers
    while i > 0 and timers[i][1] > at do i = i - 1 end
    table.insert(timers, i + 1, { at, task })
  end)
end

local function join(other)
  return coroutine.yield(function(task)
    if other.done then
      task.loop.ready[#task.loop.ready + 1] = { task, table.pack(other.ok, table.unpack(other.results, 1, other.results.n)) }
    else
      other.waiting[#other.waiting + 1] = task
    end
  end)
end

local Channel = {}
Channel.__index = Channel
function Channel.new(room) return setmetatable({ room = room, items = {}, takers = {}, givers = {} }, Channel) end

function Channel:put(v)
  return coroutine.yield(function(task)
    local ready = task.loop.ready
    if #self.takers > 0 then
      ready[#ready + 1] = { table.remove(self.takers, 1), table.pack(v) }
      ready[#ready + 1] = { task, table.pack() }
    elseif #self.items < self.room then
      self.items[#self.items + 1] = v
      ready[#ready + 1] = { task, table.pack() }
    else
      self.givers[#self.givers + 1] = { task, v }
    end
  end)
end

function Channel:take()
  return coroutine.yield(function(task)
    local ready = task.loop.ready
    if #self.items > 0 then
      ready[#ready + 1] = { task, table.pack(table.remove(self.items, 1)) }
      if #self.givers > 0 then
        local giver = table.remove(self.givers, 1)
        self.items[#self.items + 1] = giver[2]
        ready[#ready + 1] = { giver[1], table.pack() }
      end
    else
      self.takers[#self.takers + 1] = task
    end
  end)
end

function Loop:run()
  while true do
    while #self.ready > 0 do
      local entry = table.remove(self.ready, 1)
      entry[1]:step(entry[2])
    end
    if #self.timers == 0 then break end
    local timer = table.remove(self.timers, 1)
    self.now = timer[1]
    self.ready[1] = { timer[2], table.pack() }
  end
  return self.count
end

local loop = Loop.new()
local channel = Channel.new(2)
local function resource(name)
  return setmetatable({}, { __close = function(_, e) loop:note("close", name, tostring(e)) end })
end

local producer = loop:spawn("producer", function(n)
  for i = 1, n do
    channel:put(i * i)
    loop:note("put", i)
    if i % 3 == 0 then sleep(5) end
  end
  channel:put(false)
  return "produced", n
end, 7)

local consumer = loop:spawn("consumer", function()
  local held <close> = resource("consumer")
  local sum = 0
  while true do
    local v = channel:take()
    if not v then break end
    sum = sum + v
    sleep(1)
  end
  return sum
end)

local failing = loop:spawn("failing", function()
  local held <close> = resource("failing")
  sleep(3)
  error("broke", 0)
end)

local endless = loop:spawn("endless", function()
  local held <close> = resource("endless")
  while true do
    local ok = pcall(function()
      local inner <close> = resource("inner")
      sleep(4)
    end)
    loop:note("endless", tostring(ok))
  end
end)

loop:spawn("main", function()
  for _, task in ipairs { producer, consumer, failing } do
    loop:note("joined", task.name, tostring(select(2, join(task))))
  end
  loop:note("cancel", tostring(endless:cancel()), tostring(endless:cancel()))
  loop:note("again", tostring(select(2, join(endless))))
end)

loop:run()
for _, line in ipairs(loop.log) do print(line) end
print(loop.count, loop.now, consumer.results[1], producer.results[2])
