-- SPDX-License-Identifier: MIT
-- Lines, words, letters and the most frequent words of a text.
--   munition run wordcount.lua "$(cat data/lighthouse.txt)" --caps log
--   munition compile wordcount.lua --caps log && munition fire wordcount.wasm count '"to be or not to be"'

local STOP = {}
for word in ("a an and as at but by for from had he her his i in is it its not of on or she so that the they to was were with"):gmatch("%a+") do
  STOP[word] = true
end

local function lines_of(text)
  local _, breaks = text:gsub("\n", "")
  return breaks + (text:sub(-1) ~= "\n" and #text > 0 and 1 or 0)
end

function count(text, top)
  local words, total, frequency, distinct = {}, 0, {}, 0
  for word in text:lower():gmatch("%a[%a']*") do
    total = total + 1
    if not frequency[word] then
      frequency[word] = 0
      distinct = distinct + 1
      if not STOP[word] then
        words[#words + 1] = word
      end
    end
    frequency[word] = frequency[word] + 1
  end
  table.sort(words, function(a, b)
    if frequency[a] ~= frequency[b] then
      return frequency[a] > frequency[b]
    end
    return a < b
  end)
  local frequent = {}
  for i = 1, math.min(top or 5, #words) do
    frequent[i] = { words[i], frequency[words[i]] }
  end
  return { lines = lines_of(text), words = total, distinct = distinct, bytes = #text, frequent = frequent }
end

local text = ...
if text then
  local result = count(text, 8)
  print(string.format("%d lines, %d words (%d distinct), %d bytes", result.lines, result.words, result.distinct, result.bytes))
  for rank, entry in ipairs(result.frequent) do
    print(string.format("%2d. %-12s %3d %s", rank, entry[1], entry[2], ("#"):rep(entry[2])))
  end
end
