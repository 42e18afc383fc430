-- SPDX-License-Identifier: MIT
-- Two classes, one of which inherits from the other: method calls, field updates, constructors.
local n = ...

local Account = {}
Account.__index = Account

function Account.new(owner)
  return setmetatable({ owner = owner, balance = 0, moves = 0 }, Account)
end

function Account:deposit(amount)
  self.balance = self.balance + amount
  self.moves = self.moves + 1
  return self
end

function Account:get()
  return self.balance
end

local Savings = setmetatable({}, { __index = Account })
Savings.__index = Savings

function Savings.new(owner, rate)
  local self = setmetatable(Account.new(owner), Savings)
  self.rate = rate
  return self
end

function Savings:interest()
  self:deposit(self.rate)
  return self.balance
end

local plain, savings = Account.new("a"), Savings.new("b", 3)
local sum = 0
for i = 1, n do
  plain:deposit(i % 7)
  sum = sum + plain:get() % 3
  savings:interest()
  sum = sum + savings:get() % 2
end
local expected = 0
for i = 1, n do
  expected = expected + i % 7
end
assert(plain:get() == expected and savings:get() == 3 * n and savings.moves == n, "methods: wrong balance")
return string.format("%d %d", sum, plain.moves)
