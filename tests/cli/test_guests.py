# SPDX-License-Identifier: MIT
"""The command line with guests: what is printed where, and the exit code of every end."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from munition.cli import entry


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def started(*arguments: str, cwd: Path, **environment: str) -> subprocess.Popen[bytes]:
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "munition", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


Run = Callable[..., tuple[int, bytes, bytes]]


@pytest.fixture
def ended(work: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """The command line in this process: exit code, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, bytes, bytes]:
        code = entry.run(arguments)
        sys.stdout.flush()
        shown = capfdbinary.readouterr()
        return code, shown.out, shown.err

    return run


def script(work: Path, text: str, name: str = "x.lua") -> str:
    (work / name).write_bytes(text.encode("utf-8"))
    return name


# What the script is, how it is run, the exit code, the reason of its JSON, a piece of the message.
ENDS = {
    "ok": ("return 1", [], 0, "", ""),
    "ok by os.exit": ("os.exit(0)", [], 0, "", ""),
    "error": ("local t\nreturn t.x", [], 1, "error", "x.lua:2: attempt to index a nil value (local 't')"),
    "error value": ("error({code = 7})", [], 1, "error", ""),
    "os.exit(n)": ("os.exit(3)", [], 1, "exit:3", "code 3"),
    "runaway recursion": (
        "local function f() return 1 + f() end f()",
        [],
        1,
        "stack overflow",
        "stack overflow",
    ),
    "syntax error": ("return (1", [], 4, "source", "')' expected"),
    "denied": ("return os.time()", [], 3, "source", "--caps time"),
    "nothing to grant": ("os.execute('id')", [], 3, "source", "process"),
    "load": ("return load('return 1')", [], 4, "source", "load"),
    "endless loop": ("while true do end", ["--fuel", "1000000"], 5, "", "--fuel"),
    "endless loop, much fuel": ("while true do end", ["--timeout", "0.3"], 6, "run", "--timeout"),
    "memory bomb": (
        "local s = 'x' while true do s = s .. s end",
        ["--memory", "8MiB"],
        7,
        "memory",
        "--memory",
    ),
    "output bomb": (
        "while true do print(string.rep('x', 100000)) end",
        ["--caps", "log"],
        7,
        "output",
        "output",
    ),
    "deep nesting": ("return " + "(" * 100_000 + "1" + ")" * 100_000, [], 7, "source", "nest"),
    "a huge line": ("x = '" + "y" * (10 << 20) + "'", [], 7, "source", "--max-source"),
    "a result that is a function": ("return print", ["--caps", "log"], 1, "result", "function"),
}


@pytest.mark.parametrize("end", ENDS)
def test_every_end_has_its_code_and_says_the_same_in_json(
    end: str, work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text, options, code, reason, message = ENDS[end]
    name = script(work, text)
    assert entry.run(["run", name, *options]) == code
    shown = capfd.readouterr()
    assert message in shown.err
    assert "Traceback" not in shown.err
    assert entry.run(["run", name, *options, "--json"]) == code
    shown = capfd.readouterr()
    found = json.loads(shown.out)
    assert found["schema"] == "munition/1"
    assert found["reason"] == reason
    assert shown.err == ""


def test_standard_output_is_what_the_script_printed_and_then_its_results(work: Path, ended: Run) -> None:
    name = script(
        work,
        "io.write('a\\0\\255', 1, 2.5)\nprint('b', nil)\nreturn 'd', {x = 1}, nil\n",
    )
    code, out, err = ended("run", name, "--caps", "log")
    assert (code, err) == (0, b"")
    assert out == b'a\0\xff12.5b\tnil\n["d", {"x": 1}, null]\n'


def test_a_script_without_results_prints_no_line_of_json(work: Path, ended: Run) -> None:
    assert ended("run", script(work, "print('x')"), "--caps", "log")[1] == b"x\n"


def test_arguments_arrive_as_strings(work: Path, ended: Run) -> None:
    name = script(work, "return select('#', ...), arg[1], (...), arg[3]")
    assert ended("run", name, "1", "two", "--", "-x")[1] == b'[3, "1", "1", "-x"]\n'
    assert ended("run", name, "1", "two", "-3")[1] == b'[3, "1", "1", "-3"]\n'


def test_a_mistyped_option_is_not_an_argument(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run(["run", script(work, "return ..."), "--cap", "log"]) == 2
    assert "--caps" in capfd.readouterr().err
    assert entry.run(["run", "x.lua", "-x"]) == 2
    assert entry.run(["run", "x.lua", "--", "-x"]) == 0
    assert capfd.readouterr().out == '["-x"]\n'


def test_verbose_changes_standard_error_only(work: Path, ended: Run) -> None:
    name = script(work, "print('x') return 1")
    plain = ended("run", name, "--caps", "log")
    loud = ended("run", name, "--caps", "log", "-v")
    assert plain[1] == loud[1] == b"x\n[1]\n"
    assert plain[2] == b""
    assert b"fuel" in loud[2]
    assert b"needs log" in loud[2]


def test_json_is_all_of_standard_output(work: Path, ended: Run) -> None:
    name = script(work, "print('x') io.write('\\255') return 0/0, 1.0, '\\255', {[2] = true}")
    code, out, err = ended("run", name, "--caps", "log", "--json")
    found = json.loads(out)
    assert (code, err) == (0, b"")
    assert found["values"] == [{"$float": "nan"}, 1.0, {"$bytes": "/w=="}, {"$map": [[2, True]]}]
    assert found["log"] == [{"stream": "stdout", "text": {"$bytes": "eAr/"}}]
    assert found["caps"] == {"declared": ["log"], "required": ["log"], "granted": ["log"]}
    assert found["error"] is None
    assert found["fuel_used"] > 0
    assert len(found["module"]) == 64


def test_the_line_of_an_error_is_shown(work: Path, ended: Run) -> None:
    name = script(work, "local function f(t)\n  return t.a.b\nend\nf({})\n")
    _, _, err = ended("run", name)
    assert b"x.lua:2: attempt to index a nil value (field 'a')" in err
    assert b"2 |   return t.a.b" in err
    assert b"^^^^" in err


def test_an_error_that_is_no_text_is_shown_as_json(work: Path, ended: Run) -> None:
    name = script(work, "error({code = 7, why = 'x'})")
    assert b'= value: {"code": 7, "why": "x"}' in ended("run", name)[2]
    found = json.loads(ended("run", name, "--json")[1])
    assert found["error"]["value"] == {"code": 7, "why": "x"}


def test_the_line_where_the_fuel_ran_out_is_shown(work: Path, ended: Run) -> None:
    name = script(work, "local n = 0\nwhile true do\n  n = n + 1\nend")
    _, out, err = ended("run", name, "--fuel", "100000")
    assert out == b""
    assert b"--> x.lua:" in err
    assert b"in main chunk, line" in err


def test_output_comes_before_the_end(work: Path) -> None:
    name = script(work, "print(string.rep('x', 20000)) io.write('started') while true do end")
    with started("run", name, "--caps", "log", "--timeout", "60", cwd=work) as process:
        assert process.stdout is not None
        assert process.stdout.read(8000) == b"x" * 8000
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130


def test_a_reader_that_leaves_ends_the_guest(work: Path) -> None:
    name = script(work, "while true do print('y') end")
    with started("run", name, "--caps", "log", "--timeout", "60", cwd=work) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"y\n"
        process.stdout.close()
        assert process.wait(timeout=60) == 9
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_script_from_standard_input(work: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "munition", "run", "-"],
        input=b"return 1\n",
        capture_output=True,
        timeout=60,
        check=False,
        cwd=work,
    )
    assert (done.returncode, done.stdout) == (0, b"[1]\n")
    done = subprocess.run(
        [sys.executable, "-m", "munition", "run", "-"],
        input=b"return\nreturn 1\n",
        capture_output=True,
        timeout=60,
        check=False,
        cwd=work,
    )
    assert done.returncode == 4
    assert b"--> <stdin>:2:1" in done.stderr


def test_compile_writes_a_module_and_nothing_else(work: Path, ended: Run) -> None:
    name = script(work, "function f(a) return a + 1 end")
    assert ended("compile", name) == (0, b"", b"")
    assert sorted(path.name for path in work.iterdir()) == ["x.lua", "x.wasm"]
    assert ended("fire", "x.wasm", "f", "41")[1] == b"[42]\n"
    assert ended("fire", "x.wasm") == (0, b"", b"")
    assert ended("run", "x.wasm") == (0, b"", b"")


def test_a_module_goes_to_a_pipe_when_asked(work: Path, ended: Run) -> None:
    name = script(work, "return 1")
    ended("compile", name, "-o", "y.wasm")
    assert ended("compile", name, "-o", "-")[1] == (work / "y.wasm").read_bytes()


def test_a_refused_source_leaves_an_old_module_alone(work: Path, ended: Run) -> None:
    name = script(work, "return (")
    (work / "x.wasm").write_bytes(b"old")
    assert ended("compile", name)[0] == 4
    assert (work / "x.wasm").read_bytes() == b"old"
    assert sorted(path.name for path in work.iterdir()) == ["x.lua", "x.wasm"]


def test_compile_tells_in_json_what_it_made(work: Path, ended: Run) -> None:
    name = script(work, "function late() return os.time() end")
    code, out, _ = ended("compile", name, "--caps", "time,random", "--json")
    found = json.loads(out)
    assert (code, found["kind"], found["output"], found["exports"]) == (0, "ok", "x.wasm", ["late"])
    assert found["caps"] == {"declared": ["random", "time"], "required": ["time"]}
    assert found["module"] == hashlib.sha256((work / "x.wasm").read_bytes()).hexdigest()
    assert found["bytes"] == (work / "x.wasm").stat().st_size


@pytest.mark.parametrize(
    ("text", "caps", "expected"),
    [
        ("return os.time()", "time", {("munition:time", "wall")}),
        ("function f(a) return {a, #a, a .. 'x'} end", "", set()),
        ("function f(a) return {a, #a, a .. 'x'} end", "log,time,random", set()),
        ("print('hello')", "log", {("munition:log", "write")}),
    ],
)
def test_a_decoder_that_is_not_ours_finds_only_what_is_used(
    text: str, caps: str, expected: set[tuple[str, str]], work: Path, ended: Run
) -> None:
    ended("compile", script(work, text), "--caps", caps)
    module = wasmtime.Module(wasmtime.Engine(), (work / "x.wasm").read_bytes())
    assert {(item.module, item.name) for item in module.imports} == expected


def test_the_same_source_gives_the_same_bytes(work: Path) -> None:
    text = "local t = {a = 1, b = 2, c = 3} function f(x) return t[x] or #x end function g() return f, t end print(1)"
    seen: set[bytes] = set()
    for seed, folder in (("0", "one"), ("1", "two"), ("4711", "three")):
        (work / folder).mkdir()
        script(work / folder, text)
        with started("compile", "x.lua", "--caps", "log", cwd=work / folder, PYTHONHASHSEED=seed) as process:
            assert process.wait(timeout=60) == 0
        seen.add((work / folder / "x.wasm").read_bytes())
    assert len(seen) == 1


@pytest.mark.parametrize("stage", ["tokens", "ast", "ir", "wat"])
def test_intermediate_forms_go_to_standard_output(stage: str, work: Path, ended: Run) -> None:
    code, out, err = ended("compile", script(work, "local answer = 42 return answer"), "--emit", stage)
    assert (code, err) == (0, b"")
    assert b"42" in out
    assert sorted(path.name for path in work.iterdir()) == ["x.lua"]


def test_an_unknown_stage_names_those_there_are(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run(["compile", script(work, "return 1"), "--emit", "asm"]) == 2
    assert "tokens, ast, ir, wat" in capfd.readouterr().err


@pytest.mark.parametrize("command", ["compile", "run"])
def test_the_time_limit_covers_compiling(command: str, work: Path, ended: Run) -> None:
    name = script(work, "local t = {} " + "t[#t + 1] = function(a) return a + 1 end " * 500)
    code, out, err = ended(command, name, "--timeout", "0.001")
    assert (code, out) == (6, b"")
    assert b"compiling took longer" in err
    assert b"--timeout" in err
    assert sorted(path.name for path in work.iterdir()) == ["x.lua"]


def test_declared_is_not_granted(work: Path, ended: Run) -> None:
    name = script(work, "print(os.time() > 0)")
    assert ended("compile", name, "--caps", "log,time")[0] == 0
    code, out, err = ended("fire", "x.wasm", "--caps", "log")
    assert (code, out) == (3, b"")
    assert b"munition:time" in err
    assert b"--caps time" in err
    assert ended("run", "x.wasm", "--caps", "log", "--caps", "time")[:2] == (0, b"true\n")


def test_a_module_cannot_be_given_more_than_it_declared(work: Path, ended: Run) -> None:
    """Imports that the manifest does not declare are refused, whatever is granted."""
    ended("compile", script(work, "print(1)"), "--caps", "log")
    data = (work / "x.wasm").read_bytes()
    assert data.count(b'"capabilities":["log"]') == 1
    (work / "x.wasm").write_bytes(data.replace(b'"capabilities":["log"]', b'"capabilities":     []'))
    code, _, err = ended("fire", "x.wasm", "--caps", "log")
    assert code == 4
    assert b"manifest" in err


def test_denied_at_run_time_names_the_power(work: Path, ended: Run) -> None:
    name = script(work, "if ... then os.execute('id') end return 'safe'")
    code, out, err = ended("run", name, "--denied", "runtime")
    assert (code, out) == (0, b'["safe"]\n')
    assert b"warning[" in err
    code, out, err = ended("run", name, "go", "--denied", "runtime", "-q")
    assert (code, out) == (1, b"")
    assert b"process" in err
    assert b"warning[" not in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["21"], b"[42]\n"),
        (["2.5"], b"[5.0]\n"),
        (['{"$float": "inf"}'], b'[{"$float": "inf"}]\n'),
        (["@number.json"], b"[14]\n"),
        (["-4"], b"[-8]\n"),
        (["-0.5", "--fuel", "1000000"], b"[-1.0]\n"),
        (["--", "-4"], b"[-8]\n"),
    ],
)
def test_arguments_of_fire_are_json(arguments: list[str], expected: bytes, work: Path, ended: Run) -> None:
    (work / "number.json").write_text(" 7\n", "utf-8")
    ended("compile", script(work, "function twice(n) return n * 2 end"))
    assert ended("fire", "x.wasm", "twice", *arguments)[:2] == (0, expected)


@pytest.mark.parametrize("function", ["twise", "main", "memory", "munition:run", ""])
def test_a_function_that_is_none_is_wrong_use(
    function: str, work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert entry.run(["compile", script(work, "function twice(n) return n * 2 end")]) == 0
    assert entry.run(["fire", "x.wasm", function]) == 2
    assert "Traceback" not in capfd.readouterr().err


def values_of(work: Path, value: Any, capfd: pytest.CaptureFixture[str]) -> Any:
    assert entry.run(["compile", script(work, "function same(...) return ... end")]) == 0
    assert entry.run(["fire", "x.wasm", "same", json.dumps(value)]) == 0
    return json.loads(capfd.readouterr().out)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, "x", None][:3], "b": {"c": {"d": []}}},
        "Käse \u0000 🧀",
        9223372036854775807,
        -9223372036854775808,
        {"$map": [[3, "three"], ["two", 2], [True, {"$float": "-inf"}]]},
        {"$bytes": "//8="},
        [],
    ],
)
def test_values_cross_both_ways_unchanged(value: Any, work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert values_of(work, value, capfd) == [value]
