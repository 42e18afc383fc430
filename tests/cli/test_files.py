# SPDX-License-Identifier: MIT
"""`filesystem_read` at the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def munition(*words: str, folder: Path = EXAMPLES) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "munition", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_script_reads_what_it_was_granted() -> None:
    code, out, _ = munition(
        "run", "wc.lua", "lighthouse.txt", "../wc.lua", "--caps", "log,filesystem_read:./data"
    )
    assert code == 0
    first, second = out.splitlines()[:2]
    assert first.split() == ["37", "315", "1595", "lighthouse.txt"]
    assert second == "../wc.lua: wc.lua:8: cannot open file '../wc.lua' (No such file or directory)"


def test_named_directories_are_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "a,b").mkdir()
    (tmp_path / "a,b" / "f").write_bytes(b"here")
    (tmp_path / "s.lua").write_text(
        "return io.open('/odd/f'):read('a'), io.open('/s/s.lua') ~= nil, io.open('/f')"
    )
    code, out, _ = munition(
        "run",
        "s.lua",
        "--caps",
        "filesystem_read:odd=a\\,b",
        "--caps",
        "filesystem_read:s=.",
        folder=tmp_path,
    )
    assert (code, out) == (0, '["here", true, null, "/f: No such file or directory", 2]\n')


@pytest.mark.parametrize(
    ("caps", "code", "said"),
    [
        ("log", 3, "add it with --caps filesystem_read:[NAME=]DIR"),
        ("log,filesystem_read", 2, "needs a parameter"),
        ("log,filesystem_read:missing", 2, "cannot be opened"),
        ("log,filesystem_read:/", 2, "--broad-roots"),
        ("log,filesystem_read:data,filesystem_read:.", 2, "two directories are granted as /"),
    ],
)
def test_what_cannot_be_granted_is_said(caps: str, code: int, said: str) -> None:
    found, out, err = munition("run", "wc.lua", "lighthouse.txt", "--caps", caps)
    assert (found, out) == (code, "")
    assert said in err


def test_the_override_is_a_flag_of_run_and_fire(tmp_path: Path) -> None:
    (tmp_path / "s.lua").write_text("return io.open('/') ~= nil")
    grant = ("--caps", "filesystem_read:/", "--broad-roots")
    assert munition("run", "s.lua", *grant, folder=tmp_path)[:2] == (0, "[true]\n")
    assert munition("compile", "s.lua", "--caps", "filesystem_read", "-o", "s.wasm", folder=tmp_path)[0] == 0
    assert munition("fire", "s.wasm", *grant, folder=tmp_path)[:2] == (0, "[true]\n")
    assert munition("fire", "s.wasm", *grant[:2], folder=tmp_path)[0] == 2
