local M = {}
local function M.run() return 1 end
print(M.run())
