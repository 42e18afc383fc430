# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from wasmtime import wat2wasm

from munition.capability import Manifest, parse
from munition.capability.manifest import SECTION, write
from munition.cli import entry
from munition.wasm.leb import name, unsigned

WASI = '"wasi_snapshot_preview1"'
WRITER = (
    f'(module (import {WASI} "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))'
    ' (func $say (export "say") (drop (call $w (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))) (func (export "quiet")))'
)
OPENER = WRITER.replace(
    "(module",
    f'(module (import {WASI} "path_open" (func $o (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))',
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "writer.wasm").write_bytes(wat2wasm(WRITER))
    (tmp_path / "opener.wasm").write_bytes(wat2wasm(OPENER))
    (tmp_path / "pure.wasm").write_bytes(wat2wasm('(module (func (export "r")))'))
    return tmp_path


def run(*words: str | Path) -> int:
    return entry.run([str(word) for word in words])


def as_json(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capfd.readouterr().out)
    return found


def test_the_report_names_capability_import_and_way(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("infer", files / "writer.wasm") == 0
    shown = capfd.readouterr().out
    assert "writer.wasm needs log\n" in shown
    assert "wasi_snapshot_preview1 fd_write, fd = 1" in shown
    assert "[export say] say -> wasi_snapshot_preview1.fd_write" in shown


def test_json_has_a_version_and_the_evidence(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("infer", "--json", files / "writer.wasm") == 0
    found = as_json(capfd)
    assert (found["schema"], found["kind"], len(found["files"])) == ("munition/1", "ok", 1)
    report = found["files"][0]
    assert (report["version"], report["required"], report["form"]) == (
        "munition-analysis/1",
        ["log"],
        "module",
    )
    item = report["imports"][0]
    assert item["path"]["export"] == "say"
    assert [step["edge"] for step in item["path"]["steps"]] == ["root", "direct"]
    assert item["arguments"] == [{"position": 0, "name": "fd", "values": [1]}]
    data = (files / "writer.wasm").read_bytes()
    assert data[item["path"]["steps"][-1]["offset"]] == 0x10
    assert {e["name"]: e["labels"] for e in report["exports"]} == {"say": ["stdio.out"], "quiet": []}


def test_per_export_and_why(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("infer", "--per-export", files / "writer.wasm") == 0
    assert "  quiet\n    nothing" in capfd.readouterr().out
    assert run("infer", "--why", "log", files / "writer.wasm") == 0
    assert "called by the instruction at byte 0x" in capfd.readouterr().out
    assert run("infer", "--why", "logg", files / "writer.wasm") == 2


@pytest.mark.parametrize("pair", [("--json", "--html"), ("--sarif", "--html"), ("--json", "--sarif")])
def test_formats_exclude_one_another(pair: tuple[str, str], files: Path) -> None:
    assert run("infer", *pair, files / "writer.wasm") == 2


def test_a_directory_is_analysed_file_by_file_and_workers_change_nothing(
    files: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        (files / f"copy{number}.wasm").write_bytes((files / "opener.wasm").read_bytes())
    assert run("infer", "--json", "--workers", "1", files) == 0
    alone = as_json(capfd)
    assert run("infer", "--json", "--workers", "2", files) == 0
    assert as_json(capfd) == alone
    assert [Path(f["file"]).name for f in alone["files"]] == [
        "copy0.wasm",
        "copy1.wasm",
        "copy2.wasm",
        "opener.wasm",
        "pure.wasm",
        "writer.wasm",
    ]


def test_a_bad_file_among_good_ones(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (files / "bad.wasm").write_bytes(b"\0asm\1\0\0\0\1\xff\xff\xff\xff\x0f")
    assert run("infer", files) == 4
    shown = capfd.readouterr()
    assert "writer.wasm needs log" in shown.out
    assert "bad.wasm" in shown.err
    assert run("infer", "--json", files) == 4
    found = as_json(capfd)
    assert found["kind"] == "invalid"
    assert found["files"][0]["error"]["error"]["code"].startswith("E2")


def test_a_directory_without_modules_is_usage(tmp_path: Path) -> None:
    assert run("infer", tmp_path) == 2


def test_sarif(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("infer", "--sarif", files / "opener.wasm", files / "pure.wasm") == 0
    log = as_json(capfd)
    assert log["version"] == "2.1.0"
    (once,) = log["runs"]
    rules = once["tool"]["driver"]["rules"]
    assert len(once["artifacts"]) == 2
    assert {r["ruleId"] for r in once["results"]} == {"fs.read", "fs.write", "stdio.out"}
    for result in once["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("opener.wasm")


def test_html_is_one_page_without_script(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("infer", "--html", files / "opener.wasm") == 0
    page = capfd.readouterr().out
    assert page.startswith("<!doctype html>")
    assert "<svg" in page
    assert "<script" not in page
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")


def test_against_the_manifest(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    claim = Manifest("test", "1", "say.lua", "0" * 64, parse(["log"]))
    section = name(SECTION) + write(claim)
    declared = (files / "writer.wasm").read_bytes() + b"\0" + unsigned(len(section)) + section
    (files / "say.wasm").write_bytes(declared)
    assert run("infer", "--against", "manifest", files / "say.wasm") == 0
    assert "declares all it needs" in capfd.readouterr().out
    assert run("infer", "--against", "manifest", files / "writer.wasm") == 3
    assert "more than its manifest declares: log" in capfd.readouterr().out
    assert run("infer", "--against", "manifest", files / "pure.wasm") == 0


def test_diff(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("diff", files / "writer.wasm", files / "writer.wasm") == 0
    assert "the same" in capfd.readouterr().out
    assert run("diff", files / "writer.wasm", files / "opener.wasm") == 10
    assert "+ fs.write (gained)" in capfd.readouterr().out
    assert run("diff", "--json", files / "opener.wasm", files / "writer.wasm") == 10
    found = as_json(capfd)
    assert (found["kind"], found["lost"], found["gained"]) == ("differs", ["fs.read", "fs.write"], [])


def test_diff_sees_a_capability_move_to_another_export(
    files: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    moved = WRITER.replace('(export "say")', "").replace(
        '(func (export "quiet"))', '(func (export "say")) (func (export "quiet") call $say)'
    )
    (files / "moved.wasm").write_bytes(wat2wasm(moved))
    assert run("diff", files / "writer.wasm", files / "moved.wasm") == 10
    shown = capfd.readouterr().out
    assert "~ 1 export lost stdio.out: say" in shown
    assert "~ 1 export gained stdio.out: quiet" in shown


@pytest.mark.parametrize(
    ("allow", "code"),
    [
        ([], 3),
        (["--allow", "log"], 3),
        (["--allow", "fs,stdio"], 0),
        (["--allow", "log,filesystem_read,filesystem_write"], 0),
        (["--allow", "opaque"], 3),
        (["--allow", "stdio.out", "--reachable"], 0),
        (["--allow", "filesystem"], 2),
    ],
)
def test_check_with_a_list(allow: list[str], code: int, files: Path) -> None:
    assert run("check", files / "opener.wasm", *allow) == code
    assert run("check", files / "pure.wasm", *allow) == (2 if code == 2 else 0)


def test_check_with_a_policy(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    policy = files / "policy.toml"
    policy.write_text('allow = ["log"]\n[exports.quiet]\nallow = []\n', encoding="utf-8")
    assert run("check", "--policy", policy, files / "writer.wasm") == 0
    capfd.readouterr()
    policy.write_text('allow = ["log"]\n[exports.say]\nallow = ["time"]\n', encoding="utf-8")
    assert run("check", "--json", "--policy", policy, files / "writer.wasm") == 3
    (found,) = as_json(capfd)["files"][0]["violations"]
    assert (found["label"], found["export"]) == ("stdio.out", "say")
    policy.write_text('allow = ["log"]\ndeny = ["stdio.out"]\n', encoding="utf-8")
    assert run("check", "--policy", policy, files / "writer.wasm") == 3


def test_an_own_map_and_overrides(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (files / "own.wasm").write_bytes(
        wat2wasm('(module (import "game" "score" (func $s)) (func (export "r") call $s))')
    )
    own, over = files / "map.toml", files / "over.toml"
    assert run("check", files / "own.wasm", "--allow", "log") == 3
    own.write_text('[[import]]\nmodule = "game"\nname-pattern = "sc.*"\nlabels = ["log"]\n', encoding="utf-8")
    assert run("check", files / "own.wasm", "--allow", "log", "--map", own) == 0
    over.write_text(
        '[[override]]\nmodule = "game"\nname = "score"\nlabels = []\nreason = "only counts"\n',
        encoding="utf-8",
    )
    assert run("check", files / "own.wasm", "--overrides", over) == 0
    capfd.readouterr()
    assert run("infer", files / "own.wasm", "--overrides", over) == 0
    shown = capfd.readouterr().out
    assert "N20" in shown
    assert "only counts" in shown
    own.write_text("replace = true\n", encoding="utf-8")
    assert run("check", files / "writer.wasm", "--allow", "log", "--map", own) == 3


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--map", "[[import]]\nmodule = 'a'\nlabels = ['log']\n"),
        ("--map", "[[import]]\nmodule = 'a'\nname = 'b'\nlabels = ['logs']\n"),
        ("--map", "[[import]]\nmodule-pattern = '('\nname = 'b'\nlabels = []\n"),
        ("--map", "[[import]]\nmodule = 'a'\nname = 'b'\nlabels = []\nhm = 1\n"),
        ("--map", "import = 1\n"),
        ("--map", "= 1\n"),
        ("--overrides", "[[override]]\nmodule = 'a'\nname = 'b'\nlabels = []\nreason = ' '\n"),
        ("--overrides", "[[override]]\nmodule = 'a'\nname = 'b'\nlabels = []\n"),
        ("--overrides", "[[override]]\nmodule = 'a'\nname = 'b'\nlabels = []\nreason = 'x'\nsha256 = 'AB'\n"),
        ("--policy", "allow = 'log'\n"),
        ("--policy", "allow = ['LOG']\n"),
        ("--policy", "reachable-only = 1\n"),
        ("--policy", "[exports]\nr = 1\n"),
    ],
)
def test_a_settings_file_that_is_wrong_is_usage(option: str, text: str, files: Path) -> None:
    settings = files / "settings.toml"
    settings.write_text(text, encoding="utf-8")
    assert run("check", files / "pure.wasm", option, settings) == 2


@pytest.mark.parametrize("form", ["--json", "--sarif", "--html"])
def test_the_output_does_not_depend_on_the_hash_seed(form: str, files: Path) -> None:
    (files / "many.wasm").write_bytes(
        wat2wasm(
            "(module "
            + " ".join(f'(import "m{i % 7}" "n{i}" (func $f{i}))' for i in range(60))
            + ' (table (export "t") 60 funcref) (elem (i32.const 0) '
            + " ".join(f"$f{i}" for i in range(60))
            + ') (func (export "r") i32.const 0 call_indirect))'
        )
    )
    command = [
        sys.executable,
        "-m",
        "munition",
        "infer",
        form,
        str(files / "many.wasm"),
        str(files / "opener.wasm"),
    ]
    outputs = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=100
        ).stdout
        for seed in ("1", "2", "77")
    }
    assert len(outputs) == 1
