-- SPDX-License-Identifier: MIT
-- All ways to put queens on a board: backtracking, boolean results, short calls and array reads.
local n = ...

local function safe(board, row, column)
  for i = 1, row - 1 do
    local other = board[i]
    if other == column or other - i == column - row or other + i == column + row then
      return false
    end
  end
  return true
end

local function place(board, row)
  if row > n then
    return 1
  end
  local found = 0
  for column = 1, n do
    if safe(board, row, column) then
      board[row] = column
      found = found + place(board, row + 1)
    end
  end
  return found
end

local known = { 1, 0, 0, 2, 10, 4, 40, 92, 352, 724 }
local found = place({}, 1)
assert(not known[n] or known[n] == found, "queens: wrong number")
return string.format("%d", found)
