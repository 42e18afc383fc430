-- SPDX-License-Identifier: MIT
-- A small template language: {{name.path}}, {{#each list}}...{{/each}}, {{#if value}}...{{else}}...{{/if}}; HTML is escaped.
--   munition compile template.lua && munition fire template.wasm render '"Hi {{who}}!"' '{"who": "<you>"}'

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escape(value)
  return (tostring(value):gsub("[&<>\"']", ENTITIES))
end

local function lookup(scopes, path)
  if path == "this" then
    return scopes[#scopes].this
  end
  for depth = #scopes, 1, -1 do
    local value, found = scopes[depth], true
    for name in path:gmatch("[^%.]+") do
      if type(value) ~= "table" or value[name] == nil then
        found = false
        break
      end
      value = value[name]
    end
    if found then
      return value
    end
  end
  return nil
end

-- Splits the text into literals and tags, then nests the blocks.
local function parse(text)
  local root = { kind = "block", body = {} }
  local open, from = { root }, 1
  local function add(node)
    local block = open[#open]
    local body = block.otherwise or block.body
    body[#body + 1] = node
    return node
  end
  while true do
    local start, stop, tag = text:find("{{%s*(.-)%s*}}", from)
    if not start then
      add({ kind = "text", text = text:sub(from) })
      break
    end
    add({ kind = "text", text = text:sub(from, start - 1) })
    from = stop + 1
    local command, rest = tag:match("^#(%a+)%s+(%S+)$")
    if command == "each" or command == "if" then
      open[#open + 1] = add({ kind = command, path = rest, body = {} })
    elseif tag == "else" and open[#open].kind == "if" then
      open[#open].otherwise = {}
    elseif tag:sub(1, 1) == "/" then
      if #open == 1 or open[#open].kind ~= tag:sub(2) then
        error("{{" .. tag .. "}} closes nothing", 0)
      end
      open[#open] = nil
    elseif command or tag == "else" then
      error("unknown tag {{" .. tag .. "}}", 0)
    else
      add({ kind = "value", path = tag })
    end
  end
  if #open > 1 then
    error("{{#" .. open[#open].kind .. "}} is not closed", 0)
  end
  return root.body
end

local emit

local EMIT = {
  text = function(node, scopes, out)
    out[#out + 1] = node.text
  end,
  value = function(node, scopes, out)
    local value = lookup(scopes, node.path)
    if value ~= nil then
      out[#out + 1] = escape(value)
    end
  end,
  each = function(node, scopes, out)
    for index, item in ipairs(lookup(scopes, node.path) or {}) do
      local scope = { this = item, index = index }
      if type(item) == "table" then
        for key, value in pairs(item) do
          scope[key] = value
        end
      end
      scopes[#scopes + 1] = scope
      emit(node.body, scopes, out)
      scopes[#scopes] = nil
    end
  end,
}
EMIT["if"] = function(node, scopes, out)
  if lookup(scopes, node.path) then
    emit(node.body, scopes, out)
  elseif node.otherwise then
    emit(node.otherwise, scopes, out)
  end
end

function emit(nodes, scopes, out)
  for _, node in ipairs(nodes) do
    EMIT[node.kind](node, scopes, out)
  end
end

function render(template, values)
  local out = {}
  emit(parse(template), { values }, out)
  return table.concat(out)
end

return render(
  "<h1>{{title}}</h1>\n<ul>\n{{#each items}}  <li>{{index}}. {{name}}{{#if sold}} (sold){{else}}, {{price.amount}} EUR{{/if}}</li>\n{{/each}}</ul>\n",
  {
    title = "Tools & <more>",
    items = {
      { name = "ladder", price = { amount = 89 } },
      { name = "hammer", sold = true },
      { name = "saw", price = { amount = 24.5 } },
    },
  }
)
