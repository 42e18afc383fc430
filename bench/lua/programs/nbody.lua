-- SPDX-License-Identifier: MIT
-- The sun and four planets, advanced in steps: float fields read and written, square roots.
local steps = ...
local sqrt = math.sqrt

local PI = 3.141592653589793
local SOLAR_MASS = 4 * PI * PI
local DAYS = 365.24

local function body(x, y, z, vx, vy, vz, mass)
  return {
    x = x, y = y, z = z,
    vx = vx * DAYS, vy = vy * DAYS, vz = vz * DAYS,
    mass = mass * SOLAR_MASS,
  }
end

local bodies = {
  body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
  body(4.84, -1.16, -0.1036, 0.00166, 0.0077, -0.000069, 0.00095),
  body(8.34, 4.125, -0.4035, -0.00277, 0.005, 0.000023, 0.000286),
  body(12.89, -15.11, -0.2233, 0.00296, 0.00238, -0.0000297, 0.0000437),
  body(15.38, -25.92, 0.1793, 0.00268, 0.00163, -0.0000952, 0.0000515),
}

local function rest(list)
  local px, py, pz = 0.0, 0.0, 0.0
  for _, b in ipairs(list) do
    px = px + b.vx * b.mass
    py = py + b.vy * b.mass
    pz = pz + b.vz * b.mass
  end
  local sun = list[1]
  sun.vx = -px / SOLAR_MASS
  sun.vy = -py / SOLAR_MASS
  sun.vz = -pz / SOLAR_MASS
end

local function energy(list)
  local total = 0.0
  for i = 1, #list do
    local b = list[i]
    total = total + 0.5 * b.mass * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz)
    for j = i + 1, #list do
      local c = list[j]
      local dx, dy, dz = b.x - c.x, b.y - c.y, b.z - c.z
      total = total - b.mass * c.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return total
end

local function advance(list, count, dt)
  for i = 1, count do
    local b = list[i]
    local bx, by, bz, bmass = b.x, b.y, b.z, b.mass
    local vx, vy, vz = b.vx, b.vy, b.vz
    for j = i + 1, count do
      local c = list[j]
      local dx, dy, dz = bx - c.x, by - c.y, bz - c.z
      local square = dx * dx + dy * dy + dz * dz
      local magnitude = dt / (square * sqrt(square))
      local pull = c.mass * magnitude
      vx = vx - dx * pull
      vy = vy - dy * pull
      vz = vz - dz * pull
      pull = bmass * magnitude
      c.vx = c.vx + dx * pull
      c.vy = c.vy + dy * pull
      c.vz = c.vz + dz * pull
    end
    b.vx, b.vy, b.vz = vx, vy, vz
    b.x = bx + dt * vx
    b.y = by + dt * vy
    b.z = bz + dt * vz
  end
end

rest(bodies)
local before = energy(bodies)
for _ = 1, steps do
  advance(bodies, #bodies, 0.01)
end
local after = energy(bodies)
assert(math.abs(after - before) < 1e-4, "nbody: energy is not conserved")
return string.format("%.9f %.9f", before, after)
