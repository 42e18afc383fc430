# SPDX-License-Identifier: MIT
"""Words of other languages, and what Lua has in their place: the tables that help with a mistake is taken from."""

from __future__ import annotations

from typing import Final

_LOCAL: Final = "variables are declared with 'local', without a type"
_FUNCTION: Final = "functions are declared with 'function name(...) ... end'"
_REQUIRE: Final = "modules are loaded with 'local name = require \"name\"'"
_ERRORS: Final = "errors are raised with error(...) and caught with pcall(...)"
_NO_SWITCH: Final = "Lua has no 'switch': use if/elseif, or a table of functions"
_TABLE: Final = "Lua has no '{}': use a table"
_END: Final = "a block ends with 'end'"
_COUNT: Final = "write #t for a list; other tables have to be counted in a loop"
_PARENTHESES: Final = "write '{}(...)', with parentheses"

# A word at the beginning of a statement that goes on with something else than a call's arguments.
AHEAD: Final[dict[str, str]] = (
    dict.fromkeys(("const", "let", "var", "my"), "variables are declared with 'local'")
    | dict.fromkeys(
        ("int", "integer", "float", "double", "number", "string", "bool", "boolean", "auto", "char", "long", "void"), _LOCAL
    )
    | dict.fromkeys(("def", "fn", "func", "fun", "sub", "procedure", "proc"), _FUNCTION)
    | dict.fromkeys(("public", "private", "protected", "static"), "leave '{}' out: 'local' hides a name, its absence shows it")
    | dict.fromkeys(("import", "from", "using", "include"), _REQUIRE)
    | dict.fromkeys(("elif", "elsif"), "'{}' is written 'elseif'")
    | dict.fromkeys(("switch", "case", "match"), _NO_SWITCH)
    | dict.fromkeys(("try", "catch", "except", "finally", "throw", "raise"), f"Lua has no '{{}}': {_ERRORS}")
    | dict.fromkeys(("print", "require", "error", "assert", "tostring", "type"), _PARENTHESES)
    | dict.fromkeys(("echo", "puts", "printf"), "text is printed with 'print(...)'")
    | dict.fromkeys(("enum", "struct", "interface", "record"), _TABLE)
    | dict.fromkeys(("endif", "fi", "done", "endfor", "endwhile", "endfunction", "wend", "esac"), _END)
    | dict.fromkeys(("del", "delete"), "a field is removed with 't.name = nil', an element of a list with table.remove(t, i)")
    | {
        "continue": "Lua has no 'continue': use 'goto continue' and a label '::continue::' at the loop's end",
        "class": "Lua has no classes: use a table with a metatable",
        "pass": "an empty block needs no word: leave 'pass' out",
        "with": "Lua has no 'with': a value with a metamethod __close is closed by 'local name <close> = value'",
        "global": "what is not declared 'local' is global: write 'name = value'",
        "export": "leave 'export' out: global functions, and those of the table the file returns, can be called by name",
        "async": "Lua has no 'async': leave it out, or use a coroutine (coroutine.create)",
        "await": "Lua has no 'await': leave it out, or use a coroutine (coroutine.create)",
        "begin": "a block begins with 'then' or 'do', without 'begin'",
        "unless": "Lua has no 'unless': write 'if not'",
        "foreach": "write 'for k, v in pairs(t) do'",
        "loop": "write 'while true do'",
        "defer": "Lua has no 'defer': a value with a metamethod __close is closed by 'local name <close> = value'",
    }
)  # fmt: skip
AHEAD.update({word: text.format(word) for word, text in AHEAD.items()})

# A word in front of a value, wherever it stands.
AFTER: Final[dict[str, str]] = {
    "yield": "it is written coroutine.yield(...)",
    "typeof": "it is written type(...)",
    "mod": "the remainder is written 'x % y'",
    "div": "division to an integer is written 'x // y'",
    "xor": "it is written 'x ~ y'",
}

# Names of older versions and near misses, with what Lua 5.4 has instead.
REPLACEMENTS: Final[dict[str, str]] = {
    "unpack": "it is table.unpack since Lua 5.2",
    "setfenv": "environments are the variable _ENV since Lua 5.2",
    "getfenv": "environments are the variable _ENV since Lua 5.2",
    "module": "modules are tables that a file returns, since Lua 5.2",
    "newproxy": "use a table with a metatable",
    "table.getn": "write #t",
    "table.maxn": "write #t",
    "table.foreach": "write 'for k, v in pairs(t) do'",
    "table.foreachi": "write 'for i, v in ipairs(t) do'",
    "string.gfind": "it is string.gmatch",
    "math.pow": "write x ^ y",
    "math.mod": "it is math.fmod",
    "math.log10": "write math.log(x, 10)",
    "math.ldexp": "write m * 2.0 ^ e",
    "math.round": "write math.floor(x + 0.5)",
    "math.sinh": "write (math.exp(x) - math.exp(-x)) / 2",
    "math.cosh": "write (math.exp(x) + math.exp(-x)) / 2",
    "table.length": "write #t",
    "table.contains": "Lua has no such function: loop over the table",
    "table.copy": "Lua has no such function: loop over the table",
    "string.split": "Lua has no such function: loop with string.gmatch",
    "string.trim": "Lua has no such function: use string.match(s, '^%s*(.-)%s*$')",
    "string.startswith": "Lua has no such function: compare string.sub(s, 1, #prefix)",
    "printf": "write print(string.format(...))",
    "len": "write #x",
    "str": "it is tostring",
    "int": "it is math.tointeger or tonumber",
    "string.endswith": "Lua has no such function: compare string.sub(s, -#suffix)",
    "string.contains": "Lua has no such function: write string.find(s, part, 1, true)",
    "string.replace": "it is string.gsub, whose second argument is a pattern",
    "string.join": "it is table.concat(list, separator)",
    "table.join": "it is table.concat(list, separator)",
    "table.push": "it is table.insert",
    "table.append": "it is table.insert",
    "table.pop": "it is table.remove",
    "table.size": _COUNT,
    "table.count": _COUNT,
    "table.len": _COUNT,
    **dict.fromkeys(
        (
            "table.map",
            "table.filter",
            "table.find",
            "table.indexOf",
            "table.slice",
            "table.merge",
            "table.clone",
            "table.keys",
        ),
        "Lua has no such function: loop over the table",
    ),
    "math.trunc": "write math.tointeger(x // 1), or math.modf(x)",
    "math.sign": "write x > 0 and 1 or x < 0 and -1 or 0",
    "math.clamp": "write math.max(low, math.min(x, high))",
    "range": "count with 'for i = first, last do'",
    "enumerate": "write 'for i, v in ipairs(t) do'",
    "sorted": "table.sort(t) sorts a list in place",
    "isinstance": "compare type(x) with the name of a type, or getmetatable(x) with a class",
    "typeof": "it is type",
    "parseInt": "it is tonumber, and math.tointeger for an integer",
    "parseFloat": "it is tonumber",
    "float": "it is tonumber",
    "input": "a script gets its input as arguments (... and arg)",
    "throw": _ERRORS,
    "raise": _ERRORS,
    "try": _ERRORS,
    "catch": _ERRORS,
    "import": _REQUIRE,
    "include": _REQUIRE,
    "sleep": "a script cannot wait",
    "sprintf": "it is string.format",
    "echo": "it is print",
    "f": "define it; or, if it was meant as the prefix of a string, build the text with string.format",
}

# Globals that nothing defines and that say what their author had in mind.
SLIPS: Final[dict[str, str]] = (
    dict.fromkeys(("null", "NULL", "Null", "None", "undefined", "Nil", "NIL"), "Lua writes nil")
    | dict.fromkeys(("True", "TRUE"), "Lua writes true")
    | dict.fromkeys(("False", "FALSE"), "Lua writes false")
    | dict.fromkeys(("NaN", "nan"), "write 0/0")
    | dict.fromkeys(("Infinity", "inf"), "it is math.huge")
    | {
        "self": "only a function declared with ':' has it (function T:name()), or one that takes it as a parameter",
        "new": "Lua has no 'new': an object is made by calling a function, as in Class.new(...)",
        "await": "Lua has no 'await': leave it out, or use a coroutine (coroutine.create)",
        "console": "text is printed with print",
        "Math": "the library is called math",
        "JSON": "values come in as arguments and go out as results; a JSON module in Lua can be given with --path",
        "module": "a module is the table that its file returns",
        "exports": "a module is the table that its file returns",
        "this": "it is self, in a function declared with ':' (function T:name())",
    }
)

_CHOOSE: Final = "use a function, or a table of functions to choose from"
_REQUIRE_FILE: Final = "use require, and give the file's folder with --path DIR"
# What to do instead of a use that cannot be had.
ADVICE: Final[dict[str, str]] = {
    "load": _CHOOSE, "loadstring": _CHOOSE, "loadfile": _REQUIRE_FILE, "dofile": _REQUIRE_FILE,
    "os.getenv": "pass the value to the script as an argument",
    "io.read": "take the value from the arguments, as in 'local name = ...'",
    "io.open for writing": "return what the file should hold, or print it",
    "os.execute": "leave the call out: what the other program does has to happen outside",
    "debug.getmetatable": "use getmetatable, which a field __metatable can hide a metatable from",
    "debug.setmetatable": "use setmetatable, which is for tables",
    "io.popen": "leave the call out, and pass its output to the script as an argument",
}  # fmt: skip
