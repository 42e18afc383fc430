# SPDX-License-Identifier: MIT
"""Attacks by what surrounds the command line: files beside it, the environment, standard input, names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from munition.cli.exits import EXITS
from munition.engine.outcome import EXIT_CODES


def munition(
    *words: str,
    cwd: Path,
    env: dict[str, str] | None = None,
    stdin: int | None = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "munition", *words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=100,
        check=False,
    )


@pytest.fixture
def script(tmp_path: Path) -> str:
    (tmp_path / "s.lua").write_text("return os.time() > 0")
    return "s.lua"


CONFIGURATIONS = {
    "munition.toml": 'caps = ["time", "log"]\n[munition]\ncaps = ["time"]\nfuel = 1\n',
    "pyproject.toml": '[tool.munition]\ncaps = ["time"]\ngrant = "all"\n',
    ".munition": "caps=time\n",
    "setup.cfg": "[munition]\ncaps = time\n",
    "munition.py": "raise SystemExit(99)\n",
    "sitecustomize.py": "raise SystemExit(98)\n",
    "wasmtime.py": "raise SystemExit(97)\n",
}


def test_cc_01_files_of_the_working_directory_grant_nothing(tmp_path: Path, script: str) -> None:
    plain = munition("run", script, cwd=tmp_path)
    assert plain.returncode == 3
    for name, content in CONFIGURATIONS.items():
        (tmp_path / name).write_text(content)
    done = munition("run", script, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (plain.returncode, plain.stderr)
    assert munition("run", script, "--caps", "time", cwd=tmp_path).stdout == b"[true]\n"
    assert b"no configuration file" in munition("doctor", cwd=tmp_path).stdout


WIDENING = {
    name: value
    for name in (
        "CAPS",
        "GRANT",
        "CAPABILITIES",
        "FUEL",
        "TIMEOUT",
        "MEMORY",
        "LIMIT",
        "TRUSTED",
        "ISOLATION",
    )
    for name, value in ((f"MUNITION_{name}", "time"), (f"MUNITION_RUN_{name}", "time"))
}


def test_cc_02_environment_variables_widen_nothing_and_are_listed(tmp_path: Path, script: str) -> None:
    assert munition("run", script, cwd=tmp_path, env=WIDENING).returncode == 3
    (tmp_path / "loop.lua").write_text("while true do end")
    more = {**WIDENING, "MUNITION_FUEL": "9000000000000000000", "MUNITION_RUN_FUEL": "9000000000000000000"}
    done = munition("run", "loop.lua", "--fuel", "1000", "--json", cwd=tmp_path, env=more)
    assert (done.returncode, json.loads(done.stdout)["kind"]) == (5, "fuel")
    told = munition("doctor", cwd=tmp_path, env={"MUNITION_CACHE": str(tmp_path / "cache")}).stdout
    assert b"MUNITION_CACHE" in told


def test_cc_03_every_kind_has_the_exit_code_it_always_had() -> None:
    codes = {
        "ok": 0, "guest_error": 1, "usage": 2, "denied": 3, "invalid": 4, "fuel": 5, "timeout": 6, "limit": 7,
        "missing_tool": 8, "host_fault": 9, "differs": 10, "interrupted": 130,
    }  # fmt: skip
    assert dict(EXIT_CODES) == codes
    assert {name: found.code for name, found in EXITS.items()} == codes


@pytest.mark.parametrize(
    ("source", "words", "code", "kind"),
    [
        ("return 1", (), 0, "ok"),
        ("error('x')", (), 1, "guest_error"),
        ("return 1", ("--caps", "nothing"), 2, "usage"),
        ("return os.time()", (), 3, "denied"),
        ("return (", (), 4, "invalid"),
        ("while true do end", ("--fuel", "1000"), 5, "fuel"),
        ("while true do end", ("--timeout", "1.5", "--fuel", "9000000000000000000"), 6, "timeout"),
        ("print(('x'):rep(2000))", ("--caps", "log", "--limit", "output=1KiB"), 7, "limit"),
    ],
)
def test_cc_03_the_exit_code_and_the_json_say_the_same(
    tmp_path: Path, source: str, words: tuple[str, ...], code: int, kind: str
) -> None:
    (tmp_path / "s.lua").write_text(source)
    done = munition("run", "s.lua", "--json", *words, cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["kind"]) == (code, kind), done.stderr


@pytest.mark.parametrize(
    "env",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"},
        {"HOME": "/nonexistent"},
        {"HOME": ""},
        {"HOME": "/proc"},
        {"XDG_CACHE_HOME": "/proc/self"},
        {"MUNITION_CACHE": "/dev/null"},
    ],
    ids=str,
)
def test_cc_04_strange_surroundings_change_nothing(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "s.lua").write_text("print('\\xc3\\xa9') error('bad')")
    done = munition("run", "s.lua", "--caps", "log", cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout) == (1, b"\xc3\xa9\n"), done.stderr
    assert b"\x1b[" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


def test_cc_05_an_endless_standard_input_is_refused(tmp_path: Path) -> None:
    with Path("/dev/zero").open("rb") as endless:
        for words in (("run", "-"), ("fire", "-"), ("infer", "-")):
            done = munition(*words, cwd=tmp_path, stdin=endless.fileno())
            assert done.returncode in (2, 4, 7), (words, done.stderr[:300])
            assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("caps", ["all", "*", "ALL", "any", "log,all", "log,*", "LOG"])
def test_cc_06_there_is_no_word_for_everything(tmp_path: Path, script: str, caps: str) -> None:
    done = munition("run", script, "--caps", caps, cwd=tmp_path)
    assert done.returncode == 2
    assert b"unknown" in done.stderr or b"no capability" in done.stderr


def test_cc_06_help_and_completion_run_no_code_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "evil-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: evil\nVersion: 1.0\nSummary: \x1b[31mred\n")
    (folder / "entry_points.txt").write_text(
        "[munition.attenuators]\nlua = evil:front\n[console_scripts]\nx = evil:x\n"
    )
    (tmp_path / "evil.py").write_text("raise SystemExit(96)\n")
    for words in (("--help",), ("run", "--help"), ("completion", "bash"), ("doctor",)):
        done = munition(*words, cwd=tmp_path)
        assert done.returncode == 0
        assert b"evil" not in done.stdout
        assert b"\x1b[31mred" not in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--limit", "outptu=1"), b"did you mean output"),
        (("--limit", "output"), b"NAME=N"),
        (("--limit", "handles=0"), b"handles must be"),
        (("--limit", "output=-1"), b"not a whole number"),
        (("--limit", "output=1e9"), b"not a whole number"),
        (("--limit", "output=1", "--limit", "output=2"), b"once"),
        (("--limit", "stack=1"), b"stack must be"),
        (("--limit", "fuel=5"), b"no limit"),
        (("--timeout", "nan"), b"not a number of seconds"),
        (("--fuel", "0"), b"not a whole number"),
    ],
)
def test_impossible_limits_are_refused_by_name(tmp_path: Path, words: tuple[str, ...], told: bytes) -> None:
    (tmp_path / "s.lua").write_text("return 1")
    done = munition("run", "s.lua", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
