-- SPDX-License-Identifier: MIT
function run(n)
  local bodies = {}
  for i = 0, 4 do bodies[i + 1] = { x = i * 1.5, y = i * 0.5 - 1, vx = 0.1 * i, vy = 0.2 - 0.05 * i, m = 1.0 / (i + 1) } end
  for _ = 1, n do
    for i = 1, 5 do
      local a = bodies[i]
      for j = i + 1, 5 do
        local b = bodies[j]
        local dx, dy = a.x - b.x, a.y - b.y
        local d = dx * dx + dy * dy + 0.01
        local f = 0.001 / (d * math.sqrt(d))
        a.vx = a.vx - dx * b.m * f
        a.vy = a.vy - dy * b.m * f
        b.vx = b.vx + dx * a.m * f
        b.vy = b.vy + dy * a.m * f
      end
    end
    for i = 1, 5 do
      local b = bodies[i]
      b.x = b.x + 0.001 * b.vx
      b.y = b.y + 0.001 * b.vy
    end
  end
  return bodies[1].x
end
