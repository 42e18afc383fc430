-- SPDX-License-Identifier: MIT
-- Runs a program with its arguments and tells the CPU seconds it took and what it returned.
local program = assert(loadfile(arg[1]))
local arguments = {}
for i = 2, #arg do
  arguments[i - 1] = tonumber(arg[i])
end
local started = os.clock()
local result = program((table.unpack or unpack)(arguments))
local taken = os.clock() - started
io.write(string.format("%.9f\n%s\n", taken, result))
