-- SPDX-License-Identifier: MIT
-- Lines, words and bytes of the files named as arguments, read a line at a time.
--   munition run wc.lua lighthouse.txt order.json --caps log,filesystem_read:data
-- The script sees the granted folder as / and nothing else of the disk.

local function count(name)
  local lines, words, bytes = 0, 0, 0
  for line in io.lines(name, "L") do
    lines = lines + (line:sub(-1) == "\n" and 1 or 0)
    bytes = bytes + #line
    for _ in line:gmatch("%S+") do
      words = words + 1
    end
  end
  return lines, words, bytes
end

local function show(lines, words, bytes, name)
  print(string.format("%7d %7d %7d %s", lines, words, bytes, name))
end

local total = { 0, 0, 0 }
for _, name in ipairs({ ... }) do
  local ok, lines, words, bytes = pcall(count, name)
  if ok then
    show(lines, words, bytes, name)
    total = { total[1] + lines, total[2] + words, total[3] + bytes }
  else
    print(name .. ": " .. lines)
  end
end
if select("#", ...) > 1 then
  show(total[1], total[2], total[3], "total")
end
