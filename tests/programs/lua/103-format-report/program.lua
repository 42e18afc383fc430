-- A report with aligned columns, and every conversion with every flag.
local orders = {
  { "keyboard", 2, 49.9 }, { "monitor 27\"", 1, 279.5 }, { "cable", 12, 3.25 }, { "warranty, extended", 1, 0 },
}
local total = 0
print(("%-20s %5s %10s %12s"):format("article", "count", "price", "sum"))
print(("-"):rep(50))
for _, order in ipairs(orders) do
  local name, count, price = table.unpack(order)
  total = total + count * price
  print(("%-20.18s %5d %10.2f %12.2f"):format(name, count, price, count * price))
end
print(("%-37s %12.2f"):format("total", total), ("%+.1f%%"):format(total / 7))

local numbers = {
  0, 1, -1, 42, 255, -255, math.maxinteger, math.mininteger, 0.0, -0.0, 1.5, -2.25, 0.1, 1 / 3, 1e15, 1e16, 123456789.125, 5e-324,
  1.7976931348623157e308, 1e-5, 99998.5, 2 ^ 53, 1 / 0, -1 / 0,
}
local integral = { "%d", "%5d", "%-8d|", "%08d", "%+d", "% d", "%.5d", "%10.4d", "%x", "%X", "%#x", "%o", "%#o", "%i", "%u", "%c" }
local floating = {
  "%f", "%.0f", "%10.3f", "%-12.2f|", "%+e", "%.3e", "%E", "%g", "%G", "%#.5g", "%.14g", "%.17g", "%a", "%A", "%.2a", "%020.5f", "% f",
}
for _, number in ipairs(numbers) do
  local out = { tostring(number) }
  for _, specification in ipairs(floating) do out[#out + 1] = specification:format(number) end
  if math.tointeger(number) then
    for _, specification in ipairs(integral) do out[#out + 1] = specification:format(number) end
  else
    out[#out + 1] = select(2, pcall(string.format, "%d", number))
  end
  print(table.concat(out, " "))
end
for _, value in ipairs { "plain", "tab\tnew\nline", "quote\"s", "back\\slash", "nul\0one\0011", "\127\128\255\r", "" } do
  print(("%q"):format(value), ("%s|%10s|%-10s|%.3s"):format(value, "r", "l", "precise"))
end
print(("%q %q %q %q %q %q"):format(1, 1.5, 1 / 0, -1 / 0, math.mininteger, true), ("%5s %s %s"):format(nil, false, 1.0))
print(("%s %s"):format(setmetatable({}, { __tostring = function() return "object" end }), 12), ("%%"):format())
for _, bad in ipairs { "%y", "%", "%10", "%.", "%100d", "%.100f", "%+s", "%#d", "%5q", "%ll", "%-+ #05d" } do
  print(pcall(string.format, bad, 1))
end
print(pcall(string.format, "%d", "x"), pcall(string.format, "%d"), pcall(string.format, "%5s", "a\0b"), pcall(string.format, "%q", {}))
