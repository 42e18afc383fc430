-- SPDX-License-Identifier: MIT
function run(n)
  local counts, size = {}, 0
  for i = 0, n - 1 do
    local key = "k" .. i * 7919 % 1000
    if not counts[key] then size = size + 1 end
    counts[key] = (counts[key] or 0) + 1
  end
  return counts["k1"] + size
end
