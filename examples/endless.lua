-- SPDX-License-Identifier: MIT
-- Never ends by itself; the fuel ends it:   munition run endless.lua --fuel 1000000

local n = 0
while true do
  n = n + 1
end
