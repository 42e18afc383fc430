-- SPDX-License-Identifier: MIT
-- The n queens problem by backtracking over bit sets. Pure: it needs no capability.
--   munition run queens.lua 8
--   munition compile queens.lua && munition fire queens.wasm solve 10

local function place(n, row, columns, left, right, board, found)
  if row > n then
    found.count = found.count + 1
    found.first = found.first or table.concat(board, " ")
    return
  end
  local free = ~(columns | left | right) & ((1 << n) - 1)
  while free ~= 0 do
    local bit = free & -free
    free = free ~ bit
    local column = 0
    while 1 << column ~= bit do
      column = column + 1
    end
    board[row] = column + 1
    place(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1, board, found)
  end
  board[row] = nil
end

function solve(n)
  if math.type(n) ~= "integer" or n < 1 or n > 16 then
    error("n must be a whole number from 1 to 16", 0)
  end
  local found = { count = 0 }
  place(n, 1, 0, 0, 0, {}, found)
  return found.count, found.first
end

return solve(math.tointeger(tonumber((...) or "6")))
