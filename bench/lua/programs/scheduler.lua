-- SPDX-License-Identifier: MIT
-- A small operating system: tasks of four kinds with queues of packets, run by priority through polymorphic methods.
local turns = ...

local Packet = {}
Packet.__index = Packet

function Packet.new(kind, link)
  return setmetatable({ kind = kind, link = link, value = 0, data = { 0, 0, 0, 0 } }, Packet)
end

local Task = {}
Task.__index = Task

function Task.new(class, id, priority)
  return setmetatable({ id = id, priority = priority, queue = nil, held = false, runs = 0, state = 0 }, class)
end

function Task:append(packet)
  packet.link = nil
  if not self.queue then
    self.queue = packet
    return
  end
  local last = self.queue
  while last.link do
    last = last.link
  end
  last.link = packet
end

function Task:take()
  local packet = self.queue
  if packet then
    self.queue = packet.link
    packet.link = nil
  end
  return packet
end

local function class(parent)
  local c = setmetatable({}, { __index = parent })
  c.__index = c
  return c
end

local Idle, Worker, Handler, Device = class(Task), class(Task), class(Task), class(Task)
local tasks, sent, handled = {}, 0, 0

local function send(id, packet)
  sent = sent + 1
  tasks[id]:append(packet)
end

function Idle:run()
  self.state = (self.state * 5 + 3) % 64
  if self.state % 2 == 0 then
    tasks[5].held = false
  else
    tasks[6].held = false
  end
end

function Worker:run()
  local packet = self:take()
  if not packet then
    return
  end
  self.state = self.state % 2 + 1
  packet.kind = "work"
  for i = 1, 4 do
    packet.data[i] = (packet.data[i] + self.state * i) % 26
  end
  send(self.state + 2, packet)
end

function Handler:run()
  local packet = self:take()
  if not packet then
    return
  end
  handled = handled + 1
  if packet.kind == "work" then
    packet.value = packet.value + packet.data[1]
    packet.kind = "device"
    send(self.id + 2, packet)
  else
    send(2, packet)
  end
end

function Device:run()
  if self.held then
    return
  end
  local packet = self:take()
  if packet then
    packet.kind = "done"
    self.held = true
    send(self.id - 2, packet)
  end
end

tasks[1] = Task.new(Idle, 1, 0)
tasks[2] = Task.new(Worker, 2, 1000)
tasks[3] = Task.new(Handler, 3, 2000)
tasks[4] = Task.new(Handler, 4, 2000)
tasks[5] = Task.new(Device, 5, 3000)
tasks[6] = Task.new(Device, 6, 3000)
local packets = {}
for i = 1, 8 do
  packets[i] = Packet.new("new", nil)
  send(2, packets[i])
end

for _ = 1, turns do
  for i = 6, 1, -1 do
    local task = tasks[i]
    task.runs = task.runs + 1
    task:run()
  end
end

local queued, value = 0, 0
for i = 1, 6 do
  local packet = tasks[i].queue
  while packet do
    queued = queued + 1
    packet = packet.link
  end
  assert(tasks[i].runs == turns, "scheduler: a task was left out")
end
for i = 1, 8 do
  value = value + packets[i].value
end
assert(queued == 8, "scheduler: packets were lost")
return string.format("%d %d %d", sent, handled, value)
