-- SPDX-License-Identifier: MIT
-- Needs time and nothing else:   munition run clock.lua --caps time

local now = os.time()
return now > 1600000000, math.type(now)
