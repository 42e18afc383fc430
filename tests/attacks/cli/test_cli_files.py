# SPDX-License-Identifier: MIT
"""Attacks by files: what has a name and is no file, names that are no text, and output that has nowhere to go."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

import munition as package
from munition.cli import entry, files, inputs
from tests.attacks.cli.test_cli_config import munition

SCRIPT = "function f(...) return ... end return 7\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a script and its module, a pipe with two names, and a circle of links."""
    monkeypatch.chdir(tmp_path)
    for patient in (files, inputs):
        monkeypatch.setattr(patient, "PATIENCE", 0.2)
    (tmp_path / "s.lua").write_text(SCRIPT)
    (tmp_path / "s.wasm").write_bytes(package.compile(SCRIPT, name="s.lua").wasm)
    os.mkfifo("pipe.lua")
    (tmp_path / "piped.wasm").symlink_to("pipe.lua")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("compile", "pipe.lua"),
        ("run", "pipe.lua"),
        ("fire", "piped.wasm"),
        ("fire", "s.wasm", "f", "@pipe.lua"),
    ],
    ids=" ".join,
)
def test_a_pipe_nobody_writes_to_is_not_waited_for(
    folder: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.run(words) == 2
    assert "nobody writes to this pipe" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 50_000,
        "a." * 50_000 + "b = 1",
        "[" + '"a".' * 50_000 + "b]",
        "a = " + "1" * 100_000,
        "a = 1e999999999999999999",
        "a = \xff",
        "a = 1\na = 2",
        "\0",
    ],
    ids=["lists", "tables", "key", "header", "integer", "float", "bytes", "twice", "nul"],
)
@pytest.mark.parametrize("words", [("check", "--policy"), ("infer", "--map"), ("infer", "--overrides")])
def test_settings_that_are_none_are_a_usage_error(
    folder: Path, words: tuple[str, str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.toml").write_bytes(text.encode("latin-1"))
    assert entry.run([words[0], "s.wasm", words[1], "a.toml"]) == 2
    assert "a.toml" in capsys.readouterr().err


def test_dots_in_strings_and_comments_of_settings_are_no_parts_of_keys(folder: Path) -> None:
    dots = "." * 100
    (folder / "a.toml").write_text(
        f"# {dots}\n[[override]]\nmodule = 'env'  # {dots}\nname = \"x\"\nlabels = []\nreason = 'because{dots}'\n"
    )
    assert entry.run(["infer", "s.wasm", "--overrides", "a.toml"]) == 0


def test_a_pipe_nobody_reads_from_is_not_waited_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.run(["compile", "s.lua", "-o", "piped.wasm"]) == 2
    assert "nobody reads from this pipe" in capsys.readouterr().err
    assert (folder / "piped.wasm").is_fifo()


def test_a_pipe_with_both_ends_is_read_and_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for patient in (files, inputs):
        monkeypatch.setattr(patient, "PATIENCE", 60.0)
    writer = threading.Thread(target=(folder / "pipe.lua").write_text, args=(SCRIPT,))
    writer.start()
    assert entry.run(["run", "pipe.lua"]) == 0
    writer.join()
    assert capsys.readouterr().out == "[7]\n"
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((folder / "pipe.lua").read_bytes()))
    reader.start()
    assert entry.run(["compile", "s.lua", "-o", "pipe.lua"]) == 0
    reader.join()
    assert read == [(folder / "s.wasm").read_bytes()]


@pytest.mark.parametrize("name", ["", ".", "/", "..", "one", "./", "s.lua/x", "n" * 5000, "s\0.lua"])
@pytest.mark.parametrize("command", ["compile", "run", "fire"])
def test_what_is_no_file_is_a_usage_error(
    folder: Path, command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.run([command, name]) == 2
    assert "error[E100]" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["", ".", "/", "one", "nowhere/x", "s.lua/x", "/dev/full", "n" * 5000])
def test_a_result_that_can_lie_nowhere_is_a_usage_error(
    folder: Path, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert entry.run(["compile", "s.lua", "-o", output]) == 2
    assert "cannot write" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before
    assert (folder / "one").is_symlink()


def test_a_link_to_nothing_yet_is_followed(folder: Path) -> None:
    (folder / "link").symlink_to("new")
    assert entry.run(["compile", "s.lua", "-o", "link"]) == 0
    assert (folder / "link").is_symlink()
    assert (folder / "new").read_bytes() == (folder / "s.wasm").read_bytes()


@pytest.mark.parametrize("name", [b"\xff.lua", b"\xff\x1b[31m.lua", b"a\nb.lua", b"\xed\xa0\x80.lua"])
def test_a_name_that_is_no_text_is_shown_as_escapes(tmp_path: Path, name: bytes) -> None:
    script = os.fsdecode(name)
    (tmp_path / script).write_text("local x = 1\nerror('bad')")
    compiled = munition("compile", script, "-o", "m.wasm", cwd=tmp_path)
    assert (compiled.returncode, compiled.stderr) == (0, b"")
    for words, code in (
        (("run", script), 1),
        (("fire", "m.wasm"), 1),
        (("run", script, "--json"), 1),
        (("compile", script, "-v", "-o", "m.wasm"), 0),
    ):
        done = munition(*words, cwd=tmp_path)
        said = (done.stdout + done.stderr).decode("utf-8")
        assert done.returncode == code, said
        assert ":2: bad" in said or not code
        assert "\x1b" not in said


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("fire", "--help"), ("explain", "E100"), ("infer", "s.wasm")]
)
def test_a_full_disk_behind_standard_output_is_told_as_such(folder: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = munition(*words, cwd=folder, stdout=full.fileno())
    assert done.returncode == 9
    assert done.stderr.decode() == f"error: cannot write the output: {os.strerror(errno.ENOSPC)}\n"


def test_arguments_are_utf_8_whatever_the_locale(folder: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for env in ({}, plain):
        done = munition("fire", "s.wasm", "f", '"\u00e9"', cwd=folder, env=env)
        assert (done.returncode, done.stdout) == (0, '["\u00e9"]\n'.encode()), done.stderr
        done = munition("fire", "s.wasm", "f", os.fsdecode(b'"\xff"'), cwd=folder, env=env)
        assert done.returncode == 2
        assert b"argument 1: it is not UTF-8 text" in done.stderr


def test_what_the_functions_are_given_as_files(folder: Path) -> None:
    for path in (Path("piped.wasm"), "piped.wasm", "a\0b", "\ud800.wasm", Path("a\0b")):
        with pytest.raises(package.UsageError):
            package.fire(path)
        with pytest.raises(package.UsageError):
            package.compile(Path(path))
    for path in ("one", "none.wasm", "."):
        with pytest.raises(OSError, match=path):
            package.fire(path)


def test_a_source_and_its_name_are_text(folder: Path) -> None:
    with pytest.raises(package.UsageError, match="surrogate"):
        package.compile("return '\ud800'")
    with pytest.raises(package.UsageTypeError, match="name must be a string"):
        package.compile("return 1", name=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    outcome = package.fire(package.compile("error('x')", name="\ud800.lua"))
    assert outcome.crash is not None
    assert outcome.crash.message == "\\ud800.lua:1: x"


def test_a_large_source_is_never_cut(folder: Path) -> None:
    """What lies behind the limit is refused, not left out."""
    (folder / "large.lua").write_text("return 1 --" + "x" * 100 + "\nerror('end')")
    with pytest.raises(package.CompileError):
        package.compile(Path("large.lua"), max_source=50)
    with Path("sparse.lua").open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(package.CompileError):
        package.compile(Path("sparse.lua"))
