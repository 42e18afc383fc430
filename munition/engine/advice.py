# SPDX-License-Identifier: MIT
"""What to do about the errors that Lua raises by itself: from its message to one sentence.

The messages are those of the reference implementation, which says what happened and seldom why. Programs may raise the
same texts themselves; then the advice is of as little use as the text, and does no harm: none of it is the program's.
"""

from __future__ import annotations

import re
from typing import Final

_MAX_LOOKED_AT: Final = 400  # of a message, which a program may make as long as it likes

_NOT_SET = "what is named has no value (nil): give it one first, or test it with 'if'"
_LIST = "there is nothing under the key in the brackets (nil): a list begins at 1 and ends at #list"
_TABLE_FUNCTIONS = "tables have no functions of their own: write table.{0}(list, ...)"
_METHODS: Final = {
    **dict.fromkeys(("insert", "remove", "concat", "sort", "unpack"), _TABLE_FUNCTIONS),
    **dict.fromkeys(("push", "append", "add"), "elements are added with table.insert(list, value)"),
    "pop": "the last element is taken away with table.remove(list)",
    "shift": "the first element is taken away with table.remove(list, 1)",
    "join": "table.concat(list, separator) joins texts",
    **dict.fromkeys(("map", "filter", "forEach", "each", "indexOf", "slice"), "Lua has no such function: loop over the table"),
    **dict.fromkeys(("contains", "includes"), "for a text: text:find(part, 1, true); for a list: loop over it"),
    **dict.fromkeys(("length", "size", "count"), "the length of a text or list is #x"),
    "split": "Lua has no such function: loop with text:gmatch(pattern)",
    **dict.fromkeys(("trim", "strip"), "Lua has no such function: write text:match('^%s*(.-)%s*$')"),
    **dict.fromkeys(("startswith", "startsWith", "starts_with"), "compare text:sub(1, #prefix)"),
    **dict.fromkeys(("endswith", "endsWith", "ends_with"), "compare text:sub(-#suffix)"),
    "replace": "it is text:gsub(pattern, replacement)",
    **dict.fromkeys(("toUpperCase", "toupper"), "it is text:upper()"),
    **dict.fromkeys(("toLowerCase", "tolower"), "it is text:lower()"),
    **dict.fromkeys(("charAt", "substring", "substr"), "it is text:sub(first, last)"),
    "toString": "it is tostring(x)",
    "keys": "loop with 'for key, value in pairs(t) do'",
}  # fmt: skip

# The first that is found is shown; "methods" stands for what `_METHODS` says, and nothing if that is silent.
_ADVICE: Final[tuple[tuple[str, str], ...]] = (
    (r"attempt to add a 'string' with|attempt to add a '\w+' with a 'string'",
     "'+' adds numbers; texts are joined with '..'"),
    (r"attempt to \w+ a 'string' with|attempt to \w+ a '\w+' with a 'string'",
     "a text counts as a number only if it looks like one: convert it with tonumber(text)"),
    (r"attempt to call a table value \(for iterator", "a loop over a table is written 'in pairs(t)' or 'in ipairs(t)'"),
    (r"attempt to call a number value \(for iterator", "a loop that counts is written 'for i = first, last do'"),
    (r"attempt to call an? \w+ value \(for iterator", "what follows 'in' must give a function, as pairs(t) does"),
    (r"bad argument #1 to 'for iterator' \(table expected, got (?:nil|no value)\)", "what was given to pairs has no value (nil)"),
    (r"attempt to .{1,30} an? \w+ value \((?:local|upvalue|global) 'self'\)",
     "'self' is what stands before the ':': call the function as object:name(...), not as object.name(...)"),
    (r"attempt to call a nil value \((?:method|field) '(\w+)'\)", "methods"),
    (r"attempt to call a nil value \(method '",
     "the object has no such method: see how it is spelled, and whether the object is what it should be"),
    (r"nil value \(field '(?:\?|integer index)'\)", _LIST),
    (r"attempt to call a nil value \(", "no function of that name is defined (nil): see how it is spelled, and that it is defined before this call"),
    (r"attempt to call a table value", "a table can be called if its metatable has __call; a function of it is called as t.name(...)"),
    (r"attempt to (?:index|concatenate|perform arithmetic on|get length of) a nil value \((?:local|global|upvalue|field) '", _NOT_SET),
    (r"attempt to concatenate a (?:table|boolean|function) value", "only texts and numbers are joined: convert the value with tostring(x)"),
    (r"bad 'for' (?:limit|initial value) \(number expected, got nil\)|'for' (?:limit|initial value) must be a number",
     "the loop counts between numbers; the length of a list is #list"),
    (r"attempt to compare (?:number with string|string with number)", "convert one of the two first, with tonumber(x) or tostring(x)"),
    (r"attempt to compare (?:nil with|\w+ with nil)", "one of the two has no value (nil)"),
    (r"attempt to compare two nil values", "both have no value (nil): a variable that was not set, or a field that is not there"),
    (r"attempt to compare two (?:table|boolean|function) values", "only numbers, and texts, have an order: compare a field of them"),
    (r"number has no integer representation", "'/' gives a float: '//' and math.floor(x) give integers"),
    (r"invalid value \(.{1,40}\) at index \d{1,20} in table for 'concat'",
     "table.concat joins texts and numbers: convert the elements with tostring(x) first"),
    (r"attempt to index a function value", "a function has no fields: was the result of a call meant, with parentheses?"),
    (r"attempt to call an? (?:number|string|boolean) value", "only functions can be called: an operator, a comma or a ';' may be missing before the '('"),
    (r"attempt to perform arithmetic on a (?:table|boolean|function) value", "only numbers can be calculated with: a field of it, or the result of a call, may be meant"),
    (r"calling '.{1,80}' on bad self", "a method is called with ':', as in object:name(...)"),
    (r"bad argument #\d{1,9} to '.{1,80}' \(\w+ expected, got no value\)", "the call has fewer arguments than the function needs"),
    (r"bad argument #\d{1,9} to '.{1,80}' \(\w+ expected, got nil\)",
     "that argument has no value (nil): a variable that was not set, a field that is not there, or a misspelled name"),
    (r"attempt to yield from outside a coroutine", "only a function that coroutine.create or coroutine.wrap was given can yield"),
)  # fmt: skip
_PATTERNS: Final = tuple((re.compile(pattern), text) for pattern, text in _ADVICE)
_IPAIRS: Final = "what was given to ipairs has no value (nil)"


def advice(message: str, traceback: str = "") -> str | None:
    """What to do about an error with this message, where there is something to say."""
    if message == "attempt to index a nil value" and "for iterator" in traceback[:_MAX_LOOKED_AT]:
        return _IPAIRS
    for pattern, text in _PATTERNS:
        found = pattern.search(message[:_MAX_LOOKED_AT])
        if found is None:
            continue
        if text != "methods":
            return text
        if found.group(1) in _METHODS:
            return _METHODS[found.group(1)].format(found.group(1))
    return None
