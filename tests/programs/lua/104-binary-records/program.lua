-- A file format with headers, records and checksums, written and read with pack and unpack.
local function hex(text) return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local HEADER <const>, RECORD <const> = "<c4I2I4", "<s1 i4 d x"
local function checksum(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = (a + text:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end
local function write(records)
  local out = {}
  for _, record in ipairs(records) do out[#out + 1] = string.pack(RECORD, record.name, record.id, record.value) end
  local body = table.concat(out)
  return string.pack(HEADER, "MUNI", 3, #records) .. body .. string.pack("<I4", checksum(body))
end
local function read(data)
  local magic, version, count, at = string.unpack(HEADER, data)
  assert(magic == "MUNI" and version == 3, "not a file of this kind")
  local records, start = {}, at
  for i = 1, count do
    local record = {}
    record.name, record.id, record.value, at = string.unpack(RECORD, data, at)
    records[i] = record
  end
  assert(string.unpack("<I4", data, at) == checksum(data:sub(start, at - 1)), "checksum")
  return records
end
local data = write {
  { name = "first", id = 1, value = 1.5 }, { name = "", id = -2, value = -1e300 }, { name = ("x"):rep(255), id = 2147483647, value = 0.1 },
}
print(#data, hex(data:sub(1, 40)), hex(data:sub(-12)))
for _, record in ipairs(read(data)) do print(#record.name, record.id, record.value) end
print(pcall(read, data:sub(1, -2)), pcall(read, "MUNI" .. data:sub(5):gsub("^..", "\9\0")), pcall(read, ""))

for _, format in ipairs { "b", "B", "h", "H", "i", "I", "l", "j", "J", "T", "i3", "I5", "i7", "i16", "f", "d", "n", "s2", "z", "c6" } do
  local value = format:find("[szc]") and "text" or format:find("[fdn]") and 2.5 or 100
  for _, order in ipairs { "<", ">", "=", "!4<", "!>" } do
    local ok, packed = pcall(string.pack, order .. format, value)
    print(format, order, ok and hex(packed) or packed, pcall(string.unpack, order .. format, packed))
  end
end
for _, format in ipairs { "bi4", "!bi4", "!2bi4", "! i1 i2 i4 i8", "!8 b Xd d", "c0", "<i3>i3", "xxx", "bXh" } do
  print(format, string.packsize(format))
end
for _, case in ipairs {
  { "b", 128 }, { "B", -1 }, { "i17", 1 }, { "i0", 1 }, { "c", "x" }, { "c2", "xyz" }, { "z", "a\0" }, { "s1", ("x"):rep(256) }, { "!3i4", 1 },
  { "X", 1 }, { "Xz", 1 }, { "q", 1 }, { "i4" }, { "d", "x" }, { "i2", 1.5 }, { "!i3", 1 },
} do
  print(case[1], pcall(string.pack, table.unpack(case)))
end
print(pcall(string.unpack, "i4", "abc"), pcall(string.unpack, "z", "abc"), pcall(string.unpack, "s1", "\9ab"), pcall(string.unpack, "i9", ("\1"):rep(9)))
print(pcall(string.unpack, "b", "x", 3), string.unpack("b", "xyz", -1), pcall(string.packsize, "s"))
