# SPDX-License-Identifier: MIT
"""`require`: what is bundled, and how it behaves at run time."""

from __future__ import annotations

import hashlib
import math

import pytest

import munition
from munition.attenuator import Options
from munition.attenuators.lua.attenuator import ATTENUATOR
from munition.capability.model import CapabilitySet
from munition.engine.asked import Isolation
from munition.errors import CompileError
from munition.host.log import Record
from munition.source import Source
from tests.support.lua_projects import Project, refused, run

# --- what is found ---


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("m.lua", "m"),
        ("a/b.lua", "a.b"),
        ("a/b.lua", "a/b"),
        ("a/init.lua", "a"),
        ("a/b/init.lua", "a.b"),
        ("é.lua", "é"),
    ],
)
def test_a_module_is_called_with_its_name_and_its_file(project: Project, file: str, name: str) -> None:
    root = project({file: "return {...}"})
    assert run(root, f"local m, data = require {name!r} return m[1], m[2], data") == (name, file, file)


def test_the_file_is_preferred_to_the_folder_and_earlier_roots_to_later_ones(project: Project) -> None:
    root = project(
        {
            "one/m.lua": "return 1",
            "one/m/init.lua": "return 2",
            "two/m.lua": "return 3",
            "two/n.lua": "return 4",
        }
    )
    module = munition.compile(b"return require 'm', (require 'n')", path=[root / "one", root / "two"])
    assert munition.fire(module).values == (1, 4)


def test_a_module_runs_once_and_is_kept(project: Project) -> None:
    root = project({"m.lua": "n = (n or 0) + 1 return {}"})
    assert run(root, "return require 'm' == require 'm', package.loaded.m == require('m'), n") == (
        True,
        True,
        1,
    )
    second = "local a, x = require 'm' local b, y = require 'm' return x, y"
    assert run(root, second) == ("m.lua", None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", True),
        ("return nil", True),
        ("return false", False),
        ("package.loaded[...] = 7", 7),
        ("return 1, 2", 1),
    ],
)
def test_what_a_module_returns_is_its_value(project: Project, text: str, value: object) -> None:
    root = project({"m.lua": text})
    assert run(root, "return (require 'm')") == (value,)


def test_a_module_that_is_forgotten_is_loaded_anew_with_variables_of_its_own(project: Project) -> None:
    root = project({"m.lua": "local n = 0 local function f() n = n + 1 return n end return f"})
    text = (
        "local a = require 'm' a() a() package.loaded.m = nil local b = require 'm' return a(), b(), a == b"
    )
    assert run(root, text) == (3, 1, False)


def test_modules_share_globals_and_have_locals_of_their_own(project: Project) -> None:
    root = project(
        {
            "m.lua": "local x = 1 shared = 2 function bump() x = x + 1 return x end return function() return x end"
        }
    )
    assert run(root, "local x = 10 local get = require 'm' bump() bump() return x, shared, get()") == (
        10,
        2,
        3,
    )


def test_a_module_may_replace_its_environment(project: Project) -> None:
    root = project({"m.lua": "local _ENV = {} function f() return 1 end x = 2 return _ENV"})
    assert run(root, "local m = require 'm' return m.f(), m.x, f, x") == (1, 2, None, None)
    root = project({"n.lua": "local g = _G _ENV = {} y = 3 function get() return y end return get"})
    assert run(root, "return require('n')(), y") == (3, None)


def test_modules_require_modules_and_lazy_circles_are_no_circles(project: Project) -> None:
    root = project({
        "a.lua": "local M = {} function M.name() return require('b').name() .. 'a' end function M.own() return 'A' end return M",
        "b.lua": "local a = require 'a' return {name = function() return a.own() end}",
    })  # fmt: skip
    assert run(root, "return require('a').name()") == ("Aa",)


def test_exports_and_arguments_are_those_of_the_script(project: Project) -> None:
    root = project(
        {"m.lua": "function helper() return 'helper' end local M = {} function M.inner() end return M"}
    )
    module = munition.compile(
        b"local m = require 'm' function main(...) return helper(), ... end", path=[root]
    )
    assert [e.name for e in module.manifest.exports] == ["main"]
    assert munition.fire(module, "main", (1,)).values == ("helper", 1)


def test_the_manifest_lists_what_was_bundled(project: Project) -> None:
    root = project({"a.lua": "require 'sub.b'", "sub/b.lua": "return 1"})
    module = munition.compile(b"require 'a'", path=[root])
    listed = [(m.name, m.source_name, m.source_sha256) for m in module.manifest.modules]
    assert listed == [
        ("a", "a.lua", hashlib.sha256(b"require 'sub.b'").hexdigest()),
        ("sub.b", "sub/b.lua", hashlib.sha256(b"return 1").hexdigest()),
    ]
    assert [source.name for source in module.modules] == ["a.lua", "sub/b.lua"]


def test_a_library_is_found_under_its_name() -> None:
    text = b"local s = require 'string' return s == string, require '_G' == _G, s.rep('x', 2), require('math').pi > 3"
    assert munition.fire(munition.compile(text)).values == (True, True, "xx", True)


def test_log_records_come_from_a_module_of_munition() -> None:
    text = b"local log = require 'munition.log' log.info('hi', {n = 1}) log.error('no')"
    with pytest.raises(CompileError) as caught:
        munition.compile(text)
    assert [d.capability for d in caught.value.diagnostics] == ["log", "log"]
    outcome = munition.fire(munition.compile(text, "log"), capabilities="log")
    records = [entry for entry in outcome.log if isinstance(entry, Record)]
    assert [(r.level, r.message, r.fields) for r in records] == [
        ("info", "hi", {"n": 1}),
        ("error", "no", {}),
    ]
    assert munition.fire(munition.compile(b"return munition", "log")).values == (None,)


# --- names at run time ---


def test_a_name_at_run_time_finds_what_is_bundled_only(project: Project) -> None:
    root = project({"m.lua": "return 1", "other.lua": "return 2"})
    text = (
        "require 'm' local a = require('m' .. '') local ok, e = pcall(require, 'oth' .. 'er') return a, ok, e"
    )
    found = run(root, text)
    assert found[:2] == (1, False)
    assert found[2].startswith("module 'other' not found:\n\tno field package.preload['other']\n\tno file ")


def test_the_error_has_the_position_of_the_call() -> None:
    outcome = munition.fire(munition.compile(b"\nlocal n = 'x'\nrequire(n)"))
    assert outcome.crash is not None
    assert outcome.crash.message.startswith("script:3: module 'x' not found:")


@pytest.mark.parametrize("bad", ["", "nil", "{}", "print == 1"])
def test_require_wants_a_string(bad: str) -> None:
    outcome = munition.fire(munition.compile(f"local x = {bad or 'nil'} require(x)".encode()))
    assert outcome.crash is not None
    assert "bad argument #1 to 'require' (string expected, got " in outcome.crash.message


def test_loaders_of_the_program_come_before_files(project: Project) -> None:
    root = project({"m.lua": "return 'file'"})
    text = "package.preload.m = function(...) return table.concat({...}, ' ') end return require 'm'"
    assert run(root, text) == ("m :preload:", ":preload:")
    assert munition.fire(
        munition.compile(b"package.preload['x.y'] = function() return 5 end return (require 'x.y')")
    ).values == (5,)


def test_an_error_of_a_module_is_raised_and_the_next_try_loads_again(project: Project) -> None:
    root = project({"m.lua": "n = (n or 0) + 1 if n < 2 then error('not yet') end return n"})
    assert run(root, "local ok, e = pcall(require, 'm') return ok, e, (require 'm')") == (
        False,
        "m.lua:1: not yet",
        2,
    )


_COUNTER = "local n = 0 tries = (tries or 0) + 1 fs = fs or {} fs[tries] = function() n = n + 1 return n end "


@pytest.mark.parametrize(
    "text",
    [
        "pcall(require, 'm') fs[1]() fs[1]() require 'm'",
        "pcall(function() require 'm' end) fs[1]() fs[1]() require 'm'",
        "local function get() return require 'm' end pcall(get) fs[1]() fs[1]() require 'm'",
        "coroutine.resume(coroutine.create(function() require 'm' end)) fs[1]() fs[1]() require 'm'",
        "local r = require pcall(r, 'm') fs[1]() fs[1]() require 'm'",
        "pcall(require, 'outer') fs[1]() fs[1]() require 'm'",
    ],
)
def test_a_module_that_failed_leaves_its_variables_to_what_it_made(project: Project, text: str) -> None:
    root = project({"m.lua": _COUNTER + "if tries < 2 then error('no') end", "outer.lua": "require 'm'"})
    assert run(root, text + " return fs[1](), fs[2](), fs[2]()") == (3, 1, 2)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("require 'm' fs[1]() fs[1]() require 'm'", "return false"),
        ("require 'm' fs[1]() fs[1]() require 'm'", "local M = false if tries > 5 then M = 1 end return M"),
        ("for i = 1, 2 do require 'm' if i == 1 then fs[1]() fs[1]() end end", "return not tries"),
        ("require 'outer' fs[1]() fs[1]() require 'm'", "do if tries then return false end end return {}"),
        (
            "local i = 0 ::again:: i = i + 1 require 'm' if i == 1 then fs[1]() fs[1]() goto again end",
            "return false",
        ),
    ],
)
def test_a_module_that_returns_false_is_loaded_again(project: Project, text: str, end: str) -> None:
    root = project({"m.lua": _COUNTER + end, "outer.lua": "require 'm'"})
    assert run(root, text + " return fs[1](), fs[2](), fs[2]()") == (3, 1, 2)


@pytest.mark.parametrize(
    ("script", "end", "is_fixed"),
    [
        ("require 'm' require 'm'", "", True),
        ("require 'm' require 'm'", "return nil", True),
        ("require 'm' require 'm'", "local M = {} return M", True),
        ("require 'm' require 'm'", "return setmetatable({}, {})", True),
        ("require 'm'", "return tries", True),
        ("require 'm' require 'm'", "return tries", False),
        ("setmetatable = nil require 'm' require 'm'", "return setmetatable({}, {})", False),
        ("pcall(require, 'm')", "", False),
        ("function f() require 'm' end", "", False),
        ("require 'm' local n = 'm' require(n)", "", False),
        ("require 'm' package.loaded.m = nil", "", False),
    ],
)
def test_variables_of_a_module_have_a_fixed_place_if_it_runs_once(
    project: Project, script: str, end: str, is_fixed: bool
) -> None:
    root = project({"m.lua": "local n = 0 function bump() n = n + 1 end bump() " + end})
    text = ATTENUATOR.show(Source("s.lua", script.encode()), Options(CapabilitySet(), path=(root,)), "ir")
    assert ("statics 0" not in text) == is_fixed


def test_a_name_at_run_time_finds_the_libraries_that_are_named() -> None:
    text = (
        "local n = 'math' local s = ('x'):rep(2) local t = table.pack "
        "local function try(...) return (select(2, pcall(require, table.concat({...})))) end "
        "return require(n).pi, try('str', 'ing').upper('a'), try('tab', 'le').unpack({5}), try('o', 's')"
    )
    *found, missing = munition.fire(munition.compile(text.encode())).values
    assert found == [math.pi, "A", 5]
    assert str(missing).startswith("module 'os' not found:")


def test_a_name_at_run_time_does_not_bring_the_whole_library(project: Project) -> None:
    root = project({"m.lua": "return 1"})
    fixed = munition.compile(b"return require 'm'", path=[root])
    free = munition.compile(
        b"local function r(n) return require(n) end require 'm' return r('m')", path=[root]
    )
    assert len(free.wasm) < len(fixed.wasm) + 8000


def test_a_circle_at_run_time_is_an_error(project: Project) -> None:
    root = project({"a.lua": "local n = 'a' return require(n)"})
    outcome = munition.fire(munition.compile(b"return require 'a'", path=[root]))
    assert outcome.crash is not None
    assert outcome.crash.message == "a.lua:1: loop or previous error loading module 'a'"


def test_a_module_cannot_be_suspended_while_it_loads(project: Project) -> None:
    root = project({"m.lua": "coroutine.yield(1)"})
    assert run(root, "return coroutine.wrap(function() return pcall(require, 'm') end)()") == (
        False,
        "attempt to yield across a C-call boundary",
    )


# --- where things went wrong ---


def test_errors_and_tracebacks_name_the_file(project: Project) -> None:
    root = project({"lib/m.lua": "local M = {}\nfunction M.f(t)\n  return t.x.y\nend\nreturn M"})
    module = munition.compile(b"local m = require 'lib.m'\nm.f({})", path=[root], name="main.lua")
    crash = munition.fire(module).crash
    assert crash is not None
    assert crash.error is not None
    assert crash.message == "lib/m.lua:3: attempt to index a nil value (field 'x')"
    assert crash.error.traceback.split("\n\t")[1:] == [
        "lib/m.lua:3: in function 'lib.m.f'",
        "main.lua:2: in main chunk",
    ]


@pytest.mark.parametrize("isolation", ["process", "thread"])
@pytest.mark.parametrize(
    ("text", "script", "place"),
    [
        ("\n\nerror('x')", "require 'a.m'", (3, "a/m.lua")),
        ("return function() local t\n t.x = 1 end", "\n\nrequire 'a.m'()", (2, "a/m.lua")),
        ("return function() error('x', 2) end", "\n\nrequire 'a.m'()", (3, None)),
        ("error({})", "require 'a.m'", (None, None)),
        ("error('other.lua:5: x', 0)", "require 'a.m'", (None, None)),
        ("error('a/m.lua:x: y', 0)", "require 'a.m'", (None, None)),
    ],
)
def test_the_place_of_an_error_has_its_file(
    project: Project, text: str, script: str, place: tuple[int | None, str | None], isolation: Isolation
) -> None:
    root = project({"a/m.lua": text})
    outcome = munition.fire(munition.compile(script.encode(), path=[root]), isolation=isolation)
    assert outcome.crash is not None
    assert outcome.crash.error is not None
    assert (outcome.crash.error.line, outcome.crash.error.file) == place


def test_frames_of_a_crash_name_the_file(project: Project) -> None:
    root = project({"m.lua": "return function()\n  while true do end\nend"})
    module = munition.compile(b"\nrequire 'm'()", path=[root])
    crash = munition.fire(module, fuel=100_000).crash
    assert crash is not None
    placed = [(frame.file, frame.line) for frame in crash.frames if frame.line]
    assert placed == [("m.lua", 2), (None, 2)]


def test_diagnostics_carry_the_text_they_are_about(project: Project) -> None:
    root = project({"m.lua": "local x = 1\nos.execute('x')", "n.lua": "x = = 1", "o.lua": "goto nowhere"})
    (found,) = refused(root, "require 'm'")
    assert found.source is not None
    assert (found.source.name, found.source.line_of(found.span.start), found.capability) == (
        "m.lua",
        2,
        "process",
    )
    both = refused(root, "require 'n' require 'o' require 'p'")
    assert [(d.code, d.source.name if d.source else None) for d in both] == [
        ("L101", "n.lua"),
        ("L201", "o.lua"),
        ("L302", None),
    ]


def test_capabilities_of_modules_are_those_of_the_program(project: Project) -> None:
    root = project({"m.lua": "return {now = os.time}"})
    assert run(root, "return require('m').now == nil") == (True,)
    assert run(root, "return require('m').now() > 0", "time") == (True,)
    root = project({"n.lua": "function os.time() return 5 end"})
    assert run(root, "require 'n' return os.time()") == (5,)


def test_refused_calls_of_modules_are_errors_at_run_time_if_so_wished(project: Project) -> None:
    root = project({"m.lua": "return function() os.execute('x') end"})
    module = munition.compile(b"local m = require 'm' return pcall(m)", path=[root], denied="runtime")
    ok, message = munition.fire(module).values
    assert ok is False
    assert isinstance(message, str)
    assert message.startswith("m.lua:1: the script calls os.execute, which needs 'process'")
