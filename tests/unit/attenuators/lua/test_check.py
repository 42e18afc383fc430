# SPDX-License-Identifier: MIT
from __future__ import annotations

from collections.abc import Callable

import pytest

from munition.attenuators.lua.check import Checked
from munition.attenuators.lua.library import ENTRIES, MEMBERS
from munition.diagnostics import Severity

Check = Callable[..., Checked]


def codes(checked: Checked) -> list[str]:
    return [d.code for d in checked.diagnostics]


NEEDS_TIME = [
    "os.time()",
    'os["time"]()',
    "(os).time()",
    "(os.time)()",
    "_G.os.time()",
    "_ENV.os.time()",
    "_G._G.os.time()",
    "local time = os.time; return time()",
    "local os <const> = os; return os.time()",
    "local o = os; local t = o.time; local u = t; return u()",
    "local time = os.time; local function f() return function() return time() end end",
    "local _ENV = _ENV; return os.time()",
    "os:time()",
    "return {os.time()}",
    "f(os.time())",
    "x = 1 + os.time()",
    "x = 'a' .. os.time()",
    "x = not os.time()",
    "x = #os.time()",
    "t[os.time()] = 1",
    "for i = os.time(), 2 do end",
    "for i in os.time() do end",
    "while os.time() do end",
    "repeat until os.time()",
    "if x then elseif os.time() then end",
    "return os.time():y()",
    "return os.time().x.y",
    "goto a ::a:: os.time()",
    "local function f() os.time() end",
    "pcall(function() os.time() end)",
    "if os.time then else os.time() end",
    "if os.clock then os.time() end",
    "if os then os.time() end",
    "return os.time or os.time()",
    "return os.clock and os.time()",
    "if not os.time then os.time() end",
    "if os.time == nil then os.time() end",
    "if os.time then end os.time()",
    "if not os.time then f() end os.time()",
    "if x or os.time then os.time() end",
    "if type(os.time) == 'nil' then os.time() end",
    "while x do if not os.time then break end end os.time()",
]


@pytest.mark.parametrize("text", NEEDS_TIME)
def test_a_visible_call_without_its_capability_is_refused(checked: Check, text: str) -> None:
    result = checked(f"local f, t, x; {text}")
    (diagnostic,) = [d for d in result.diagnostics if d.severity is Severity.ERROR]
    assert (diagnostic.code, diagnostic.kind, diagnostic.capability) == ("C101", "denied", "time")
    assert "os.time" in diagnostic.message
    assert "--caps time" in (diagnostic.help or "")
    assert "os.time" not in result.reached


@pytest.mark.parametrize("text", NEEDS_TIME)
def test_the_same_call_is_accepted_with_it(checked: Check, text: str) -> None:
    result = checked(f"local f, t, x; {text}", {"time"})
    assert codes(result) == []
    assert "os.time" in result.reached
    assert result.capabilities == {"time"}


@pytest.mark.parametrize(
    "text",
    [
        "if os.time then os.time() end",
        "if os.time and x then os.time() end",
        "if x then elseif os.time then os.time() end",
        "if os.time ~= nil then os.time() end",
        "if nil ~= os.time then os.time() end",
        "if os.time == nil then else os.time() end",
        "if not os.time then else os.time() end",
        "if not (x or not os.time) then os.time() end",
        "if type(os.time) == 'function' then os.time() end",
        "if type(os.time) ~= 'nil' then os.time() end",
        "return os.time and os.time()",
        "return os.time and x and os.time()",
        "return not os.time or os.time()",
        "return os.time and os.time() or 0",
        "while os.time do os.time() end",
        "if not os.time then return end os.time()",
        "if not os.time then error('no clock') end os.time()",
        "for i = 1, 2 do if not os.time then break end os.time() end",
        "local time = os.time; if time then time() end",
        "if os.time then local function f() return os.time() end end",
        "local time = os.time or function() return 0 end; time()",
        "local t = os.time; return t",
        "x = os.time",
        "return os",
        "os.time = function() end; os.time()",
        "os = {time = f}; os.time()",
        "function os.time() end os.time()",
        "_ENV = {}; os.time()",
        "local os = {}; os.time()",
        "local function f(os) os.time() end",
        "local _ENV = {}; os.time()",
        "for os in x do os.time() end",
    ],
)
def test_guarded_calls_reads_and_other_values_are_accepted(checked: Check, text: str) -> None:
    assert codes(checked(f"local f, x; {text}")) == []


@pytest.mark.parametrize(
    ("text", "code", "capability"),
    [
        ("print(1)", "C101", "log"),
        ("io.write('x')", "C101", "log"),
        ("os.clock()", "C101", "time"),
        ("os.date()", "C101", "time"),
        ("os.execute('ls')", "C102", "process"),
        ("io.popen('ls')", "C102", "process"),
        ("os.getenv('HOME')", "C102", "environment"),
        ("os.remove('x')", "C102", "filesystem_write"),
        ("os.rename('x', 'y')", "C102", "filesystem_write"),
        ("os.tmpname()", "C102", "filesystem_write"),
        ("io.output('x')", "C102", "filesystem_write"),
        ("io.read()", "C102", "stdin"),
        ("io.stdin:read()", "C102", "stdin"),
        ("package.loadlib('x', 'y')", "C102", "opaque"),
        ("load('x')", "C103", None),
        ("loadstring('x')", "C103", None),
        ("dofile('x')", "C103", None),
        ("loadfile('x')", "C103", None),
        ("string.dump(f)", "C103", None),
        ("debug.sethook()", "C103", None),
        ("debug.getregistry()", "C103", None),
    ],
)
def test_each_refused_power_is_named(checked: Check, text: str, code: str, capability: str | None) -> None:
    (diagnostic,) = checked(f"local f; {text}").diagnostics
    assert (diagnostic.code, diagnostic.capability) == (code, capability)
    assert diagnostic.kind == ("invalid" if capability is None else "denied")
    if capability is not None:
        assert capability in diagnostic.message


_WRITING = ["w", "a", "r+", "w+", "a+", "wb", "ab", "r+b", "w+b", "a+b"]


@pytest.mark.parametrize("mode", _WRITING)
@pytest.mark.parametrize("declared", [set[str](), {"filesystem_read"}])
@pytest.mark.parametrize(
    "form",
    [
        "io.open('x', '{m}')",
        "io.open(f(), ('{m}'), 1)",
        "io['open']('x', [[{m}]])",
        "local o = io.open local f = o('x', '{m}')",
        "local io = io io.open('x', '{m}')",
        "local i = require 'io' i.open('x', '{m}')",
        "(io.open)('x', '{m}'):write(1)",
        "_G.io.open('x', '{m}')",
        "pcall(function() io.open('x', '{m}') end)",
        "if io then io.open('x', '{m}') end",
    ],
)
def test_opening_a_file_to_change_it_is_refused_whatever_is_declared(
    checked: Check, mode: str, declared: set[str], form: str
) -> None:
    (diagnostic,) = checked(f"local f {form.replace('{m}', mode)}", declared).diagnostics
    assert (diagnostic.code, diagnostic.capability, diagnostic.kind) == ("C102", "filesystem_write", "denied")
    assert "calls io.open for writing, which needs 'filesystem_write'" in diagnostic.message
    assert "guard the call with 'if io.open then'" in (diagnostic.help or "")


@pytest.mark.parametrize(
    "text",
    [
        "io.open('x')",
        "io.open('x', 'r')",
        "io.open('x', 'rb')",
        "io.open('x', 'rw')",  # no mode at all: an error when it runs
        "io.open('x', f)",
        "io.open('w')",
        "if io.open then io.open('x', 'w') end",
        "local h = io.open and io.open('x', 'w')",
        "io.open = f io.open('x', 'w')",
        "local io = {open = f} io.open('x', 'w')",
        "local function open(...) return io.open(...) end open('x', 'w')",
        "pcall(io.open, 'x', 'w')",
    ],
)
def test_what_reads_or_cannot_be_seen_to_write_is_accepted(checked: Check, text: str) -> None:
    result = checked(f"local f {text}", {"filesystem_read"})
    assert codes(result) == []


def test_opening_for_writing_and_for_reading_are_two_refusals(checked: Check) -> None:
    result = checked("io.open('x') io.open('x', 'w') io.open('y', 'a')")
    assert codes(result) == ["C101", "C102"]
    assert "here and at one other place" in result.diagnostics[1].message


def test_a_refusal_cannot_be_granted_away(checked: Check) -> None:
    everything = {entry.capability for entry in ENTRIES.values() if entry.capability}
    result = checked("os.execute('ls') load('x')", everything)
    assert codes(result) == ["C102", "C103"]
    assert not {"os.execute", "load"} & result.reached


def test_a_name_is_reported_once_with_the_number_of_places(checked: Check) -> None:
    result = checked("print(1)\nprint(2) local p = print p(3)")
    (diagnostic,) = result.diagnostics
    assert "here and at 2 other places" in diagnostic.message
    assert (diagnostic.span.start, diagnostic.span.end) == (0, 5)


def test_denials_at_run_time_are_warnings_and_say_which_calls(checked: Check) -> None:
    text = "os.time() local e = os.execute e('ls')"
    result = checked(text, denied_at_runtime=True)
    assert [(d.code, d.severity) for d in result.diagnostics] == [
        ("C101", Severity.WARNING),
        ("C102", Severity.WARNING),
    ]
    assert {at: message.partition(" needs")[0] for at, message in result.denied_calls[0].items()} == {
        text.index("()"): "the script calls os.time, which",
        text.index("('ls')"): "the script calls os.execute, which",
    }
    assert not result.reached


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("return 1", set[str]()),
        ("return math.pi", {"math.pi"}),
        ("return ('x'):rep(3)", {"string.rep"}),
        ("local s = f() return s:upper(), s.lower", {"string.upper", "string.lower"}),
        ("pairs({})", {"pairs", "next"}),
        ("local insert = table.insert insert({}, 1)", {"table.insert"}),
        ("t[1] = t[2]", set[str]()),
        ("for i = 1, 2 do t[i] = t[i + 1] end", set[str]()),
        ("for i, v in ipairs(t) do f(t[i]) end", {"ipairs"}),
        ("t.x.y = t.z", set[str]()),
        ("print(1)", set[str]()),
    ],
)
def test_only_what_is_named_is_reached(checked: Check, text: str, names: set[str]) -> None:
    assert checked(f"local f, t; {text}").reached == names


@pytest.mark.parametrize(
    ("text", "library"),
    [
        ("f(string)", "string"),
        ("return math", "math"),
        ("x = {table}", "table"),
        ("return math[k]", "math"),
        ("local m; m = math", "math"),
        ("pairs(utf8)", "utf8"),
        ("return t[k]", "string"),
        ("return getmetatable('').__index", "string"),
        ("return (math or x)", "math"),
        ("return x and math", "math"),
        ("local a, b = f(), math return b[k]", "math"),
        ("math[k] = 1 return math", "math"),
        ("function f() return string:rep() end", "string"),
        ("for k, v in next, math do end", "math"),
    ],
)
def test_a_library_that_gets_away_is_reached_as_a_whole(checked: Check, text: str, library: str) -> None:
    reached = checked(f"local f, t, k, x; {text}").reached
    supported = {name for name in MEMBERS[library] if ENTRIES[name].status.value == "supported"}
    assert supported <= reached


@pytest.mark.parametrize(
    "text",
    [
        "return _G",
        "return _ENV",
        "_G[k]()",
        "setmetatable(_G, {})",
        "for k, v in pairs(_G) do end",
        "local g = _G; return g[k]",
        "_ENV = f(_ENV)",
        "local t = {_ENV}",
        "local function f(_ENV) return print end f(_G)",
        "rawget(_G, k)",
        "_ENV = {}",
    ],
)
def test_globals_that_get_away_reach_everything_declared_and_nothing_else(checked: Check, text: str) -> None:
    result = checked(f"local f, k; {text}", {"time"})
    assert {"os.time", "tostring", "string.format", "math.pi"} <= result.reached
    assert result.capabilities == {"time"}
    assert not {"print", "os.execute", "load", "io.write"} & result.reached


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("prnt(1)", "'prnt'", "did you mean print?"),
        ("unpack({})", "'unpack'", "table.unpack"),
        ("table.getn({})", "'table.getn'", "#t"),
        ("string.trim('x')", "'string.trim'", "string.match"),
        ("local s = string; s.fromat('x')", "'string.fromat'", "did you mean string.format?"),
        ("function total() end totl()", "'totl'", "did you mean total?"),
        ("frobnicate()", "'frobnicate'", None),
    ],
)
def test_a_call_of_nothing_is_remarked(checked: Check, text: str, message: str, advice: str | None) -> None:
    (diagnostic,) = checked(text).diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("C110", Severity.WARNING)
    assert message in diagnostic.message
    assert advice is None or advice in (diagnostic.help or "")


@pytest.mark.parametrize(
    "text",
    [
        "function f() end f()",
        "f() function f() end",
        "f = 1; f()",
        "if f then f() end",
        "local f; f()",
        "function string.trim() end string.trim()",
        "string.trim = f; string.trim()",
        "setmetatable(_G, {}) f()",
        "_ENV = {} f()",
        "arg()",
    ],
)
def test_what_may_be_defined_is_not_remarked(checked: Check, text: str) -> None:
    assert "C110" not in codes(checked(text))


def test_methods_of_globals_and_standard_strings_are_methods_of_strings(checked: Check) -> None:
    text = "x = 'abc' local y = x:upper() local z = _VERSION:match('%d') return x.len"
    assert {"string.upper", "string.match", "string.len"} <= checked(text).reached
