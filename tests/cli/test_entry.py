# SPDX-License-Identifier: MIT
"""The command line without a guest: usage, inputs, explanations, and every way a command can end early."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from munition.capability.names import NAMES
from munition.cli import entry
from munition.cli.exits import EXITS
from munition.cli.failure import CommandError
from munition.engine.outcome import EXIT_CODES

ROOT = Path(__file__).resolve().parents[2]


def munition(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command line in a process of its own, with nothing on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "munition", *arguments],
        input=b"",
        env={**os.environ, **environment},
        capture_output=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )


def test_kinds_and_exit_codes_are_one_table() -> None:
    assert {kind: found.code for kind, found in EXITS.items()} == dict(EXIT_CODES)
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)


def test_help_imports_no_compiler_and_no_engine() -> None:
    seen = "import sys; from munition.cli.entry import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", seen], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    heavy = {
        "lark",
        "msgspec",
        "rich",
        "wasmtime",
        "ctypes.util",
        "munition.engine.capi",
        "munition.wasm.reader",
        "typing_extensions",
    }
    assert heavy.isdisjoint(ended.stderr.split())
    for command in ("compile", "run", "fire", "infer", "explain", "doctor", "completion"):
        assert f"\n  {command} " in ended.stdout


@pytest.mark.parametrize("command", ["compile", "run", "fire", "infer", "explain", "doctor", "completion"])
def test_every_command_has_help(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run([command, "--help"]) == 0
    assert capfd.readouterr().out.startswith(f"Usage: munition {command}")


def test_the_help_of_a_command_is_the_one_in_the_list() -> None:
    assert set(entry._COMMANDS) == {
        path.stem
        for path in (ROOT / "munition" / "cli").glob("*.py")
        if "@click.command(" in path.read_text("utf-8")
    } - {"entry"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["compile"],
        ["compile", "no/such/file.lua"],
        ["compile", "examples"],
        ["compile", "a\0b.lua"],
        ["compile", "README.md"],
        ["compile", "examples/pricing.lua", "--caps", "Log"],
        ["compile", "examples/pricing.lua", "--caps", "network"],
        ["compile", "examples/pricing.lua", "--caps", "all"],
        ["compile", "examples/pricing.lua", "--denied", "maybe"],
        ["compile", "examples/pricing.lua", "-o", "examples/pricing.lua"],
        ["compile", "-"],
        ["run", "examples/pricing.lua", "--fuel", "0"],
        ["run", "examples/pricing.lua", "--fuel", "9223372036854775808"],
        ["run", "examples/pricing.lua", "--fuel", "lots"],
        ["run", "examples/pricing.lua", "--memory", "16MB"],
        ["run", "examples/pricing.lua", "--memory", "1KiB"],
        ["run", "examples/pricing.lua", "--timeout", "nan"],
        ["run", "examples/pricing.lua", "--timeout", "-1"],
        ["run", "examples/pricing.lua", "--caps", "http"],
        ["run", "examples/pricing.lua", "--caps", "filesystem_read"],
        ["fire", "examples/pricing.lua", "f", "{"],
        ["fire", "examples/pricing.lua", "f", "@no/such/file"],
        ["infer", "no/such/file.wasm"],
        ["explain", "E2O1"],
        ["completion", "tcsh"],
    ],
)
def test_wrong_use_ends_with_2_and_says_why(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run(arguments) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error[E100]: ")
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["compile", "examples/pricing.lua", "--caps", "tiem"], "did you mean 'time'"),
        (["explain", "denyed"], "did you mean denied"),
        (["run", "examples/pricing.lua", "--memory", "16MB"], "MiB"),
        (["fire", "examples/pricing.lua", "f", "hello"], "a string is written '\"hello\"'"),
        (["compile", "-"], "-o FILE"),
    ],
)
def test_wrong_use_says_what_would_be_right(
    arguments: list[str], hint: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert entry.run(arguments) == 2
    assert hint in capfd.readouterr().err


def test_json_says_the_same_kind_as_the_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run(["run", "no/such/file.lua", "--json"]) == 2
    shown = capfd.readouterr()
    found = json.loads(shown.out)
    assert (found["schema"], found["kind"], shown.err) == ("munition/1", "usage", "")
    assert entry.run(["compile", "examples/pricing.lua", "-o", "-", "--json"]) == 2
    assert json.loads(capfd.readouterr().out)["kind"] == "usage"
    assert entry.run(["infer", "--json", "README.md"]) == 4
    assert json.loads(capfd.readouterr().out)["kind"] == "invalid"


def test_no_command_is_usage(capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run([]) == 2
    assert "Usage: munition" in capfd.readouterr().err


def test_version() -> None:
    ended = munition("--version")
    assert (ended.returncode, ended.stdout) == (0, b"munition 0.1.0\n")


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"return 1\n", "munition compile"),
        (b"", "empty"),
        (b"(module)", "text"),
        (b"\0asm", "header"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
        (b"\x7fELF\2\1\1\0", "ELF"),
        (b"\0asm\1\0\0\0\1\xff\xff\xff\xff\x0f", "byte 0x8"),
        (b"\x00" * 64, "not a WebAssembly binary"),
    ],
)
@pytest.mark.parametrize("command", ["infer", "fire", "run"])
def test_what_is_called_wasm_and_is_none(
    command: str, content: bytes, hint: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.wasm"
    path.write_bytes(content)
    assert entry.run([command, str(path)]) == 4
    shown = capfd.readouterr()
    assert shown.out == ""
    assert hint in shown.err


def test_a_source_beyond_the_limit_is_refused_before_it_is_read_whole(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "huge.lua"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    for command in ("compile", "run"):
        assert entry.run([command, str(path)]) == 7
        assert "--max-source" in capfd.readouterr().err


@pytest.mark.parametrize(
    "command", [("run", "-"), ("compile", "-", "-o", "x"), ("infer", "-"), ("infer", "/dev/zero")]
)
def test_an_endless_input_is_cut_off(command: tuple[str, ...]) -> None:
    with Path("/dev/zero").open("rb") as endless:
        ended = subprocess.run(
            [sys.executable, "-m", "munition", *command],
            stdin=endless,
            capture_output=True,
            timeout=120,
            check=False,
            cwd=ROOT,
        )
    assert ended.returncode in {4, 7}, ended.stderr


def test_a_closed_standard_input_is_wrong_use() -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m munition run - <&-', sys.executable],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert ended.returncode == 2
    assert b"standard input" in ended.stderr


def test_an_output_without_a_reader_ends_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ended = subprocess.run(
            [sys.executable, "-m", "munition", "explain"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            cwd=ROOT,
        )
    assert (ended.returncode, ended.stderr) == (9, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "munition", "explain"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            cwd=ROOT,
        )
    assert ended.returncode == 9
    assert b"cannot write the output" in ended.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        {"HOME": "/nonexistent"},
        {"HOME": "", "XDG_CACHE_HOME": "/proc"},
        {"COLUMNS": "1"},
    ],
)
def test_an_unusual_environment_changes_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "schön.wasm"
    path.write_bytes(b"text")
    ended = munition("infer", str(path), **environment)
    assert ended.returncode == 4
    assert b"\x1b" not in ended.stdout + ended.stderr
    assert b"Traceback" not in ended.stderr


def test_files_of_the_working_directory_grant_nothing_and_bring_no_compiler(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.munition]\ncaps = ["log", "time"]\nfuel = 1\n', "utf-8")
    (tmp_path / "munition.toml").write_text('caps = "log"\n', "utf-8")
    hostile = tmp_path / "hostile-1.0.dist-info"
    hostile.mkdir()
    (hostile / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n", "utf-8")
    (hostile / "entry_points.txt").write_text("[munition.attenuators]\nlua = hostile:ATTENUATOR\n", "utf-8")
    (tmp_path / "hostile.py").write_text("raise SystemExit(99)\n", "utf-8")
    (tmp_path / "x.lua").write_text("print(1)\n", "utf-8")
    ended = subprocess.run(
        [Path(sys.executable).with_name("munition"), "run", "x.lua"],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode == 3, ended.stderr
    assert ended.stdout == b""


def test_a_bug_is_called_one_and_shows_no_traceback_unless_asked(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise ZeroDivisionError("boom \x1b[31m")

    monkeypatch.setattr("munition.cli.explain._topics", fail)
    monkeypatch.delenv("MUNITION_DEBUG", raising=False)
    assert entry.run(["explain", "E201"]) == 9
    shown = capfd.readouterr().err
    assert "this is a bug in munition: ZeroDivisionError: boom \\x1b[31m" in shown
    assert "Traceback" not in shown
    monkeypatch.setenv("MUNITION_DEBUG", "1")
    assert entry.run(["explain", "E201"]) == 9
    assert "Traceback" in capfd.readouterr().err


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: Any, **_options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("munition.cli.explain._topics", interrupt)
    assert entry.run(["explain", "E201"]) == 130


@pytest.mark.parametrize("kind", EXITS)
def test_every_kind_leaves_with_its_code(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_arguments: Any, **_options: Any) -> None:
        raise CommandError(kind, "", "so it ends")

    monkeypatch.setattr("munition.cli.explain._topics", end)
    assert entry.run(["explain"]) == EXITS[kind].code


@pytest.mark.parametrize(
    "topic", [*EXITS, *NAMES, *(str(found.code) for found in EXITS.values()), "e201", "E900"]
)
def test_everything_has_an_explanation(topic: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run(["explain", topic]) == 0
    assert len(capfd.readouterr().out.splitlines()) >= 3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert entry.run(["completion", shell]) == 0
    assert "_MUNITION_COMPLETE" in capfd.readouterr().out


def test_completion_offers_commands() -> None:
    ended = munition(_MUNITION_COMPLETE="bash_complete", COMP_WORDS="munition e", COMP_CWORD="1")
    assert ended.stdout.split() == [b"plain,explain"]
