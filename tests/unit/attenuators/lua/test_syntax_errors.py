# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.attenuators.lua.codes import EXPLANATIONS
from munition.attenuators.lua.parse import parse
from munition.diagnostics import Diagnostic, render
from munition.source import Source


def fault(text: str) -> Diagnostic:
    parsed = parse(Source("test.lua", text.encode()))
    assert parsed.chunk is None
    assert len(parsed.diagnostics) == 1
    return parsed.diagnostics[0]


# Each message is also compared with PUC-Lua's in test_oracle.py; here it is fixed, with the place.
MESSAGES = [
    ("x = = 1", "unexpected symbol near '='", 4),
    ("if x > 1 f() end", "'then' expected near 'f'", 9),
    ("x y", "syntax error near 'y'", 2),
    ("x + 1", "syntax error near '+'", 2),
    ("f() + 1", "unexpected symbol near '+'", 4),
    ("1", "unexpected symbol near '1'", 0),
    ("local 1", "<name> expected near '1'", 6),
    ("function (", "<name> expected near '('", 9),
    ("function f x", "'(' expected near 'x'", 11),
    ("function f(1)", "<name> or '...' expected near '1'", 11),
    ("function f(a b)", "')' expected near 'b'", 13),
    ("x, y", "'=' expected near <eof>", 4),
    ("x, {}", "unexpected symbol near '{'", 3),
    ("x, f() = 1", "syntax error near '='", 7),
    ("(x) = 1", "syntax error near '='", 4),
    ("x, (y) z()", "syntax error near 'z'", 7),
    ("x, y{} z()", "syntax error near 'z'", 7),
    ("(f) x", "syntax error near 'x'", 4),
    ("a.b:c = 1", "function arguments expected near '='", 6),
    ("t = {1 2}", "'}' expected near '2'", 7),
    ("t = {[1] 2}", "'=' expected near '2'", 9),
    (":: a b", "'::' expected near 'b'", 5),
    ("local x <foo", "'>' expected near <eof>", 12),
    ("repeat x() end", "'until' expected near 'end'", 11),
    ("for x y", "'=' or 'in' expected near 'y'", 6),
    ("for i=1 do", "',' expected near 'do'", 8),
    ("for i, j = 1", "'in' expected near '='", 9),
    ("return 1 2", "<eof> expected near '2'", 9),
    ("if x then return 1 2 end", "'end' expected near '2'", 19),
    ("end", "<eof> expected near 'end'", 0),
    ("if x then until", "'end' expected near 'until'", 10),
    ("x = 3x", "malformed number near '3x'", 4),
    ("x = 'a", "unfinished string near <eof>", 4),
    (r'x = "abc\x"', r"""hexadecimal digit expected near '"abc\x"'""", 8),
    (r'x = "\x5', r"""hexadecimal digit expected near '"\x5'""", 5),
    (r'x = "a\xAG', r"""hexadecimal digit expected near '"a\xAG'""", 6),
    (r"x = 'a\gb'", r"""invalid escape sequence near ''a\g'""", 6),
    (r"x = '\2567'", r"""decimal escape too large near ''\2567'""", 5),
    (r"x = '\u1'", r"""missing '{' near ''\u1'""", 5),
    (r"x = '\u{}'", r"""hexadecimal digit expected near ''\u{}'""", 5),
    (r"x = '\u{1'", r"""missing '}' near ''\u{1''""", 5),
    (r"x = '\u{1", r"""missing '}' near ''\u{1'""", 5),
    (r"x = '\u{0080000000}'", r"""UTF-8 value too large near ''\u{0080000000'""", 5),
    (r"x = '\u{123456789}'", r"""UTF-8 value too large near ''\u{123456789'""", 5),
    (f"x = '{'a' * 100}" + r"\g'", r"invalid escape sequence near '\g'", 105),
    ("if x then\n y()\n", "'end' expected (to close 'if' at line 1) near <eof>", 15),
    ("\nwhile x do\n y()", "'end' expected (to close 'while' at line 2) near <eof>", 16),
    ("for i=1,2 do\n do y() end\n", "'end' expected (to close 'for' at line 1) near <eof>", 25),
    ("do\n x()\n until y", "'end' expected (to close 'do' at line 1) near 'until'", 9),
    ("if a then\n elseif y then\n z()\n until", "'end' expected (to close 'if' at line 1) near 'until'", 31),
    ("repeat\n y()\n", "'until' expected (to close 'repeat' at line 1) near <eof>", 12),
    ("x = function()\n if a then\n end\n", "'end' expected (to close 'function' at line 1) near <eof>", 31),
    ("f(\n1 2", "')' expected (to close '(' at line 1) near '2'", 5),
    ("t={\n1 2", "'}' expected (to close '{' at line 1) near '2'", 6),
]


@pytest.mark.parametrize(("text", "message", "offset"), MESSAGES)
def test_the_message_says_what_was_expected_and_where(text: str, message: str, offset: int) -> None:
    diagnostic = fault(text)
    assert (diagnostic.message, diagnostic.span.start) == (message, offset)
    assert diagnostic.code in EXPLANATIONS
    assert diagnostic.kind == "invalid"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("if x = 1 then end", "'=='"),
        ("while x = 1 do end", "'=='"),
        ("f(x = 1)", "'=='"),
        ("x == 1", "'='"),
        ("x = = 1", "'=='"),
        ("x += 1", "x = x + y"),
        ("x ..= 'a'", "x = x .. y"),
        ("total -= f()", "total = total - y"),
        ("t.x += 1", "x = x + y"),
        ("x++", "x = x + 1"),
        ("if a != b then end", "~="),
        ("x = a && b", "'and'"),
        ("x = a || b", "'or'"),
        ("x = !a", "not x"),
        ("let x = 1", "local"),
        ("const x = 1", "local"),
        ("var x = 1", "local"),
        ("for i = 1, 2 do continue end", "goto continue"),
        ("if a then f() else if b then g() end", "elseif"),
        ("elif x", "elseif"),
        ("def f(x)", "function"),
        ("import os", "require"),
        ("try f()", "pcall"),
        ("class A", "metatable"),
        ("switch x", "if/elseif"),
        ("print 1", "parentheses"),
        ("if x { f() }", "then"),
        ("if x: f()", "then"),
        ("while x then f() end", "'do'"),
        ("if x do f() end", "'then'"),
        ("f() }", "'end'"),
        ("x = `a`", "quoted"),
        ("x = a ? b : c", "and a or b"),
        ("t = {a: 1}", "name = value"),
        ('t = {"a": 1}', "name = value"),
        ("x = (a) => a", "function(x)"),
        ("local end = 1", "reserved"),
        ("t = {1 2}", "','"),
        ("f(1 2)", "','"),
        ("end", "too many"),
        ("a.b:c = 1", "'.'"),
        ("return {a: 1}", "name = value"),
        ("@decorator", "annotations"),
        ("i--\nf()", "i = i - 1"),
        ("else: f()", "no block is open"),
        ("if a then f() else: g() end", "without ':'"),
        ("if a then f() else then g() end", "without 'then'"),
        ("print('it's')", "quote inside"),
        ("print('it's on')", "quote inside"),
        ("x = '''abc'''", "[[ ... ]]"),
        ("x = 'a' 'b'", "'..'"),
        ("print('a' 'b')", "'..'"),
        ("print 'a' .. b", "parentheses"),
        ("do return 1 f() end", "last statement"),
        ("return 1 2", "last statement"),
        ("do return if x then y() end end", "last statement"),
        ("function f(a = 1) end", "a = a or"),
        ("f(a = 1)", "f{a = ...}"),
        ("t[1 = 2", "needs its ']'"),
        ("x := 1", "'='"),
        ("x = a === b", "'=='"),
        ("if a <> b then end", "~="),
        ("i = ++j", "x + 1"),
        ("x = yield 1", "coroutine.yield"),
        ("x = 5 mod 2", "x % y"),
        ("/* a */", "--[["),
        ("x = 1 # one", "'--'"),
        ("x = 1 // one two", "'--'"),
        ("local {a} = t", "t.a"),
        ("x = lambda a: a + 1", "function(x)"),
        ("f = (a, b) -> a", "function(a, b)"),
        ("f = (a) -> a", "function(x)"),
        ("function f() { x() }", "without braces"),
        ("if (x) { f() }\n", "without braces"),
        ("if (x) {\n f()\n g()\n}", "without braces"),
        ("for k in t: f()\n", "not with ':'"),
        ("x = {[1]: 2}", "name = value"),
        ("local x: number = 1", "annotations"),
        ("function f(a: number) end", "annotations"),
        ("function f(a): number end", "a type"),
        ("local t.x = 1", "without 'local'"),
        ("local f() = 1", "local function"),
        ("x = function f() end", "no name"),
        ("local function a.b() end", "leave 'local' out"),
        ("function t[1]() end", "= function"),
        ("function() end", "needs a name"),
        ("function my-name() end", "letters"),
        ("for (i = 1, 2) do end", "without parentheses"),
        ("for i = 1 to 2 do end", "first, last"),
        ("for k, v of t do end", "in pairs(t)"),
        ("x = y if z else w", "and a or b"),
        ("if then f() end", "condition"),
        ("x = 1 +", "ends here"),
        ("f(1 +)", "missing after '+'"),
        ("f(1,)", "too many"),
        ("x = if a then 1 end", "no value"),
        ("x = {local y = 1}", "statement"),
        ("if (a)) then end", "too many"),
        ("f(1))", "one ')' too many"),
        ("t.end = 1", '["end"]'),
        ("goto = 1", "'goto' is a reserved word"),
        ("x = t.\nlocal y", "after '.'"),
        ("t.1 = 2", "t[1]"),
        ("function f(...rest) end", "{...}"),
        ("x = {...t}", "table.unpack"),
        ("x = y = 1", "one statement for each"),
        ("local a = 1, b = 2", "a, b = 1, 2"),
        ("x = {'a' = 1}", "in brackets"),
        ("f(x += 1)", "Lua has no '+='"),
        ("obj.done\nfoo()", "nothing is done"),
        ("x = {i for i in t}", "comprehensions"),
        ("x = s[1:2]", "sub"),
        ("if x in t then end", "~= nil"),
        ("if x not in t then end", "~= nil"),
        ("> f()", "prompt"),
        ("this is prose", "between 'this' and 'is'"),
        ("-5", "cannot begin"),
        ("```lua\nf()", "Markdown"),
        ("x = a ?? b", "a or b"),
        ("x = a?.b", "a and a.b"),
        ("caf\u00e9 = 1", "accents"),
        ("x = \u200b1", "invisible"),
        ("x = 1 \u2013 2", "dash"),
        ("x = \u00ab1", "quoted"),
        ("x = '\\d'", "%d"),
        ("x = 'C:\\'", "backslash"),
        ("x = 1_000", "'_'"),
        ("x = 0b1", "binary"),
        ("x = 1.2.3", "one decimal point"),
        ("x = 3px", "cannot begin with a digit"),
        ("unless x then f() end", "if not"),
        ("end if", "no block is open"),
        ("if x then f() endif", "'end'"),
        ("async function f() end", "coroutine"),
        ("pass", "leave 'pass' out"),
        ("del t.x", "= nil"),
        ("int x = 1", "without a type"),
        ("f(function() g()\n)", "'function' at line 1"),
        ("t = {f = function() return 1}", "'function' at line 1"),
    ],
)
def test_typical_mistakes_come_with_advice(text: str, advice: str) -> None:
    assert advice in (fault(text).help or "")


def test_a_missing_end_is_looked_for_where_the_indentation_says() -> None:
    text = """function f(x)
  for i = 1, x do
    if x then
      g(x)
  end
  return x
end
"""
    diagnostic = fault(text)
    assert diagnostic.message == "'end' expected (to close 'function' at line 1) near <eof>"
    assert diagnostic.help == "the 'if' at line 3 may lack its 'end': the 'end' at line 5 stands further left"


def test_no_block_is_suspected_when_the_indentation_fits() -> None:
    text = "function f()\n  while x do y() end\n  repeat\n    z()\n  until q\n"
    assert fault(text).help is None


def test_a_function_beside_an_open_block_gives_it_away() -> None:
    text = "local function f()\n  if x then\n    y()\n  end\n\nlocal function g()\nend\n"
    assert fault(text).help == (
        "the 'function' at line 1 may lack its 'end': the function at line 6 stands no further right"
    )


def test_the_line_of_the_else_if_is_named() -> None:
    text = "if a then\n  f()\nelse if b then\n  g()\nend\n"
    assert "'else if' at line 3" in (fault(text).help or "")


@pytest.mark.parametrize(
    "text",
    ["x = {" + "{" * 150 + " y z", "x = " + "f(" * 150 + " a b", "'" + "a" * 5_000 + "' b c", "x{}{ = 1"],
)
def test_advice_takes_any_text(text: str) -> None:
    assert fault(text).code in EXPLANATIONS


def test_braces_in_a_token_are_shown_as_they_are() -> None:
    assert "between '1' and ''{before}''" in (fault("x = 1 '{before}'").help or "")


def test_a_syntax_error_is_reported_before_a_bad_token_that_follows_it() -> None:
    assert fault("x = = 3x").message == "unexpected symbol near '='"


def test_the_diagnostic_is_shown_with_its_line() -> None:
    source = Source("shop.lua", b"local total = 0\nif total = 0 then\nend\n")
    shown = render(parse(source).diagnostics[0], source)
    assert shown.splitlines()[:5] == [
        "error[L102]: 'then' expected near '='",
        " --> shop.lua:2:10",
        "  |",
        "2 | if total = 0 then",
        "  |          ^",
    ]


def test_hostile_text_is_shown_tamely() -> None:
    long = fault("x = 1 '" + "a" * 100_000 + "'").message
    assert len(long) < 100
    escape = fault("x = 1 '\x1b[31m'").message
    assert escape.isprintable()
    binary = parse(Source("x", b"x = 1 '\xff\xfe'")).diagnostics[0].message
    assert binary.isprintable()
