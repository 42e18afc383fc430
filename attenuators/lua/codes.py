# SPDX-License-Identifier: MIT
"""Every diagnostic code of the Lua front end, with the text that `munition explain CODE` prints: a title, then more.

L1xx are faults of lexing and syntax, L19x limits, L2xx faults of scope, L3xx of modules, C1xx refusals and remarks about capabilities.
Codes never change meaning; a fault that goes away leaves its number unused.
"""

from __future__ import annotations

from typing import Final

EXPLANATIONS: Final[dict[str, str]] = {
    "L101": """unexpected symbol

A token stands where Lua expects something else, usually the beginning of an expression or a statement.

    x = = 1        -- unexpected symbol near '='
    x = 1
""",
    "L102": """a token is missing

A particular token is missing.

    if x > 1       -- 'then' expected
      f()
    end
""",
    "L103": """a block or bracket is not closed

A block or bracket that was opened is never closed. The message names the line where it was opened, which is
often not where the `end` is missing: look at the indentation in between.
""",
    "L104": """an expression is not a statement

An expression stands where a statement should be. In Lua only a call can be used as a statement.

    x == 1         -- a comparison is no statement
    x = 1          -- an assignment is
    f()            -- a call is
""",
    "L105": """this cannot be assigned

The left side of an assignment must be a variable, a field (`a.b`) or an element (`a[i]`): not a call, and not
something in parentheses.
""",
    "L110": """a string is not closed

A quoted string ends on the line where it begins. Write `\\n` for a line end inside it, put a backslash before the
line end, or use a long string: [[ ... ]].
""",
    "L111": """a long string is not closed

A long string `[[ ... ]]` or `[==[ ... ]==]` is never closed. The closing bracket has as many `=` as the opening one.
""",
    "L112": """a long comment is not closed

A long comment `--[[ ... ]]` or `--[==[ ... ]==]` is never closed.""",
    "L113": """invalid long string delimiter

`[=` begins a long string only when a second `[` follows the equals signs.""",
    "L114": """malformed number

What begins with a digit must be a number: `12`, `0x1F`, `3.5e-2`, `0x.8p4`. Names cannot begin with a digit, and
`..` after a number needs a space before it (`1 ..s`).
""",
    "L115": """invalid escape sequence

A backslash in a quoted string begins an escape sequence: \\a \\b \\f \\n \\r \\t \\v \\\\ \\" \\' \\z, a line end, \\xXX with
two hexadecimal digits, \\ddd with up to three decimal digits (at most 255), \\u{XXX} with a code point below 2^31.
For a backslash itself write two of them.
""",
    "L116": """a byte that begins no token

The byte begins no token of Lua. Outside of strings and comments Lua programs are ASCII: no curly quotes, no
non-breaking spaces, no letters with accents in names.
""",
    "L190": """the source is too long

The source is longer than the compiler accepts. Data belongs into an argument of the script, not into its text.""",
    "L191": """nesting is too deep

Brackets, blocks, functions, unary operators or `^` are nested too deeply.""",
    "L192": """too many tokens

The source has more tokens than the compiler accepts.""",
    "L193": """too many functions

The source has more functions than the compiler accepts.""",
    "L194": """too many local variables

More local variables are visible at one place of one function than Lua allows (200). Put some of them into a
table, or end the scope of the earlier ones with `do ... end`.
""",
    "L195": """too many upvalues

One function uses more variables of its enclosing functions than Lua allows (255). Put them into a table.""",
    "L196": """the script and its modules are too long

The limit on the length of the source counts the script together with every module it requires.""",
    "L197": """too many modules

The script requires more modules, directly or through other modules, than the compiler accepts.""",
    "L198": """too many or too long exports

The functions that can be fired by name are listed in the module. The script has more of them, or longer names,
than a list may have. Functions declared with `local` are not listed.""",
    "L201": """no visible label for goto

`goto` can only jump to a label of the same function, in the same block or one that encloses it.""",
    "L202": """a label is defined twice

Two labels of one name are visible at the same place.""",
    "L203": """goto jumps into the scope of a local

`goto` may not jump past the declaration of a local variable into its scope. Declare it before the `goto`, or
enclose the declaration in `do ... end`. A label at the very end of a block is outside the scope of its locals.
""",
    "L204": """break outside a loop

`break` leaves the innermost `while`, `repeat` or `for`; here is none.""",
    "L205": """'...' outside a vararg function

`...` stands for the extra arguments of the function it is written in. That function does not declare any: a
function inside a vararg function has to pass them on, or be declared with `...` itself.
""",
    "L206": """assignment to a const variable

A variable declared `<const>` or `<close>` cannot be assigned.""",
    "L207": """two to-be-closed variables in one statement

One `local` statement can declare at most one `<close>` variable.""",
    "L208": """unknown attribute

The attributes of local variables are `<const>` and `<close>`.""",
    "L301": """this cannot name a module

`require` takes the name of a module: `json`, or `lib.json` for the file lib/json.lua or lib/json/init.lua. A name
has no `..`, no leading `/`, no backslash or colon, and no ending: not `./json`, not `json.lua`.
""",
    "L302": """a module was not found

The script requires a module by a constant name, and no folder given with `--path` has its file. No folder is searched
by itself, not even the script's own: `--path .` names the present one. A module that the script can do without is
required as

    local ok, json = pcall(require, "json")
""",
    "L303": """a module is a link out of its folder

The file of the module is a symbolic link, or lies behind one, that leads out of the folder given with `--path`. Only
what is inside the given folders is read.
""",
    "L304": """modules require each other in a circle

Each of these files requires the next one while it is being loaded itself, so that none could ever be finished. Call
`require` inside the function that needs the module: then it runs after all files are loaded.
""",
    "L305": """a module cannot be read

The file of the module exists but could not be read.""",
    "L306": """package.path has no effect

Modules are found when the script is compiled, in the folders given with `--path`. `package.path` is a string
like any other, and nothing reads it.
""",
    "C101": """a capability was not declared

The script calls a function that needs a capability which was not declared. Nothing is granted by itself: add it
with `--caps`, or leave the call out. A call that is guarded by the same name is accepted, and skipped at run time:

    if os.time then seed = os.time() end
""",
    "C102": """a power that cannot be granted

The script calls a function that reaches a power no munition host gives to a script: other processes, the
environment, changing files. No flag grants it. A call that is guarded by the same name is accepted:

    local home = os.getenv and os.getenv("HOME") or "/"

With `--denied=runtime` the call compiles, and raises an error that names the power when it is reached.
""",
    "C103": """a function that is left out

The script calls a function of the standard library that munition leaves out, because it would bring in code
as text or look into the machinery: load, dofile, string.dump, most of debug. Everything a module can do is decided
when it is compiled.
""",
    "C110": """a function that nothing defines

The script calls a global function that nothing in it defines and the standard library does not have. Unless
something defines it at run time, the call fails.
""",
    "C111": """a global that nothing defines

The script reads a global that nothing defines, under a name that means something in another language, or that a
function has only in some circumstances:

    return null                        -- nil in Lua, which `null` is only by accident
    function Stack.push(v) self.n = 1  -- `self` exists in functions declared as Stack:push
""",
}
