# SPDX-License-Identifier: MIT
"""Scripts that attack at run time: powers by detours, bombs of memory and of time."""

from __future__ import annotations

from random import Random
from typing import Final

import pytest
import wasmtime

import munition
from munition.wasm.reader import read_module
from tests.support.lua_programs import program

DETOURS: Final = (
    'return _G["o" .. "s"]["ex" .. "ecute"]',
    'return _G["o" .. "s"]["ti" .. "me"]',
    'return rawget(_G, "pri" .. "nt")',
    'return rawget(rawget(_G, "i" .. "o"), "wri" .. "te")',
    'local e = _ENV return e["i" .. "o"]["pop" .. "en"]',
    'local e = _ENV _ENV = {} return e["lo" .. "ad"]',
    'local function f(_ENV) return print end return f(_G)',
    'for k, v in pairs(_G) do if k == "pr" .. "int" then return v end end',
    'for k, v in pairs(os) do if k == "time" or k == "clock" or k == "getenv" then return v end end',
    'local k = next(io) while k do if k == "write" or k == "stdout" then return k end k = next(io, k) end',
    'return getmetatable("").__index["dum" .. "p"]',
    'return getmetatable("").__index.format and nil',
    'return (("x").rep and nil) or ("x")["du" .. "mp"]',
    'return require("o" .. "s").time or require("i" .. "o").write',
    'return package.loaded["o" .. "s"].clock or package.loaded.io.write',
    'return package.loaded._G["pr" .. "int"]',
    'return (select(2, pcall(require, "munition.lo" .. "g"))).info',
    'return debug["get" .. "registry"] or debug["get" .. "upvalue"] or debug["set" .. "metatable"]',
    'setmetatable(_G, {__index = function(_, k) return rawget(_G, k) end}) return _G["load" .. "string"]',
    'return (setmetatable({}, {__index = _G}))["pr" .. "int"]',
    'local t = {} for k in pairs(_G) do t[#t + 1] = k end for _, k in ipairs(t) do if k == "print" then return k end end',
    'return coroutine.wrap(function() return _G["war" .. "n"] end)()',
    'return package["load" .. "lib"] or package["search" .. "ers"]',
    'return string["du" .. "mp"] or math["ran" .. "dom_entropy"]',
)  # fmt: skip


@pytest.mark.parametrize("text", DETOURS)
def test_lu_04_no_detour_leads_to_an_undeclared_power(text: str) -> None:
    module = munition.compile(text.encode())
    assert read_module(module.wasm).imports == ()
    outcome = munition.fire(module)
    assert outcome.values == (None,) or not outcome.values, outcome.crash


def test_lu_04_a_detour_to_a_declared_power_works() -> None:
    module = munition.compile(b'_G["pr" .. "int"](rawget(_G, "o" .. "s").time)', "log")
    assert munition.fire(module, capabilities="log").text() == b"nil\n"


LIMIT: Final = 16 << 20
BOMBS: Final = (
    'string.rep("x", 1e9)',
    'string.rep("x", 1e15)',
    'string.rep("x", math.maxinteger)',
    '("abc"):rep(1 << 40, ", ")',
    'local t = {} for i = 1, 1e7 do t[i] = "0123456789" end return #table.concat(t)',
    'local s = "x" while true do s = s .. s end',
    'local t = {} while true do t[#t + 1] = {} end',
    'local t = {} for i = 1, math.huge do t[i] = i end',
    'local t = {} for i = 1, math.huge do t["k" .. i] = i end',
    'table.concat({}, ("x"):rep(1e6), 1, 1e9)',
    'string.format("%s", ("x"):rep(1e9))',
    '("x"):rep(1e6):gsub(".", ("y"):rep(1e4))',
    'table.unpack({}, 1, 1e8)',
    'string.char(table.unpack({}, 1, 1e7))',
    'return select("#", table.unpack({}, 1, 1e9))',
    'local function f(...) return f(1, ...) end f()',
    'local s = string.pack("!16 i16", 1) for i = 1, 40 do s = s .. s end',
    'utf8.char(table.unpack({}, 1, 1e8))',
    'local t = setmetatable({}, {__gc = function() end}) while true do t = {t} end',
    'local co = {} while true do co[#co + 1] = coroutine.create(function() coroutine.yield() end) coroutine.resume(co[#co]) end',
    'table.move({1}, 1, 1e8, 2)',
    'table.insert({}, 1e15, 1)',
)  # fmt: skip


@pytest.mark.parametrize("text", BOMBS)
def test_lu_05_memory_bombs_are_errors_of_the_script_or_limits(text: str) -> None:
    module = munition.compile(text.encode())
    outcome = munition.fire(module, memory=LIMIT, fuel=10_000_000_000, timeout=120)
    assert outcome.kind in ("guest_error", "limit", "fuel"), outcome
    assert outcome.peak_memory <= LIMIT
    if outcome.kind == "limit":
        assert outcome.crash is not None
        assert outcome.crash.reason == "memory"
    assert munition.fire(munition.compile(b"return 1")).values == (1,)


@pytest.mark.parametrize("text", BOMBS[:6])
def test_lu_05_memory_bombs_can_be_caught(text: str) -> None:
    module = munition.compile(f"local ok, e = pcall(function() {text} end) return ok, e".encode())
    outcome = munition.fire(module, memory=LIMIT, fuel=10_000_000_000, timeout=120)
    assert outcome.ok, outcome.crash
    assert outcome.values[0] is False
    message = str(outcome.values[1])
    assert message.endswith(("not enough memory", "resulting string too large")), message


SLOW: Final = (
    '("a"):rep(30000):find(("a-"):rep(100) .. "b")',
    '("a"):rep(40):find(("a*"):rep(40) .. "b")',
    '("x"):rep(1e5):gsub("x", function(c) while true do end end)',
    'local function f(s) return (s:gsub(".", string.rep)) end while true do pcall(f, "abc") end',
    'string.rep("a", 1e6):match(".-.-.-.-b")',
    'while true do end',
    'while true do pcall(error) end',
    'local function f() return f() end f()',
    'setmetatable(_G, {__index = function(t, k) while true do end end}) return undefined',
    'for i = 1, math.huge do end',
    'repeat until false',
    '::a:: goto a',
    'table.sort({3, 2, 1}, function() while true do end end)',
    'while true do coroutine.wrap(function() coroutine.yield() end)() end',
    'local t = setmetatable({}, {__close = function() while true do end end}) do local x <close> = t end',
    'pcall(function() while true do end end) return "caught"',
    'while true do xpcall(error, function() while true do end end) end',
)  # fmt: skip


@pytest.mark.parametrize("text", SLOW)
def test_lu_06_endless_work_runs_out_of_fuel_inside_the_guest(text: str) -> None:
    outcome = munition.fire(munition.compile(text.encode()), fuel=200_000_000, timeout=120)
    assert outcome.kind == "fuel", outcome


@pytest.mark.parametrize(
    "text",
    [
        'string.format("%99999999d", 1)',
        'string.format("%" .. ("0"):rep(1000) .. "d", 1)',
        'string.format("%.99999f", 1)',
        'return ("x"):find(("("):rep(1e5))',
        'return ("%"):rep(99998):find(("%"):rep(99999))',
        'return ("a"):rep(30000):find(("a-"):rep(200) .. "b")',
        'local function f(s) return (s:gsub(".", f)) end return f("abc")',
        'return ("x"):find(("["):rep(1e5))',
        'return ("a"):rep(1e5):find(("(a)"):rep(33))',
        'local function f(s) return (s:gsub(".", f)) end local function g(s) return (s:gsub(".", g)) end return g("a")',
        'string.pack("i17", 1)',
        'string.unpack("s8", ("\\xff"):rep(8))',
        "local function f() f() f() end f()",
        "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
        "local s = setmetatable({}, {__tostring = function(t) return tostring(t) end}) return tostring(s)",
    ],
)
def test_lu_06_bad_patterns_formats_and_recursion_are_errors(text: str) -> None:
    outcome = munition.fire(munition.compile(text.encode()), memory=LIMIT, timeout=120)
    assert outcome.kind == "guest_error", outcome
    assert outcome.crash is not None
    assert outcome.crash.reason in ("error", "stack overflow")


# --- imports, read by somebody else ---

CAPABILITIES: Final = ("log", "time", "random")
USES: Final = (
    'print("x")', 'io.write("x")', "local t = os.time()", "local c = os.clock()", 'local d = os.date("*t")', "local r = math.random(10)",
    "math.randomseed(1)", 'io.stderr:write("x")', 'warn("@on")', 'local l = require "munition.log" l.info("x")', 'local x = _G["pr" .. "int"]',
    'local p = pcall(require, "o" .. "s")', "for k, v in pairs(io) do local x = k end", 'os.execute("true")', 'local h = os.getenv("HOME")',
    'load("return 1")', 'local e = _ENV e["o" .. "s"] = nil', 'if os.time then os.time() end', 'io.popen("ls")', "local s = package.loaded",
)  # fmt: skip


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def imports_of(wasm: bytes) -> set[tuple[str, str]]:
    """Module and name of each import (all are functions), read without anything of munition."""
    assert wasm[:8] == b"\0asm\1\0\0\0"
    at = 8
    while at < len(wasm):
        section = wasm[at]
        size, at = _unsigned(wasm, at + 1)
        if section == 2:
            break
        at += size
    else:
        return set()
    found: set[tuple[str, str]] = set()
    count, at = _unsigned(wasm, at)
    for _ in range(count):
        names: list[str] = []
        for _ in range(2):
            length, at = _unsigned(wasm, at)
            names.append(wasm[at : at + length].decode())
            at += length
        assert wasm[at] == 0
        _, at = _unsigned(wasm, at + 1)
        found.add((names[0], names[1]))
    return found


def generated(random: Random) -> tuple[str, list[str]]:
    declared = [name for name in CAPABILITIES if random.random() < 0.5]
    uses = random.sample(USES, random.randrange(0, 6))
    body = program(random, 8) if random.random() < 0.5 else ""
    return "\n".join([*(f"do {use} end" for use in uses), body]), declared


@pytest.mark.parametrize("seed", range(10))
def test_lu_09_imports_are_never_more_than_what_was_declared(seed: int) -> None:
    random = Random(seed)
    used: set[str] = set()
    for number in range(50):
        text, declared = generated(random)
        wasm = munition.compile(text.encode("latin-1"), declared, denied="runtime").wasm
        imports = imports_of(wasm)
        modules = {module for module, _ in imports}
        assert modules <= {f"munition:{name}" for name in declared}, text
        used |= modules
        if number % 10 == 0:
            engine = wasmtime.Engine()
            assert {(i.module, i.name) for i in wasmtime.Module(engine, wasm).imports} == imports
    assert used == {f"munition:{name}" for name in CAPABILITIES}
