-- SPDX-License-Identifier: MIT
-- What a suspended __concat gives is not joined with anything: it keeps its type.
local o = setmetatable({}, {__concat = function(a, b) return (coroutine.yield(1)) end})
local co = coroutine.wrap(function() local a = o .. 'x' .. o print(math.type(a), a) a = 1 .. o print(math.type(a), a) end)
co() co(0) co(0) co(7)
