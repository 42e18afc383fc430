-- SPDX-License-Identifier: MIT
-- Primes below a bound, several times: a boolean array, an inner loop with a step.
local bound, rounds = ...

local function sieve(limit)
  local composite, count = {}, 0
  for i = 1, limit do
    composite[i] = false
  end
  for i = 2, limit do
    if not composite[i] then
      count = count + 1
      for j = i * i, limit, i do
        composite[j] = true
      end
    end
  end
  return count, composite
end

local count, flags
for _ = 1, rounds do
  count, flags = sieve(bound)
end
local function is_prime(k)
  for d = 2, k - 1 do
    if d * d > k then
      break
    end
    if k % d == 0 then
      return false
    end
  end
  return k > 1
end
for k = bound - 100, bound do
  assert(is_prime(k) == not flags[k], "sieve: a number is classed wrongly")
end
return string.format("%d", count)
