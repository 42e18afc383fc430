# SPDX-License-Identifier: MIT
"""The faults of a Lua source, each built by one function. What the codes mean at length is in codes.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from munition.attenuators.lua.library import standard_name
from munition.capability.names import name_of
from munition.diagnostics import Diagnostic, Severity
from munition.source import Span

_MAX_SHOWN: Final = 40


def shown(text: str) -> str:
    """Source text (bytes as Latin-1 characters) for a message: decoded, on one line, of bounded length."""
    cut = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN]
    plain = cut.encode("latin-1", "replace").decode("utf-8", "replace")
    safe = "".join(c if c.isprintable() else f"\\{ord(c)}" for c in plain)
    return safe if len(text) <= _MAX_SHOWN else safe + "..."


def _near(text: str) -> str:
    return f"near '{shown(text)}'" if text else "near <eof>"


def _limit(code: str, message: str, span: Span, advice: str | None = None) -> Diagnostic:
    return Diagnostic(code, message, span, help=advice, kind="limit")


# --- syntax: `near` is the text of the offending token, empty at the end of the source ---


def unexpected_symbol(near: str, span: Span, advice: str | None = None) -> Diagnostic:
    """A token that can begin nothing here."""
    return Diagnostic("L101", f"unexpected symbol {_near(near)}", span, help=advice)


def expected(what: str, near: str, span: Span, advice: str | None = None) -> Diagnostic:
    """A particular token is missing; `what` is quoted as the reference implementation does."""
    return Diagnostic("L102", f"{what} expected {_near(near)}", span, help=advice)


def unclosed(
    what: str, opener: str, line: int, near: str, span: Span, advice: str | None = None
) -> Diagnostic:
    """A block or bracket opened on an earlier line is not closed."""
    message = f"'{what}' expected (to close '{opener}' at line {line}) {_near(near)}"
    return Diagnostic("L103", message, span, help=advice)


def not_a_statement(near: str, span: Span, advice: str | None = None) -> Diagnostic:
    """An expression other than a call where a statement should be."""
    return Diagnostic(
        "L104",
        f"syntax error {_near(near)}",
        span,
        help=advice
        or "this is a value with which nothing is done: a statement is a call, f(x), or an assignment, x = 1",
    )


def not_assignable(near: str, span: Span) -> Diagnostic:
    """An assignment to a call or to something in parentheses."""
    return Diagnostic(
        "L105",
        f"syntax error {_near(near)}",
        span,
        help="only a variable, a field or an element can be assigned",
    )


# --- tokens ---


def unfinished_string(text: str, at_end: bool, span: Span) -> Diagnostic:
    """A quoted string without its closing quote; `at_end` says that it runs into the end of the source."""
    near = "near <eof>" if at_end else _near(text)
    advice = f"close it with {text[0]} on the same line, or use [[ ... ]]"
    if text.endswith("\\" + text[0]):
        advice = (
            "the backslash takes the closing quote into the text: for a backslash itself write two of them"
        )
    return Diagnostic("L110", f"unfinished string {near}", span, help=advice)


def unfinished_long_string(opener: str, line: int, span: Span) -> Diagnostic:
    """A long string without its closing bracket."""
    message = f"unfinished long string (starting at line {line}) near <eof>"
    return Diagnostic("L111", message, span, help=f"close it with {_closing(opener)}")


def unfinished_comment(opener: str, line: int, span: Span) -> Diagnostic:
    """A long comment without its closing bracket."""
    message = f"unfinished long comment (starting at line {line}) near <eof>"
    return Diagnostic("L112", message, span, help=f"close it with {_closing(opener)}")


def _closing(opener: str) -> str:
    return shown(opener.lstrip("-").replace("[", "]"))


def bad_long_delimiter(text: str, span: Span) -> Diagnostic:
    """`[=` without a second bracket."""
    return Diagnostic("L113", f"invalid long string delimiter {_near(text)}", span)


def malformed_number(text: str, span: Span) -> Diagnostic:
    """Something that begins like a number and is none."""
    advice = "a name cannot begin with a digit, and what follows a number needs a space before it"
    if ".." in text:
        advice = "put a space before '..'"
    elif text.count(".") > 1:
        advice = "a number has one decimal point"
    elif "_" in text:
        advice = "digits are written without '_' between them"
    elif text[:2] in {"0b", "0B"}:
        advice = 'there are no binary numbers: write it as 0x..., or tonumber("101", 2)'
    return Diagnostic("L114", f"malformed number {_near(text)}", span, help=advice)


def bad_escape(problem: str, text: str, at: int, span: Span) -> Diagnostic:
    """An escape sequence that does not exist; `text` is the literal as far as it was read, `at` where the escape begins."""
    advice = "for a backslash itself write two of them"
    letter = text[at + 1 : at + 2]
    if letter and letter in _PATTERN_LETTERS:
        advice = f"patterns are written with '%': %{letter}; {advice}"
    text = text if len(text) <= _MAX_SHOWN else text[at:]
    return Diagnostic("L115", f"{problem} {_near(text)}", span, help=advice)


_PATTERN_LETTERS: Final = "dDsSwW.+*?()[]"


def unexpected_byte(text: str, span: Span) -> Diagnostic:
    """A byte that begins no token; `text` is it and what follows."""
    advice = _BYTE_HINTS.get(text[:3]) or _BYTE_HINTS.get(text[:2]) or _BYTE_HINTS.get(text[0])
    if text[0] > "\x7f":
        start = text.encode("latin-1").decode("utf-8", "ignore")[:1]
        advice = _LETTER_HINTS.get(start) or (_NAMES if start.isalpha() else _ONLY_ASCII)
    name = text[0] if " " < text[0] <= "~" else f"<\\{ord(text[0])}>"
    return Diagnostic("L116", f"unexpected symbol near '{name}'", span, help=advice)


_ONLY_ASCII: Final = "outside of strings and comments Lua is ASCII"
_NAMES: Final = "a name has only letters without accents (a to z, A to Z), digits and '_'"
_BYTE_HINTS: Final = {
    "!": "negation is written 'not x'",
    "!=": "inequality is written '~='",
    "```": "remove the Markdown fence: only what is between its lines belongs to the script",
    "??": "a value in place of nil is written 'a or b'",
    "?.": "a field of what may be nil is written 'a and a.b'",
    "`": "strings are quoted with \" or ', long ones with [[ ]]; build text with '..' or string.format",
    "?": "Lua has no conditional operator: write 'condition and a or b', or an if statement",
    "@": "Lua has no decorators or annotations; comments begin with '--'",
    "\\": "there is no line continuation: a statement may simply go on in the next line",
    "$": "a '$' cannot be part of a name",
}
_LETTER_HINTS: Final = (
    dict.fromkeys("\u2018\u2019\u201a\u201c\u201d\u201e", "replace the curly quotes by \" or '")
    | dict.fromkeys("\u00ab\u00bb\u2032\u2033\u00b4", "texts are quoted with \" or '")
    | dict.fromkeys("\u2002\u2003\u2009\u200a\u202f\u3000", "replace the unusual space by a plain one")
    | dict.fromkeys("\ufeff\u200b\u200c\u200d\u2060\u00ad", "remove the invisible character that stands here")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "replace the dash by '-'")
    | dict.fromkeys(
        "\uff08\uff09\uff0c\uff1b\uff1a\uff1d", "replace the wide character by the plain one of ASCII"
    )
    | {
        "\u00a0": "replace the non-breaking space by a space",
        "\u2260": "inequality is written '~='",
        "\u2264": "it is written '<='",
        "\u2265": "it is written '>='",
        "\u00d7": "multiplication is written '*'",
        "\u2192": "a function value is written 'function(x) return ... end'",
        "\u2026": "an ellipsis is written as three dots",
    }
)


# --- limits ---


def source_too_long(size: int, limit: int) -> Diagnostic:
    """More bytes than the limit."""
    message = f"the source has {size} bytes; the limit is {limit}"
    return _limit("L190", message, Span(0, 0), "move data out of the script, into its arguments")


def nested_too_deeply(limit: int, span: Span) -> Diagnostic:
    """More levels of nesting than the limit."""
    return _limit("L191", f"too many levels of nesting (limit is {limit})", span)


def too_many_tokens(limit: int, span: Span) -> Diagnostic:
    """More tokens than the limit; `span` is the first beyond it."""
    return _limit("L192", f"the source has more than {limit} tokens", span)


def too_many_functions(limit: int, span: Span) -> Diagnostic:
    """More functions than the limit."""
    return _limit("L193", f"the source has more than {limit} functions", span)


def too_many_locals(limit: int, function: str, span: Span) -> Diagnostic:
    """More visible locals in one function than the limit."""
    return _limit("L194", f"too many local variables (limit is {limit}) in {function}", span)


def too_many_upvalues(limit: int, function: str, span: Span) -> Diagnostic:
    """More captured variables in one function than the limit."""
    return _limit("L195", f"too many upvalues (limit is {limit}) in {function}", span)


def modules_too_long(file: str, limit: int, span: Span) -> Diagnostic:
    """The script and its modules have more bytes than the limit; `file` is the one that does not fit any more."""
    message = f"with {shown(file)} the script and its modules have more than {limit} bytes"
    return _limit("L196", message, span, "raise the limit with --max-source SIZE, or leave modules out")


def too_many_modules(limit: int, span: Span) -> Diagnostic:
    """More modules than the limit."""
    return _limit("L197", f"the script requires more than {limit} modules", span)


def too_much_to_declare(why: str) -> Diagnostic:
    """The manifest would exceed what its readers accept: too many exported functions, or names without measure."""
    return _limit("L198", why, Span(0, 0), "declare functions that nobody fires by name as local")


# --- scope ---


def no_label(name: str, span: Span) -> Diagnostic:
    """A `goto` without a visible label."""
    advice = None
    if name == "continue":
        advice = (
            "Lua has no 'continue': put '::continue::' at the end of the loop's body for this goto to work"
        )
    return Diagnostic("L201", f"no visible label '{shown(name)}' for <goto>", span, help=advice)


def label_twice(name: str, line: int, span: Span) -> Diagnostic:
    """A label that is already visible."""
    message = f"label '{shown(name)}' already defined on line {line}"
    return Diagnostic("L202", message, span, help="give one of the two another name")


def jump_into_scope(label: str, line: int, local: str, span: Span) -> Diagnostic:
    """A `goto` (at `line`) past a declaration into its scope."""
    message = f"<goto {shown(label)}> at line {line} jumps into the scope of local '{shown(local)}'"
    return Diagnostic(
        "L203",
        message,
        span,
        help=f"declare '{shown(local)}' before the goto, or end its scope before the label",
    )


def break_outside_loop(span: Span) -> Diagnostic:
    """A `break` that no loop encloses."""
    return Diagnostic(
        "L204", "break outside loop", span, help="leave a function with 'return', a block with 'goto'"
    )


def vararg_outside(span: Span) -> Diagnostic:
    """`...` in a function that does not take extra arguments."""
    return Diagnostic(
        "L205",
        "cannot use '...' outside a vararg function",
        span,
        help="add '...' to the parameters of this function, or keep those of the outer one: local args = {...}",
    )


def assigned_constant(name: str, span: Span) -> Diagnostic:
    """An assignment to a `<const>` or `<close>` variable."""
    advice = "declare it without <const> or <close>, or use another variable"
    return Diagnostic("L206", f"attempt to assign to const variable '{shown(name)}'", span, help=advice)


def close_twice(span: Span) -> Diagnostic:
    """Two `<close>` variables in one statement."""
    return Diagnostic(
        "L207",
        "multiple to-be-closed variables in local list",
        span,
        help="use one 'local' statement for each",
    )


def unknown_attribute(attribute: str, span: Span) -> Diagnostic:
    """An attribute other than `const` and `close`."""
    return Diagnostic(
        "L208", f"unknown attribute '{shown(attribute)}'", span, help="the attributes are <const> and <close>"
    )


# --- capabilities ---


def undeclared(function: str, capability: str, span: Span, severity: Severity) -> Diagnostic:
    """A call of a function whose capability was not declared."""
    return Diagnostic(
        "C101",
        f"the script calls {function}, which needs the capability '{capability}'",
        span,
        severity,
        help=f"add it with --caps {_form(capability)}, or guard the call with 'if {_guard(function)} then'",
        capability=capability,
        kind="denied",
    )


def _form(capability: str) -> str:
    """How a capability is written, with the parameter that a grant of it needs."""
    known = name_of(capability)
    form = known.form if known is not None else ""
    return f"{capability}:{form}" if form else capability


def _guard(function: str) -> str:
    return standard_name(function)


def with_others(diagnostic: Diagnostic, others: int) -> Diagnostic:
    """The diagnostic, saying that it applies to other places too."""
    if not others:
        return diagnostic
    count = "one other place" if others == 1 else f"{others} other places"
    message = f"{diagnostic.message} (here and at {count})"
    return replace(diagnostic, message=message)


def ungrantable(
    function: str, capability: str, reason: str, span: Span, severity: Severity, advice: str | None = None
) -> Diagnostic:
    """A call of a function whose power no host gives."""
    return Diagnostic(
        "C102",
        f"the script calls {function}, which needs '{capability}': {reason}",
        span,
        severity,
        help=f"nothing grants it; {advice or 'remove the call'}, or guard the call with 'if {_guard(function)} then'",
        capability=capability,
        kind="denied",
    )


def left_out(
    function: str, reason: str, span: Span, severity: Severity, advice: str | None = None
) -> Diagnostic:
    """A call of a function that munition leaves out of the language."""
    advice = advice or f"remove the call, or guard it with 'if {function} then'"
    return Diagnostic("C103", f"{function} is not available: {reason}", span, severity, help=advice)


def undefined_function(name: str, advice: str | None, span: Span) -> Diagnostic:
    """A call of a global that nothing defines."""
    return Diagnostic(
        "C110", f"nothing in the script defines '{shown(name)}'", span, Severity.WARNING, help=advice
    )


def undefined_value(name: str, advice: str, span: Span) -> Diagnostic:
    """A global that nothing defines, under a name that has a meaning in other languages."""
    message = f"nothing in the script defines '{shown(name)}', so it is nil here"
    return Diagnostic("C111", message, span, Severity.WARNING, help=advice)


# --- modules ---


def no_module_name(name: str, span: Span) -> Diagnostic:
    """`require` of something that is no name of a module."""
    advice = "write a module's name as in 'folder.file', without '..', a leading '/' or an ending"
    return Diagnostic("L301", f"'{shown(name)}' cannot be the name of a module", span, help=advice)


def no_module(
    name: str, looked: tuple[str, ...], near: str | None, span: Span, *, has_roots: bool
) -> Diagnostic:
    """`require` of a module that is in none of the folders; `near` is a module that is."""
    advice = _INSTEAD.get(name)
    if advice is None and near is not None:
        advice = f"did you mean '{near}'?"
    if advice is None and has_roots:
        advice = (
            f"looked for {' and '.join(shown(place) for place in looked)} in the folders given with --path"
        )
    if advice is None:
        advice = f"give the folder that holds {shown(looked[0])} with --path DIR; none is searched by itself"
    return Diagnostic("L302", f"module '{shown(name)}' not found", span, help=advice)


_NATIVE: Final = "it is written in C, and native code cannot be loaded"
_INSTEAD: Final = dict.fromkeys(("bit", "bit32"), "Lua 5.4 has operators for this: & | ~ << >>") | {
    "lfs": f"{_NATIVE}; 'munition.fs' lists directories, with the capability filesystem_read",
    "ffi": f"{_NATIVE}; ffi belongs to LuaJIT",
    "jit": "it belongs to LuaJIT; leave it out",
    "lpeg": f"{_NATIVE}; LuLPeg is a version in Lua that can be given with --path",
    "cjson": f"{_NATIVE}; give a JSON module written in Lua with --path",
    "cjson.safe": f"{_NATIVE}; give a JSON module written in Lua with --path",
    "posix": _NATIVE,
    "munition": "there are 'munition.log', 'munition.fs' and 'munition.http'",
    **dict.fromkeys(
        ("socket", "socket.http", "ssl", "ssl.https", "http"),
        f"{_NATIVE}; 'munition.http' makes requests, with the capability http",
    ),
}


def module_outside(name: str, file: str, span: Span) -> Diagnostic:
    """A module's file is a link out of the folder it was found in."""
    message = f"module '{shown(name)}' is a link that leads out of the folder it was found in ({shown(file)})"
    return Diagnostic("L303", message, span, help="give the folder that really holds it with --path DIR")


def modules_in_a_circle(names: tuple[str, ...], span: Span) -> Diagnostic:
    """Modules that need each other before any of them is loaded."""
    message = f"modules require each other in a circle: {' -> '.join(shown(name) for name in names)}"
    advice = "call require inside the function that needs the module, or move what both need into a third one"
    return Diagnostic("L304", message, span, help=advice)


def unreadable_module(file: str, why: str, span: Span) -> Diagnostic:
    """A module's file that exists cannot be read."""
    return Diagnostic("L305", f"the module {shown(file)} cannot be read: {shown(why)}", span)


def path_is_fixed(span: Span) -> Diagnostic:
    """An assignment to `package.path`, which nothing reads."""
    return Diagnostic(
        "L306",
        "package.path has no effect",
        span,
        Severity.WARNING,
        help="modules are found when the script is compiled, in the folders given with --path DIR",
    )
