-- Assigned fields of library tables that nothing else mentions.
table.foreach = nil
string.trim = function(s) return s:gsub("%s+$", "") end
function math.double(x) return 2 * x end
os.later, io.sink = 1
utf8.x = nil coroutine.y = nil debug.z = 3
print(("abc  "):trim())
