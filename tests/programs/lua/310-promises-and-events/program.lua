-- Promises, async functions on coroutines, a scheduler with virtual time, channels, and an event emitter.
local Scheduler = {now = 0, queue = {}, serial = 0}
function Scheduler.at(time, f, ...)
  Scheduler.serial = Scheduler.serial + 1
  local entry = {time = time, serial = Scheduler.serial, f = f, args = table.pack(...)}
  local queue = Scheduler.queue
  local at = #queue + 1
  while at > 1 and (queue[at - 1].time < time or queue[at - 1].time == time and queue[at - 1].serial < entry.serial) == false do at = at - 1 end
  table.insert(queue, at, entry)
  return entry
end
function Scheduler.run(limit)
  while #Scheduler.queue > 0 and (not limit or Scheduler.queue[1].time <= limit) do
    local entry = table.remove(Scheduler.queue, 1)
    Scheduler.now = entry.time
    if not entry.cancelled then entry.f(table.unpack(entry.args, 1, entry.args.n)) end
  end
end
local function soon(f, ...) return Scheduler.at(Scheduler.now, f, ...) end
local function log(...) print(("%4g"):format(Scheduler.now), ...) end

local Promise = {__name = "promise"}
Promise.__index = Promise
local settle
local function new(executor)
  local self = setmetatable({status = "pending", waiting = {}}, Promise)
  if executor then
    local ok, e = pcall(executor, function(...) settle(self, "done", ...) end, function(e) settle(self, "failed", e) end)
    if not ok then settle(self, "failed", e) end
  end
  return self
end
function settle(self, status, value, ...)
  if self.status ~= "pending" then return end
  if status == "done" and getmetatable(value) == Promise then
    if value == self then return settle(self, "failed", "a promise cannot wait for itself") end
    value:on(function(s, ...) settle(self, s, ...) end)
    return
  end
  self.status, self.values = status, table.pack(value, ...)
  for _, f in ipairs(self.waiting) do soon(f, status, table.unpack(self.values, 1, self.values.n)) end
  self.waiting = nil
end
function Promise:on(f)
  if self.status == "pending" then self.waiting[#self.waiting + 1] = f
  else soon(f, self.status, table.unpack(self.values, 1, self.values.n)) end
end
function Promise:next(on_done, on_failed)
  local out = new()
  self:on(function(status, ...)
    local handler = status == "done" and on_done or status == "failed" and on_failed
    if not handler then return settle(out, status, ...) end
    local results = table.pack(pcall(handler, ...))
    settle(out, results[1] and "done" or "failed", table.unpack(results, 2, results.n))
  end)
  return out
end
function Promise:catch(f) return self:next(nil, f) end
function Promise:finally(f)
  return self:next(function(...) f() return ... end, function(e) f() error(e, 0) end)
end
function Promise.resolve(...) local p = new() settle(p, "done", ...) return p end
function Promise.reject(e) local p = new() settle(p, "failed", e) return p end
function Promise.all(list)
  return new(function(done, fail)
    local results, left = {}, #list
    if left == 0 then done(results) end
    for i, p in ipairs(list) do
      p:on(function(status, value)
        if status == "failed" then return fail(value) end
        results[i], left = value, left - 1
        if left == 0 then done(results) end
      end)
    end
  end)
end
function Promise.race(list)
  return new(function(done, fail)
    for _, p in ipairs(list) do p:next(done, fail) end
  end)
end
function Promise.__tostring(p) return "promise(" .. p.status .. ")" end

local function sleep(time, ...)
  local values = table.pack(...)
  return new(function(done) Scheduler.at(Scheduler.now + time, done, table.unpack(values, 1, values.n)) end)
end

-- async and await
local function step(co, out, ...)
  local results = table.pack(coroutine.resume(co, ...))
  if not results[1] then
    coroutine.close(co)
    return settle(out, "failed", results[2])
  end
  if coroutine.status(co) == "dead" then return settle(out, "done", table.unpack(results, 2, results.n)) end
  results[2]:on(function(...) step(co, out, ...) end)
end
local function async(f)
  return function(...)
    local out = new()
    step(coroutine.create(f), out, ...)
    return out
  end
end
local function await(p)
  if getmetatable(p) ~= Promise then return p end
  local results = table.pack(coroutine.yield(p))
  if results[1] == "failed" then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

Promise.resolve(1):next(function(v) log("one", v) return v + 1 end):next(function(v) log("two", v) error({code = v}) end)
  :next(function() log("never") end):catch(function(e) log("caught", e.code) return "recovered", nil, 3 end)
  :next(function(...) log("after", select("#", ...), ...) end):finally(function() log("finally") end)
log("registered first")
Promise.reject("lost"):next(log):catch(function(e) log("rejected", e) end)
new(function() error("thrown", 0) end):catch(function(e) log("executor", e) end)
new(function(done, fail) done("first") fail("second") done("third") end):next(log)
local chained = sleep(2, "inner")
Promise.resolve(chained):next(function(v) log("adopted", v) end)
Scheduler.run()

local fetch = async(function(name, time, fails)
  log("fetch", name)
  await(sleep(time))
  if fails then error(name .. " failed", 0) end
  return name:upper(), time
end)
local main = async(function()
  local a, time = await(fetch("a", 5))
  log("got", a, time)
  local both = await(Promise.all {fetch("b", 3), fetch("c", 1), Promise.resolve("d")})
  log("all", table.concat(both, " "))
  log("race", await(Promise.race {fetch("slow", 9), fetch("fast", 2)}))
  local ok, e = pcall(function()
    local guard <close> = setmetatable({}, {__close = function(_, e) log("closed with", e) end})
    return await(fetch("x", 1, true))
  end)
  log("pcall", ok, e)
  local parts = {}
  for i, word in ipairs {"p", "q", "r"} do parts[i] = await(sleep(i, word .. i)) end
  log(table.concat(parts, ","))
  local t = setmetatable({}, {__index = function(_, k) return await(sleep(1, "lazy " .. k)) end, __add = function(x, y) return await(sleep(2, y)) end})
  log(t.field, t + 5)
  return "finished", await(Promise.all {})
end)
main():next(function(text, list) log(text, #list) end)
log(tostring(main()), "runs twice")
Scheduler.run()
print(#Scheduler.queue)
fetch("bad", 0, true):catch(function(e) log("outer", e) end)
async(function() local x = nil; return x.field end)():catch(function(e) log((e:gsub("^.-:%d+: ", ""))) end)
Scheduler.run()

-- a bounded channel between coroutines
local function channel(size)
  local items, readers, writers = {}, {}, {}
  local self = {}
  function self.send(v)
    if #readers > 0 then return settle(table.remove(readers, 1), "done", v) end
    if #items >= size then
      local p = new()
      writers[#writers + 1] = p
      await(p)
    end
    items[#items + 1] = v
  end
  function self.receive()
    if #items == 0 then
      local p = new()
      readers[#readers + 1] = p
      return await(p)
    end
    local v = table.remove(items, 1)
    if #writers > 0 then settle(table.remove(writers, 1), "done") end
    return v
  end
  function self.each() return function() local v = self.receive() if v ~= "end" then return v end end end
  return self
end
local numbers = channel(2)
local squares = channel(1)
async(function() for i = 1, 6 do numbers.send(i) log("sent", i) end numbers.send("end") end)()
async(function() for n in numbers.each() do await(sleep(n % 2)) squares.send(n * n) end squares.send("end") end)()
local total = async(function() local sum = 0 for n in squares.each() do sum = sum + n log("square", n) end return sum end)()
Scheduler.run()
log("sum", total.values[1])

-- an event emitter: priorities, once, removal while it runs, wildcards
local Emitter = {}
Emitter.__index = Emitter
function Emitter.new() return setmetatable({handlers = {}}, Emitter) end
function Emitter:on(event, f, priority)
  local list = self.handlers[event] or {}
  self.handlers[event] = list
  local handler = {f = f, priority = priority or 0}
  local at = #list + 1
  while at > 1 and list[at - 1].priority < handler.priority do at = at - 1 end
  table.insert(list, at, handler)
  return function()
    for i, h in ipairs(list) do if h == handler then table.remove(list, i) return true end end
    return false
  end
end
function Emitter:once(event, f, priority)
  local off
  off = self:on(event, function(...) off() return f(...) end, priority)
  return off
end
function Emitter:emit(event, ...)
  local called, errors = 0, {}
  for _, name in ipairs {event, "*"} do
    for _, handler in ipairs(table.move(self.handlers[name] or {}, 1, #(self.handlers[name] or {}), 1, {})) do
      called = called + 1
      local ok, stop = pcall(handler.f, ...)
      if not ok then errors[#errors + 1] = tostring(stop):gsub("^.-:%d+: ", "")
      elseif stop == "stop" then return called, errors end
    end
  end
  return called, errors
end
local bus, heard = Emitter.new(), {}
local function hear(tag, result) return function(...) heard[#heard + 1] = tag .. table.concat({...}, "") return result end end
local off = bus:on("x", hear "a")
bus:on("x", hear "high", 10)
bus:once("x", hear "once", 5)
bus:on("*", hear "any")
bus:on("x", function() error("broken") end, -1)
bus:on("stop", hear("s", "stop"), 1)
bus:on("stop", hear "unheard")
for _, event in ipairs {"x", "x", "y", "stop"} do
  local called, errors = bus:emit(event, 1, 2)
  print(event, called, table.concat(errors, ";"), table.concat(heard, " "))
  heard = {}
end
print(off(), off(), (bus:emit("x", 9)), table.concat(heard, " "))
