-- SPDX-License-Identifier: MIT
-- A coroutine left suspended in a __close that an error began: who closes next has no error.
local function closer(n) return setmetatable({}, {__close = function(_, e) print('close', n, e) end}) end
local function yielding() return setmetatable({}, {__close = function(_, e) coroutine.yield(e) end}) end
local function stops() pcall(function() local c <close> = yielding() error("z")  end) end
local a = coroutine.wrap(function()
  local b = coroutine.wrap(function() stops() end)
  b()
  local c1 <close> = closer('one')
end)
a()
local b = coroutine.wrap(function() stops() end)
b()
do
local c1 <close> = closer('two')
end
