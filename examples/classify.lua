-- SPDX-License-Identifier: MIT
-- Classifies log lines with a table of patterns, first match wins, and reports what it saw.
--   munition run classify.lua --caps log
--   munition compile classify.lua --caps log && munition fire classify.wasm classify '"GET /health 200 3ms"'

local RULES = {
  { class = "security", pattern = "[Ff]ailed password for (%S+) from ([%d%.]+)" },
  { class = "security", pattern = "POSSIBLE BREAK%-IN" },
  { class = "slow", pattern = "^%u+ (%S+) %d%d%d (%d%d%d%d+)ms$" },
  { class = "client error", pattern = "^%u+ (%S+) 4%d%d " },
  { class = "server error", pattern = "^%u+ (%S+) 5%d%d " },
  { class = "request", pattern = "^%u+ (%S+) [123]%d%d " },
  { class = "crash", pattern = "[Pp]anic" },
  { class = "disk", pattern = "No space left on device" },
}

function classify(line)
  for _, rule in ipairs(RULES) do
    local found = table.pack(string.find(line, rule.pattern))
    if found[1] then
      local captures = {}
      for i = 3, found.n do
        captures[#captures + 1] = found[i]
      end
      return { class = rule.class, captures = captures }
    end
  end
  return { class = "other", captures = {} }
end

local SAMPLE = {
  "sshd[412]: Failed password for root from 203.0.113.9 port 52144 ssh2",
  "GET /health 200 3ms",
  "GET /report/annual 200 5127ms",
  "POST /login 401 12ms",
  "GET /cart 503 88ms",
  "kernel panic - not syncing: Attempted to kill init!",
  "write error: No space left on device",
  "DELETE /session/77 204 9ms",
  "systemd[1]: Started Daily apt download activities.",
}

local seen, order = {}, {}
for _, line in ipairs(SAMPLE) do
  local result = classify(line)
  if not seen[result.class] then
    seen[result.class] = 0
    order[#order + 1] = result.class
  end
  seen[result.class] = seen[result.class] + 1
  print(string.format("%-12s %s", result.class, line))
end
table.sort(order, function(a, b)
  return seen[a] > seen[b] or (seen[a] == seen[b] and a < b)
end)
print(string.rep("-", 40))
for _, class in ipairs(order) do
  print(string.format("%3d %s", seen[class], class))
end
