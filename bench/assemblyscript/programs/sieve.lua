-- SPDX-License-Identifier: MIT
function run(n)
  local marks, count = {}, 0
  for i = 1, n do marks[i] = false end
  for i = 2, n do
    if not marks[i] then
      count = count + 1
      for j = i * 2, n, i do marks[j] = true end
    end
  end
  return count
end
