-- SPDX-License-Identifier: MIT
-- Complete binary trees of two-element tables are built, counted and dropped: allocation and collection.
local depth, rounds = ...

local function grow(d)
  if d == 0 then
    return {}
  end
  return { grow(d - 1), grow(d - 1) }
end

local function count(tree)
  if tree[1] then
    return 1 + count(tree[1]) + count(tree[2])
  end
  return 1
end

local kept = grow(depth)
local total = 0
for _ = 1, rounds do
  total = total + count(grow(depth))
end
local nodes = 2 ^ (depth + 1) - 1
assert(total == rounds * nodes and count(kept) == nodes, "binary_trees: nodes were lost")
return string.format("%d", total)
