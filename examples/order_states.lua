-- SPDX-License-Identifier: MIT
-- A state machine as data: an order's life, the events that move it, and the guards that may refuse.
--   munition compile order_states.lua && munition fire order_states.wasm process '["pay", "pack", "ship", "deliver"]'

local Machine = {}
Machine.__index = Machine

function Machine.new(rules, start)
  return setmetatable({ rules = rules, state = start, history = { start }, paid = 0 }, Machine)
end

function Machine:fire(event)
  local rule = self.rules[self.state][event]
  if not rule then
    error(string.format("%q is not possible while the order is %q", event, self.state), 0)
  end
  if rule.guard and not rule.guard(self) then
    error(string.format("%q was refused: %s", event, rule.why), 0)
  end
  if rule.act then
    rule.act(self)
  end
  self.state = rule.to
  self.history[#self.history + 1] = rule.to
  return self
end

local function pay(order)
  order.paid = order.paid + 50
end

local function is_paid(order)
  return order.paid >= 100
end

local RULES = {
  new = {
    pay = { to = "new", act = pay },
    pack = { to = "packed", guard = is_paid, why = "100 must be paid first" },
    cancel = { to = "cancelled" },
  },
  packed = { ship = { to = "shipped" }, cancel = { to = "cancelled" } },
  shipped = { deliver = { to = "delivered" }, lose = { to = "lost" } },
  lost = { refund = { to = "cancelled" } },
  delivered = {},
  cancelled = {},
}

-- Runs events until one is refused; says where the order ended and why.
function process(events)
  local order = Machine.new(RULES, "new")
  for number, event in ipairs(events) do
    local ok, reason = pcall(order.fire, order, event)
    if not ok then
      return { state = order.state, history = order.history, stopped_at = number, reason = reason }
    end
  end
  return { state = order.state, history = order.history }
end

return process({ "pay", "pay", "pack", "ship", "deliver" }), process({ "pay", "pack" }), process({ "ship" }).reason
