# SPDX-License-Identifier: MIT
"""Sources that attack the compiler: depth, size, names, and what must not show in a module."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from lupa import lua54

import munition
from munition.errors import CompileError, UsageError
from munition.wasm.reader import read_module

DEEP: Final = {
    "parentheses": "return " + "(" * 100_000 + "1" + ")" * 100_000,
    "tables": "return " + "{" * 100_000 + "}" * 100_000,
    "functions": "return " + "function() return " * 40_000 + "1" + " end" * 40_000,
}


def refusal(text: str, **options: object) -> CompileError:
    with pytest.raises(CompileError) as caught:
        munition.compile(text.encode("latin-1"), "log,time,random", **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("form", DEEP)
def test_lu_01_deep_nesting_is_a_limit(form: str) -> None:
    before = sys.getrecursionlimit()
    (diagnostic,) = refusal(DEEP[form]).diagnostics
    assert (diagnostic.code, diagnostic.kind) == ("L191", "limit")
    assert sys.getrecursionlimit() == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x=1 " * (10 << 18), "L190"),
        ("local a " * 130_000, "L194"),
        ("do local a=1 end " * 5_000, None),
    ],
    ids=["10 MiB in one line", "more locals than there may be", "many scopes"],
)
def test_lu_02_large_sources_are_limited_or_compiled(text: str, code: str | None) -> None:
    if code is None:
        munition.compile(text.encode())
        return
    (diagnostic, *_) = refusal(text).diagnostics
    assert (diagnostic.code, diagnostic.kind) == (code, "limit")


def test_lu_02_a_million_locals_and_200000_upvalues_are_limits_when_the_source_may_be_that_long() -> None:
    names = ",".join(f"a{i}" for i in range(1_000_000))
    (diagnostic,) = refusal(f"local {names}", max_source=32 << 20).diagnostics
    assert diagnostic.kind == "limit"
    scopes = "".join(
        f"local {','.join(f'v{depth}_{i}' for i in range(190))} return function() " for depth in range(30)
    )
    used = "+".join(f"v{depth}_{i}" for depth in range(30) for i in range(190))
    error = refusal(f"{scopes} return {used} {'end ' * 30}", max_source=32 << 20)
    assert {d.kind for d in error.diagnostics} == {"limit"}


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("os.execute", "process"),
        ("io.popen", "process"),
        ("os.getenv", "environment"),
        ("os.remove", "filesystem_write"),
        ("os.rename", "filesystem_write"),
        ("os.tmpname", "filesystem_write"),
        ("io.tmpfile", "filesystem_write"),
        ("io.read", "stdin"),
        ("package.loadlib", "opaque"),
    ],
)
@pytest.mark.parametrize(
    "form", ["local x\nlocal y = {n}('a')", "local f = {n}\n  return f('a')", "local a, b = 1, {n}\n  b('x')"]
)
def test_lu_03_powers_are_refused_with_a_place(name: str, capability: str, form: str) -> None:
    text = form.replace("{n}", name)
    (diagnostic,) = refusal(text).diagnostics
    assert (diagnostic.code, diagnostic.capability, diagnostic.kind) == ("C102", capability, "denied")
    assert text[diagnostic.span.start : diagnostic.span.end] in (name, "f", "b")
    assert "\n --> script:2:" in str(refusal(text))
    module = munition.compile(text.encode(), "log,time,random", denied="runtime")
    outcome = munition.fire(module, capabilities="log,time,random")
    assert outcome.kind == "guest_error"
    assert outcome.crash is not None
    assert f"'{capability}'" in outcome.crash.message


@pytest.mark.parametrize("name", ["load", "loadstring", "dofile", "loadfile", "string.dump"])
def test_lu_03_what_is_left_out_is_refused_with_a_place(name: str) -> None:
    error = refusal(f"local x\n  {name}('a')")
    assert error.diagnostics[0].code == "C103"
    assert "\n --> script:2:3" in str(error)


NAMES: Final = (
    "memory", "__munition_x", "_start", "__heap_base", "rt_state", "rt_fire", "rt_run", "lua_base_print", "__indirect_function_table",
    "main", "export", "constructor", "__proto__", "munition", "run", "input", "null", "a" * 4000,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_lu_07_names_of_the_runtime_are_free_for_scripts(name: str) -> None:
    text = f"function {name}(...) return {name!r}, ... end"
    module = munition.compile(text.encode())
    assert munition.fire(module, name, (1,)).values == (name, 1)
    exports = [e.name for e in read_module(module.wasm).exports]
    assert len(exports) == len(set(exports))


@pytest.mark.parametrize(
    "text",
    ["function " + "a" * 5000 + "() end", "".join(f"function f{i}() end " for i in range(10_001))],
    ids=["a very long name", "very many functions"],
)
def test_lu_07_what_cannot_be_listed_is_a_limit(text: str) -> None:
    (diagnostic,) = refusal(text).diagnostics
    assert (diagnostic.code, diagnostic.kind) == ("L198", "limit")


def test_lu_07_exports_of_the_runtime_cannot_be_replaced() -> None:
    text = (
        "local M = {['munition:run'] = function() return 'mine' end, ['munition:input'] = function() end}\n"
        "M['memory'] = function() end return M.memory == nil and M or nil"
    )
    module = munition.compile(text.encode())
    assert munition.fire(module).values == (None,)
    exports = [e.name for e in read_module(module.wasm).exports]
    assert sorted(exports) == ["memory", "munition:input", "munition:run"]


@pytest.mark.parametrize(
    "text",
    [
        "goto x local a ::x:: print(a)",
        "do goto x end local a ::x:: print(a)",
        "::x:: ::x::",
        "do ::x:: end goto x",
        "::x:: do ::x:: end",
        "break",
        "for i = 1, 2 do local function f() break end end",
        "function f() return ... end",
        "local a <const> = 1 a = 2",
        "local a <close>, b <close> = nil, nil",
        "repeat local x; if x then goto continue end; local y; ::continue:: until y",
    ],
)
def test_lu_08_scope_rules_are_those_of_the_reference(text: str) -> None:
    runtime = lua54.LuaRuntime(register_eval=False, register_builtins=False)
    expected = runtime.eval('function(s) return select(2, load(s, "=script")) end')(text)
    assert expected is not None
    message = refusal(text).diagnostics[0].message
    assert message.partition("'")[0].partition(" <")[0] in expected


@pytest.mark.parametrize(
    "head",
    ["1, 10, 0", "1.0, 10, 0.0", "1, {}", "'1', 2", "1, 'x'", "1, 2, nil", "0/0, 10", "1, 0/0", "9, 1, 0/0"],
)
def test_lu_08_odd_loops_do_as_in_the_reference(head: str) -> None:
    text = f"local n = 0 for i = {head} do n = n + 1 if n > 5 then break end end return n"
    runtime = lua54.LuaRuntime(register_eval=False, register_builtins=False)
    expected = runtime.eval('function(s) return select(2, pcall(load(s, "=script"))) end')(text)
    outcome = munition.fire(munition.compile(text.encode()))
    assert (outcome.crash.message if outcome.crash else outcome.values[0]) == expected


@pytest.mark.parametrize(
    ("caps", "message"),
    [
        ("Log", "log"),
        ("LOG", "log"),
        ("lgo", "log"),
        ("tiem", "time"),
        ("fs", "fs"),
        ("time,fs:/etc", "fs"),
        ("log:x", "log"),
        ("log time", "log"),
        ("log\0", "log"),
        ("process", "process"),
    ],
)
def test_lu_10_odd_capabilities_are_usage_errors(caps: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        munition.compile(b"return 1", caps)


def test_lu_10_duplicates_collapse_and_nothing_means_nothing() -> None:
    one = munition.compile(b"print(1)", "log,log,log")
    assert one.wasm == munition.compile(b"print(1)", ["log"]).wasm
    assert munition.compile(b"return 1", "").wasm == munition.compile(b"return 1").wasm
    assert munition.compile(b"return 1", "").manifest.capabilities.names == frozenset()


SCRIPT: Final = """local M = require 'lib.part'
local names = {} for k in pairs(_G) do names[#names + 1] = k end
for k, v in pairs({a = 1, b = 2, c = {d = string.format}}) do print(k, v) end
function entry(x) return M.twice(x), #names, os.time and os.time() end
local s = setmetatable({}, {__index = function(_, k) return k end, __close = print})
return {entry = entry, other = function(...) return ... end}
"""
_COMPILE: Final = """import hashlib, sys, munition
from pathlib import Path
module = munition.compile(Path(sys.argv[1]), 'log,time,random', path=[sys.argv[2]], denied='runtime')
print(hashlib.sha256(module.wasm).hexdigest())
"""


def project(folder: Path) -> tuple[Path, Path]:
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "part.lua").write_text("local M = {} function M.twice(x) return x * 2 end return M")
    (folder / "script.lua").write_text(SCRIPT)
    return folder / "script.lua", folder


def test_lu_11_the_same_source_gives_the_same_bytes_everywhere(tmp_path: Path) -> None:
    found: set[str] = set()
    for number, seed in enumerate(("0", "1", "4242")):
        script, root = project(tmp_path / f"home{number}" / "somebody")
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "USER": f"user{seed}",
            "TZ": "Asia/Tokyo",
            "LC_ALL": "C",
        }
        command = [sys.executable, "-c", _COMPILE, str(script), str(root)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=root)
        found.add(done.stdout)
    assert len(found) == 1


def test_lu_12_nothing_of_the_host_is_in_a_module(tmp_path: Path) -> None:
    script, root = project(tmp_path / "home" / "somebody-private")
    module = munition.compile(script, "log,time,random", path=[root], denied="runtime")
    names = [str(tmp_path), "somebody-private", str(Path(munition.__file__).parent), str(Path.cwd())]
    names += [str(Path.home()), f"/{getpass.getuser()}/"]
    assert [name for name in names if name.encode() in module.wasm] == []
