-- SPDX-License-Identifier: MIT
-- A pricing rule over an order: what a shop would let its merchants write. Pure: it needs no capability.
--   munition compile pricing.lua && munition fire pricing.wasm process @data/order.json

local VOLUME = { { from = 100, rate = 0.12 }, { from = 50, rate = 0.08 }, { from = 10, rate = 0.03 } }
local SHIPPING = { standard = 490, express = 1290, pickup = 0 } -- cents
local FREE_SHIPPING_FROM = 10000

local function volume_rate(quantity)
  for _, step in ipairs(VOLUME) do
    if quantity >= step.from then
      return step.rate
    end
  end
  return 0.0
end

local function cents(amount)
  return math.floor(amount + 0.5)
end

local function price_line(line)
  if type(line.quantity) ~= "number" or line.quantity <= 0 then
    error("line " .. tostring(line.sku) .. ": the quantity must be positive", 0)
  end
  local gross = line.unit_cents * line.quantity
  local discount = cents(gross * volume_rate(line.quantity))
  return { sku = line.sku, gross_cents = gross, discount_cents = discount, net_cents = gross - discount }
end

function process(order)
  local lines, subtotal = {}, 0
  for i, line in ipairs(order.lines) do
    lines[i] = price_line(line)
    subtotal = subtotal + lines[i].net_cents
  end
  local loyalty = 0
  if order.customer and order.customer.tier == "gold" then
    loyalty = cents(subtotal * 0.05)
  end
  local goods = subtotal - loyalty
  local shipping = SHIPPING[order.shipping or "standard"]
  if not shipping then
    error("unknown shipping method " .. tostring(order.shipping), 0)
  end
  if goods >= FREE_SHIPPING_FROM then
    shipping = 0
  end
  return {
    lines = lines,
    subtotal_cents = subtotal,
    loyalty_cents = loyalty,
    shipping_cents = shipping,
    total_cents = goods + shipping,
  }
end
