-- A subset of Markdown to HTML, and a template engine (sections, inverted sections, partials, filters, escaping).
local function escape(text)
  return (text:gsub("[&<>\"]", {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;"}))
end

-- inline markup: code spans and links are put aside, so that nothing inside of them is read again
local function inline(text)
  local kept = {}
  local function keep(html)
    kept[#kept + 1] = html
    return "\1" .. #kept .. "\2"
  end
  text = text:gsub("\\([%p])", function(c) return keep(escape(c)) end)
  text = text:gsub("(`+)(.-)%1", function(_, code) return keep("<code>" .. escape(code:match("^%s*(.-)%s*$")) .. "</code>") end)
  text = text:gsub("!%[([^%]]*)%]%(([^%s%)]+)%)", function(alt, url)
    return keep(('<img src="%s" alt="%s">'):format(escape(url), escape(alt)))
  end)
  text = text:gsub("%[([^%]]+)%]%((%S-)%s*\"?([^\"%)]*)\"?%)", function(label, url, title)
    local attribute = title ~= "" and (' title="%s"'):format(escape(title)) or ""
    return keep(('<a href="%s"%s>'):format(escape(url), attribute)) .. label .. keep("</a>")
  end)
  text = text:gsub("<(https?://[^%s>]+)>", function(url) return keep(('<a href="%s">%s</a>'):format(escape(url), escape(url))) end)
  text = escape(text)
  text = text:gsub("%*%*(%S.-)%*%*", "<strong>%1</strong>"):gsub("__(%S.-)__", "<strong>%1</strong>")
  text = text:gsub("%*(%S[^*]*)%*", "<em>%1</em>"):gsub("%f[%w_]_(%S[^_]*)_%f[^%w_]", "<em>%1</em>")
  text = text:gsub("~~(.-)~~", "<del>%1</del>"):gsub("  \n", "<br>\n")
  repeat
    local n
    text, n = text:gsub("\1(%d+)\2", function(i) return kept[tonumber(i)] end)
  until n == 0
  return text
end

local blocks
local function lines_of(text)
  local out = {}
  for line in (text:gsub("\r\n?", "\n") .. "\n"):gmatch("(.-)\n") do out[#out + 1] = (line:gsub("\t", "    ")) end
  return out
end

local function list_item(line)
  local indent, mark, rest = line:match("^(%s*)([-*+])%s+(.*)$")
  if not mark then
    indent, mark, rest = line:match("^(%s*)(%d+[.)])%s+(.*)$")
  end
  if mark then return #indent, mark:find("%d") and "ol" or "ul", rest, tonumber(mark:match("%d+")) end
end

local function read_list(lines, at, out)
  local base, kind, _, start = list_item(lines[at])
  out[#out + 1] = kind == "ol" and start ~= 1 and ('<ol start="%d">'):format(start) or "<" .. kind .. ">"
  while at <= #lines do
    local indent, k, rest = list_item(lines[at])
    if not k or indent ~= base or k ~= kind then break end
    local inner = {rest}
    at = at + 1
    while at <= #lines do
      local line = lines[at]
      local deeper = list_item(line)
      if line:match("^%s*$") then
        local next_line = lines[at + 1]
        if not next_line or #next_line:match("^%s*") <= base then break end
        inner[#inner + 1] = ""
      elseif deeper and deeper > base or #line:match("^%s*") > base + 1 then
        inner[#inner + 1] = line:sub(base + 3)
      elseif deeper then
        break
      else
        inner[#inner + 1] = line
      end
      at = at + 1
    end
    local html = blocks(inner)
    if #html == 1 or html[2] and html[2]:find("^<[ou]l") then html[1] = html[1]:gsub("^<p>(.*)</p>$", "%1") end
    out[#out + 1] = "<li>" .. table.concat(html, "\n") .. "</li>"
    if lines[at] and lines[at]:match("^%s*$") and lines[at + 1] and list_item(lines[at + 1]) == base then at = at + 1 end
  end
  out[#out + 1] = "</" .. kind .. ">"
  return at
end

local function cells(line)
  local out = {}
  for cell in line:gsub("^%s*|", ""):gsub("|%s*$", ""):gsub("$", "|"):gmatch("%s*(.-)%s*|") do out[#out + 1] = cell end
  return out
end

local function read_table(lines, at, out)
  local head, align = cells(lines[at]), {}
  for i, rule in ipairs(cells(lines[at + 1])) do
    align[i] = rule:match("^:.*:$") and "center" or rule:match(":$") and "right" or rule:match("^:") and "left" or nil
  end
  local function row(values, tag)
    local parts = {}
    for i = 1, #head do
      local style = align[i] and (' align="%s"'):format(align[i]) or ""
      parts[i] = ("<%s%s>%s</%s>"):format(tag, style, inline(values[i] or ""), tag)
    end
    return "<tr>" .. table.concat(parts) .. "</tr>"
  end
  out[#out + 1] = "<table>\n" .. row(head, "th")
  at = at + 2
  while lines[at] and lines[at]:find("|") do
    out[#out + 1] = row(cells(lines[at]), "td")
    at = at + 1
  end
  out[#out + 1] = "</table>"
  return at
end

function blocks(lines)
  local out, at = {}, 1
  while at <= #lines do
    local line = lines[at]
    local level, title = line:match("^(#+)%s+(.-)%s*#*$")
    local fence, language = line:match("^(```+)%s*(%w*)$")
    if line:match("^%s*$") then
      at = at + 1
    elseif level and #level <= 6 then
      out[#out + 1] = ("<h%d>%s</h%d>"):format(#level, inline(title), #level)
      at = at + 1
    elseif fence then
      local code = {}
      at = at + 1
      while lines[at] and lines[at] ~= fence do
        code[#code + 1] = escape(lines[at])
        at = at + 1
      end
      at = at + 1
      local class = language ~= "" and (' class="language-%s"'):format(language) or ""
      out[#out + 1] = ("<pre><code%s>%s</code></pre>"):format(class, table.concat(code, "\n"))
    elseif line:match("^%s*[-*_]%s*[-*_]%s*[-*_][-*_%s]*$") then
      out[#out + 1] = "<hr>"
      at = at + 1
    elseif line:match("^>") then
      local inner = {}
      while lines[at] and lines[at]:match("^>") do
        inner[#inner + 1] = lines[at]:gsub("^>%s?", "")
        at = at + 1
      end
      out[#out + 1] = "<blockquote>\n" .. table.concat(blocks(inner), "\n") .. "\n</blockquote>"
    elseif list_item(line) then
      at = read_list(lines, at, out)
    elseif line:find("|") and lines[at + 1] and lines[at + 1]:match("^[%s|:-]+$") and lines[at + 1]:find("-") then
      at = read_table(lines, at, out)
    else
      local paragraph = {}
      while lines[at] and not lines[at]:match("^%s*$") and not lines[at]:match("^[>#]") and not list_item(lines[at]) do
        if lines[at]:match("^=+$") and #paragraph > 0 then
          out[#out + 1] = "<h1>" .. inline(table.concat(paragraph, "\n")) .. "</h1>"
          paragraph = {}
          at = at + 1
          goto done
        end
        paragraph[#paragraph + 1] = lines[at]
        at = at + 1
      end
      out[#out + 1] = "<p>" .. inline(table.concat(paragraph, "\n")) .. "</p>"
      ::done::
    end
  end
  return out
end
local function markdown(text) return table.concat(blocks(lines_of(text)), "\n") end

print(markdown [==[
Title & more
============

A paragraph with *emphasis*, **strong *nested* text**, `code <b> *x*`, ``a ` b`` and a\*b.
Second line with [a link](http://x.org/?a=1&b=2 "the title") and ![img](i.png).  
After a break <https://lua.org> ~~gone~~ snake_case_name _em_ 1 < 2 && "q".

## Lists ##
- one
- two
  continued
  1. inner
  2. second *em*
     - deepest
- three

3. three
4. four

> quoted
> > twice
> - in a list

```lua
local x = a < b and "c" -- *no em*
```

* * *
| name | n | c |
|:-----|--:|:-:|
| `a`  | 1 | x |
| b & c | 22 |
last]==])

-- templates
local filters = {
  upper = string.upper,
  trim = function(s) return (s:gsub("^%s+", ""):gsub("%s+$", "")) end,
  default = function(s, d) return s == "" and d or s end,
  pad = function(s, n) return ("%" .. n .. "s"):format(s) end,
  money = function(s) return ("%.2f"):format(s) end,
  join = function(v, sep) return type(v) == "table" and table.concat(v, sep) or tostring(v) end,
}
local Template = {}
Template.__index = Template

local function parse(source)
  local root = {kind = "root"}
  local stack = {root}
  local at, line = 1, 1
  local function add(node) local top = stack[#stack] top[#top + 1] = node end
  while true do
    local first, last, body = source:find("{{(.-)}}", at)
    local text = source:sub(at, (first or 0) - 1)
    if text ~= "" then add({kind = "text", text = text}) end
    if not first then break end
    line = line + select(2, text:gsub("\n", ""))
    local sigil, rest = body:match("^%s*([#^/>!&]?)%s*(.-)%s*$")
    if sigil == "#" or sigil == "^" then
      local node = {kind = sigil == "#" and "section" or "inverted", name = rest, line = line}
      add(node)
      stack[#stack + 1] = node
    elseif sigil == "/" then
      local open = table.remove(stack)
      if open == root or open.name ~= rest then
        error(("line %d: unexpected {{/%s}}, open is %s"):format(line, rest, open.name or "nothing"), 0)
      end
    elseif sigil == ">" then
      add({kind = "partial", name = rest})
    elseif sigil ~= "!" then
      local node = {kind = "value", raw = sigil == "&", filters = {}}
      local parts = {}
      for part in (rest .. "|"):gmatch("%s*(.-)%s*|") do parts[#parts + 1] = part end
      node.name = table.remove(parts, 1)
      for _, part in ipairs(parts) do
        local name, argument = part:match("^(%w+):?(.*)$")
        if not filters[name] then error(("line %d: no filter '%s'"):format(line, part), 0) end
        node.filters[#node.filters + 1] = {filters[name], argument ~= "" and argument or nil}
      end
      add(node)
    end
    at = last + 1
  end
  if #stack > 1 then error(("line %d: {{#%s}} is not closed"):format(stack[#stack].line, stack[#stack].name), 0) end
  return root
end

local function lookup(scopes, path)
  if path == "." then return scopes[#scopes] end
  local first, rest = path:match("^([^.]+)%.?(.*)$")
  for i = #scopes, 1, -1 do
    local scope = scopes[i]
    local value = type(scope) == "table" and scope[first]
    if value ~= nil and value ~= false or type(scope) == "table" and scope[first] == false then
      for key in rest:gmatch("[^.]+") do
        if type(value) ~= "table" then return nil end
        value = value[tonumber(key) or key]
      end
      return value
    end
  end
end

local render
local render_by = {
  text = function(node, scopes, out) out[#out + 1] = node.text end,
  value = function(node, scopes, out)
    local value = lookup(scopes, node.name)
    if type(value) == "function" then value = value(scopes[#scopes]) end
    if value == nil then value = "" end
    for _, filter in ipairs(node.filters) do value = filter[1](value, filter[2]) end
    value = tostring(value)
    out[#out + 1] = node.raw and value or escape(value)
  end,
  section = function(node, scopes, out, partials)
    local value = lookup(scopes, node.name)
    if type(value) == "function" then
      local inner = {}
      render(node, scopes, inner, partials)
      out[#out + 1] = value(table.concat(inner))
    elseif type(value) == "table" and (#value > 0 or next(value) == nil) then
      for i, item in ipairs(value) do
        scopes[#scopes + 1] = setmetatable({index = i, last = i == #value}, {__index = type(item) == "table" and item or nil})
        scopes[#scopes + 1] = item
        render(node, scopes, out, partials)
        scopes[#scopes], scopes[#scopes - 1] = nil, nil
      end
    elseif value then
      scopes[#scopes + 1] = value
      render(node, scopes, out, partials)
      scopes[#scopes] = nil
    end
  end,
  inverted = function(node, scopes, out, partials)
    local value = lookup(scopes, node.name)
    if not value or type(value) == "table" and next(value) == nil then render(node, scopes, out, partials) end
  end,
  partial = function(node, scopes, out, partials)
    local partial = partials[node.name]
    if not partial then error("no partial '" .. node.name .. "'", 0) end
    render(partial, scopes, out, partials)
  end,
}
function render(node, scopes, out, partials)
  for _, child in ipairs(node) do render_by[child.kind](child, scopes, out, partials) end
end
local function template(source, partials)
  local parsed = {}
  for name, text in pairs(partials or {}) do parsed[name] = parse(text) end
  local root = parse(source)
  return function(data)
    local out = {}
    render(root, {data}, out, parsed)
    return table.concat(out)
  end
end

local invoice = template([[
Invoice for {{customer.name | upper}} ({{&customer.name}}) {{! a comment }}
{{#items}}
{{index}}. {{name | pad:8}} {{cents | money}}{{^last}},{{/last}} {{#tags}}<{{.}}>{{/tags}}{{^tags}}no tags{{/tags}}
{{/items}}
{{^items}}nothing{{/items}}{{#paid}}PAID{{/paid}}{{^paid}}open{{/paid}} {{missing | default:none}} {{customer.address.1}} {{list | join:+}}
{{#bold}}{{> foot}}{{/bold}}]], {foot = "-- {{sender}}{{#deep}} {{a.b.c}}{{/deep}} --"})
print(invoice {
  customer = {name = "Smith & <Sons>", address = {"Street 1", "Town"}}, sender = function(s) return "me" end, paid = false, list = {1, 2, 3},
  items = {{name = "pen", cents = 1.5, tags = {"a", "b"}}, {name = "ink", cents = 20, tags = {}}, {name = "x\"y", cents = 0.125}},
  bold = function(text) return "<b>" .. text .. "</b>" end, deep = {a = {b = {c = "deep"}}},
})
print(invoice({customer = {name = "x"}, items = {}, paid = true, bold = tostring, sender = 5}))
for _, bad in ipairs {"{{#a}}", "{{/a}}", "x\n\n{{#a}}{{/b}}", "{{a | nope}}", "{{> gone}}", "{{#a}}{{#b}}{{/a}}{{/b}}"} do
  print(pcall(function() return template(bad)({}) end))
end
