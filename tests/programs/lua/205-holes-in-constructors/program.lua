-- Lists with holes beside integer keys: what people count on, though the manual leaves their length open.
local t = {'a', nil, nil, [9] = 'i', 'f', [5] = 'g', [7] = {}, ['3'] = 33, [-1] = -1}
print(#t, t[4], t[5], t[9], t[1], rawlen(t))
local n = 0 for k, v in pairs(t) do n = n + 1 end print(n)
local v = {[4] = 'd', 'a', 'b', 'c'} print(#v) v[5] = 'e' print(#v, table.concat(v))
local function f(...) return ... end
local w = {[6] = 'six', [5] = 'five', f(1, nil, 3, 4)} print(#w, w[6])
local x = {[3] = 'c', f(1, 2)} print(#x, x[3])
