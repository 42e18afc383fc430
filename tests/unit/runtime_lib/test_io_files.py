# SPDX-License-Identifier: MIT
"""Files in Lua: the same programs over the same files, here and in the reference implementation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lupa.lua54
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import munition
from munition.capability.imports import Imported
from munition.engine.facts import read_facts

FILES = {
    "text": b"one\ntwo\n\nfour",
    "ends": b"a\nb\n",
    "empty": b"",
    "newline": b"\n",
    "numbers": b"1 2.5 0x1p4 -7 +3\t.5 1e2x 0x 3.4e- 99999999999999999999 nan - 0xfg",
    "bytes": bytes(range(256)) * 50,
    "crlf": b"a\r\nb\r\n",
    "long": b"x" * 20000 + b"\n" + b"y" * 3 + b"\n",
    "digits": b"1" * 300 + b" 2",
    "exact": b"1" * 200 + b" 2",
    "zeros": b"a\0b\n\0\nc",
}
PRELUDE = """
local function show(...)
  local out = {}
  for i = 1, select('#', ...) do
    local v = select(i, ...)
    out[i] = math.type(v) == 'float' and string.format('%.17g', v) or type(v) .. ':' .. tostring(v)
  end
  return table.concat(out, '|')
end
local function try(f, ...) return show(pcall(f, ...)) end
"""
PROGRAMS = [
    "return show(io.open('missing')), show(io.open('')), show(io.open('text/')), show(io.open('text/x')), show(io.open('x', 'rb'))",
    "return try(io.open, 'text', 'x'), try(io.open), try(io.open, {}), try(io.open, 'text', 'rw'), try(io.open, 'text', ''), try(io.open, 'missing', 'rb')",
    "return show(io.open('.'):read()), show(io.open('dir'):read('a')), show(io.open('dir'):read('n')), show(io.open('dir'):read(0)), show(io.open('dir'):read(5))",
    "return try(function() for l in io.lines('dir') do end end)",
    "return try(io.lines, 'missing'), try(function() io.lines('missing') end), try(io.lines, {}), try(io.lines, 5)",
    "return try(function() for l in io.lines('text', 'x') do end end), try(function() for l in io.lines('text', {}) do end end)",
    "local f = io.open('text') return try(function() f:read('x') end), try(function() f.read(f, 'x') end), try(f.read, f, 'x'), try(function() f:read('') end)",
    "local f = io.open('text') return try(function() f:read(1.5) end), try(function() f:read({}) end), try(function() f.read() end), try(function() f.read({}) end)",
    "local f = io.open('text') return try(function() f:seek('x') end), show(f:seek('set', -1)), show(f:seek('end')), show(f:seek('cur', -4)), show(f:read('a')), show(f:seek())",
    "local f = io.open('text') f:read(2) return f:seek(), f:read(1), f:seek('cur'), f:seek('cur', 2), f:read('l'), f:seek('set'), f:read('l'), f:seek('end', 5), f:read(1)",
    "local f = io.open('text') return show(f:seek('set', 1 << 62)), try(function() f:seek('set', 1.5) end), try(f.seek, f, 'set', {}), f:seek('set', 2.0), f:read()",
    "local f = io.open('text') return show(f:write('x')), f:write() == f, try(function() f:write({}) end), try(function() f:write('a', nil) end), show(f:flush()), show(f:setvbuf('no')), show(f:setvbuf('full', 10))",
    "local f = io.open('text') local a = io.type(f) return a, f:close(), io.type(f), tostring(f), try(function() f:read() end), try(function() f:close() end), try(io.close, f), try(f.lines, f)",
    "local f = io.open('text') return io.close(f), try(function() io.close(5) end), try(function() f:write('x') end), try(function() f:seek() end), try(function() f:flush() end), try(function() f:setvbuf('no') end)",
    "local f = io.open('text') return getmetatable(f).__name, type(f), f.nothing, f == f, f == io.open('text'), try(function() return #f end), try(function() f.x = 1 end), try(function() return f + 1 end)",
    "local g = io.lines('ends') return g(), g(), show(g()), try(g), try(function() g() end)",
    "local f = io.open('ends') local g = f:lines() return g(), g(), show(g()), show(g()), io.type(f)",
    "local f = io.open('ends') for l in f:lines() do break end return io.type(f), f:read('a')",
    "local keep for l in io.lines('ends') do keep = l break end return keep",
    "local _, a, b, f = io.lines('ends') for l in _, a, b, f do break end return io.type(f), show(a, b)",
    "local f do local g <close> = io.open('text') f = g end return io.type(f), tostring(f)",
    "local f = io.open('text') return try(function() local g <close> = f error('x', 0) end), io.type(f)",
    "local out = {} for a, b in io.lines('text', 1, 'L') do out[#out + 1] = show(a, b) end return table.concat(out, ';')",
    "local out = {} for a, b, c in io.open('numbers'):lines('n', 'n', 1) do out[#out + 1] = show(a, b, c) end return table.concat(out, ';')",
    "return show(io.open('numbers'):read('n', 'n', 'n', 'n', 'n', 'n', 'n', 'a'))",
    "local f = io.open('numbers') local out = {} for i = 1, 30 do out[i] = show(f:read('n')) .. show(f:read(1)) end return table.concat(out, ';')",
    "return show(io.open('digits'):read('n', 'a')), show(io.open('exact'):read('n', 'n'))",
    "local f = io.open('digits') return show(f:read('n')), show(f:read('a'))",
    "return show(io.open('text'):read('*l', '*L', '*a', '*n')), show(io.open('text'):read('line', 'Lx', 'all'))",
    "return show(io.open('bytes'):read('a')), show(io.open('bytes'):read(300, 20000)), show(io.open('long'):read('L', 'L', 'L')), show(io.open('zeros'):read('l', 'l', 'l', 'l'))",
    "return show(io.open('empty'):read()), show(io.open('empty'):read('a')), show(io.open('empty'):read('a', 'a', 'l')), show(io.open('empty'):read(0)), show(io.open('empty'):read(1)), show(io.open('empty'):read('n'))",
    "return try(io.lines, 'text', table.unpack({}, 1, 251)), try(function() io.open('text'):lines(table.unpack({}, 1, 251)) end), select('#', io.lines('text'))",
    "return try(function() io.open('text'):read(-1) end), try(function() return io.open('text'):read(1e3) end), try(function() io.open('text'):lines('x')() end)",
    "return show(io.type(5)), show(io.type({}))",
    "local co = coroutine.wrap(function() for l in io.lines('text') do coroutine.yield(l) end end) return co(), co(), co(), co()",
    "local f = io.open('text') f = nil collectgarbage() collectgarbage() return 1",
    "local t = setmetatable({}, {__mode = 'k'}) t[io.open('text')] = 1 collectgarbage() collectgarbage() return next(t) == nil",
]  # fmt: skip


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("files")
    for name, data in FILES.items():
        (found / name).write_bytes(data)
    (found / "dir").mkdir()
    return found


def _tidy(values: tuple[Any, ...]) -> list[Any]:
    """What may differ is taken out: addresses, and how the chunk is called."""
    return [re.sub(rb"\(0x[0-9a-f]+\)", b"(0x)", v) if isinstance(v, bytes) else v for v in values]


def _bytes(value: object) -> object:
    return value.encode() if isinstance(value, str) else value


def ours(text: str, folder: Path) -> list[Any]:
    outcome = munition.fire(
        munition.compile(text.encode(), "filesystem_read", name="s"),
        capabilities=[f"filesystem_read:{folder}"],
    )
    assert outcome.ok, outcome.crash
    return _tidy(tuple(map(_bytes, outcome.values)))


def theirs(text: str) -> list[Any]:
    runtime = lupa.lua54.LuaRuntime(encoding=None)
    load: Any = runtime.eval(b"function(text) return assert(load(text, '@s', 't')) end")
    found = load(text.encode())()
    return _tidy(found if isinstance(found, tuple) else (found,))


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_programs_agree(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert ours(PRELUDE + program, folder) == theirs(PRELUDE + program)


FORMATS = st.sampled_from(["'n'", "'l'", "'L'", "'a'", "0", "1", "5", "4051", "4052", "4053", "5000"])
STEPS = st.one_of(
    st.lists(FORMATS, min_size=0, max_size=4).map(lambda formats: f"f:read({', '.join(formats)})"),
    st.tuples(st.sampled_from(["set", "cur", "end"]), st.integers(-6000, 6000)).map(
        lambda at: f"f:seek('{at[0]}', {at[1]})"
    ),
    st.just("f:seek()"),
    st.just("g()"),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=max(10, settings().max_examples // 5),
)
@given(name=st.sampled_from(sorted(FILES)), steps=st.lists(STEPS, min_size=1, max_size=12))
def test_sequences_of_reads_agree(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, steps: list[str]
) -> None:
    body = " ".join(f"out[#out + 1] = try(function() return {step} end)" for step in steps)
    text = f"{PRELUDE} local f, out = io.open('{name}'), {{}} local g = f:lines(3) {body} return table.concat(out, ';')"
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        assert ours(text, folder) == theirs(text)


# --- where the two differ on purpose ---


def test_a_name_with_a_zero_is_no_name(folder: Path) -> None:
    (said,) = ours(PRELUDE + "return show(io.open('text\\0x'))", folder)
    assert said == b"nil:nil|string:text\0x: Invalid argument|number:22"


def test_lines_of_standard_input_are_refused(folder: Path) -> None:
    (said,) = ours(PRELUDE + "return try(io.lines)", folder)
    assert said.startswith(b"boolean:false|string:standard input is not available")


@pytest.mark.parametrize(
    ("text", "caps", "modules"),
    [
        ("io.open('x')", "filesystem_read", {"munition:filesystem_read"}),
        ("for l in io.lines('x') do end", "filesystem_read,log", {"munition:filesystem_read"}),
        ("local f = io.open('x') f:write('y')", "filesystem_read,log", {"munition:filesystem_read"}),
        ("print(io.type(1), io.stdout:close())", "filesystem_read,log", {"munition:log"}),
        ("io.close(io.stdout)", "log,filesystem_read", {"munition:log"}),
        ("io.stdout:write(1)", "log", {"munition:log"}),
        ("return io.type(1), io.close", "filesystem_read", set()),
        ("if io.open then io.open('x') end", "log", set()),
    ],
)
def test_a_module_imports_what_it_can_reach(text: str, caps: str, modules: set[str]) -> None:
    facts = read_facts(munition.compile(text.encode(), caps).wasm)
    imports: tuple[Imported, ...] = facts.imports
    assert {item.module for item in imports} == modules


def test_streams_and_files_are_of_one_type(folder: Path) -> None:
    text = """local f = io.open('text')
      local same = getmetatable(f) == getmetatable(io.stdout)
      return same, select('#', io.stdout:read()), io.stdout:read(), f.write(io.stdout, 'x') == io.stdout, io.type(f:close() and f)"""
    module = munition.compile(text.encode(), "filesystem_read,log")
    outcome = munition.fire(module, capabilities=["log", f"filesystem_read:{folder}"])
    assert outcome.values == (True, 3, None, True, "closed file")
    assert outcome.text() == b"x"
