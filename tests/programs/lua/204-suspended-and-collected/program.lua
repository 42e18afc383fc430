-- A register that nothing needs any more when its function is suspended must not be kept: what it points to may be gone.
local which = 1

local ticks = 0
function T() ticks = ticks + 1 if ticks > 2000 then error("out of ticks", 0) end end
function S(v) if type(v) == "string" and #v > 60 then return (v:sub(1, 60)) end return v end
function N(v) return type(v) == "number" and v or 0 end
function L(t)
  local list = {}
  if type(t) ~= "table" then return t end
  for i = 1, 9 do list[i] = rawget(t, i) if list[i] == nil then break end end
  return list
end
function C(t) local n = 0 while rawget(t, n + 1) ~= nil do n = n + 1 end return n end
function F(v) if v ~= v then return 0.5 end return v end
function P(...)
  local line = {}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    local kind = math.type(v) or type(v)
    if kind == "float" then line[i] = v ~= v and "nan" or string.format("%.17g:f", v)
    elseif kind == "integer" then line[i] = string.format("%d", v)
    elseif kind == "string" then line[i] = string.format("%q", v)
    elseif kind == "table" then line[i] = "table" .. C(v)
    elseif kind == "function" then line[i] = "function"
    else line[i] = tostring(v) end
  end
  print(table.concat(line, " "))
end

function Y(...) if coroutine.isyieldable() then return coroutine.yield(...) end return ... end
function R(f, ...)
  local co = coroutine.create(f)
  local r = table.pack(...)
  for turn = 1, 60 do
    r = table.pack(coroutine.resume(co, table.unpack(r, 1, r.n)))
    if not r[1] or coroutine.status(co) == "dead" then break end
    T()
    r = table.pack(Y(table.unpack(r, 2, r.n)))
  end
  if coroutine.status(co) ~= "dead" then P("unfinished", coroutine.close(co)) end
  return coroutine.status(co), table.unpack(r, 1, r.n)
end
function W(f) local next = coroutine.wrap(f) return function(...) T() return next(...) end end
function O(t, ...)
  local log, mt = {...}, {}
  for _, e in ipairs{"add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat"} do
    mt["__" .. e] = function(l, r) P(e, Y(type(l), type(r))) return (Y(e)) end
  end
  for _, e in ipairs{"eq", "lt", "le"} do mt["__" .. e] = function(l, r) P(e, Y()) return (Y(t[e])) end end
  for _, e in ipairs{"unm", "bnot", "len"} do mt["__" .. e] = function(l) P(e, (Y(e))) return Y(7), 8 end end
  mt.__index = function(_, k) P("index", Y(k)) return Y(t[k]), "more" end
  mt.__newindex = function(_, k, v) P("newindex", Y(k, v)) t[k] = Y(v) end
  mt.__call = function(self, ...) P("call", Y(...)) return Y(select("#", ...), ...) end
  mt.__close = function(_, e) P("close", Y(e)) end
  mt.__pairs = function(_) P("pairs", Y(1)) return function(_, k) k = Y(k or 0) if k < 3 then return k + 1, Y("v") end end, nil, nil end
  return setmetatable({}, mt)
end
local function run1(...)
local co co = coroutine.create(function(...)
local other = coroutine.create(function() P('seen', coroutine.status(co)) P(coroutine.resume(co)) P(pcall(coroutine.close, co)) coroutine.yield(5) end)
P('sum', {coroutine.yield(1), coroutine.yield(2)})
local t = {x = 1, coroutine.yield('in'), coroutine.yield()}
end)
for i = 1, 5 do T() P(i, coroutine.status(co), coroutine.resume(co, i, {}, 'z')) end
return (function(v) local t = type(v) return t == 'function' and t or t == 'table' and t or v end)((math.maxinteger << 63) .. F(0x1p-1074) .. (7 & 0), 0x.8p1, (#L(h)) ~ (tonumber("0x1p4", 16)))

end
if which == 1 then
return run1(which, nil, 'x')
end
