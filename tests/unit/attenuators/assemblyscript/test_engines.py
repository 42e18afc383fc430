# SPDX-License-Identifier: MIT
"""Which engines there are, that all make the same of a source, and what setup and doctor say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import wasmtime

from munition.attenuator import Options
from munition.attenuators.assemblyscript.attenuator import AssemblyScriptAttenuator
from munition.attenuators.assemblyscript.bridge import Bridge
from munition.attenuators.assemblyscript.engines import Kind, find_compiler, find_engines
from munition.attenuators.assemblyscript.install import install
from munition.attenuators.assemblyscript.pinned import FILES, PACKAGES
from munition.capability.parse import parse
from munition.errors import InvalidModuleError, MissingToolError
from munition.source import Source
from tests.support.assemblyscript import needs_compiler

KINDS: tuple[Kind, ...] = tuple(engine.kind for engine in find_engines())
SOURCE = """
import { JSON, format, time } from "munition";
export class P { x: f64 = 0; tags: Map<string, i32[]> = new Map<string, i32[]>(); }
export function f(p: P, n: i32 = 3): string { let s = ""; for (const [k, v] of p.tags) s += format("{}={}", k, v.length); return s + JSON.stringify(p); }
export function now(): i64 { return time.now(); }
"""


@needs_compiler
def test_every_engine_makes_the_same_bytes() -> None:
    assert len(KINDS) >= 1
    made: dict[str, bytes] = {}
    for kind in KINDS:
        attenuator = AssemblyScriptAttenuator(bridge=Bridge(kind))
        source = Source("same.ts", SOURCE.encode())
        made[kind] = attenuator.compile(source, Options(parse("time"))).wasm
        assert attenuator.compile(source, Options(parse("time"))).wasm == made[kind]
        attenuator.bridge.close()
    assert len(set(made.values())) == 1, {kind: len(data) for kind, data in made.items()}


@needs_compiler
@pytest.mark.parametrize(
    ("text", "caps", "wanted"),
    [
        ("export function f(a: i32[]): i32 { return a[0]; }", "", []),
        ("export function f(): i64 { return Date.now(); }", "time", [("munition:time", "wall")]),
    ],
)
def test_another_decoder_sees_exactly_the_declared_imports(
    text: str, caps: str, wanted: list[tuple[str, str]]
) -> None:
    module = AssemblyScriptAttenuator().compile(Source("a.ts", text.encode()), Options(parse(caps)))
    decoded = wasmtime.Module(wasmtime.Engine(), module.wasm)
    assert [(item.module, item.name) for item in decoded.imports] == wanted


def _munition(*arguments: str, data: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_DATA_HOME": str(data)}
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        [sys.executable, "-m", "munition", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_without_the_compiler_the_exit_code_is_8_and_says_what_to_do(tmp_path: Path) -> None:
    script = tmp_path / "a.ts"
    script.write_text("export function f(): void {}")
    ended = _munition("compile", str(script), data=tmp_path)
    assert ended.returncode == 8
    assert "munition setup assemblyscript" in ended.stderr
    told = json.loads(_munition("doctor", "--json", data=tmp_path).stdout)
    assert told["checks"]["assemblyscript"]["state"] == "note"
    assert "munition setup assemblyscript" in told["checks"]["assemblyscript"]["text"]


@needs_compiler
def test_doctor_says_what_is_used() -> None:
    told = json.loads(_munition("doctor", "--json", data=find_compiler().parents[2]).stdout)
    assert told["checks"]["assemblyscript"]["state"] == "ok"
    assert told["checks"]["assemblyscript"]["text"].startswith("compiler 0.28.20 on ")


@needs_compiler
def test_a_changed_compiler_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "munition" / find_compiler().parent.name / "node_modules"
    source = find_compiler()
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, folder / name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert find_compiler() == folder
    with (folder / "long" / "index.js").open("a") as file:
        file.write("// changed\n")
    with pytest.raises(
        MissingToolError, match=r"long/index\.js of the AssemblyScript compiler is missing or was changed"
    ):
        find_compiler()


def test_archives_that_were_not_published_are_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    archives = tmp_path / "archives"
    archives.mkdir()
    with pytest.raises(MissingToolError, match=r"assemblyscript-0\.28\.20\.tgz is not there"):
        install(archives)
    for name, (version, _) in PACKAGES.items():
        (archives / f"{name}-{version}.tgz").write_bytes(b"something else")
    with pytest.raises(InvalidModuleError, match="is not the archive that was published"):
        install(archives)
    assert not list((tmp_path / "data" / "munition").iterdir())


def test_every_package_has_its_files_and_its_licence() -> None:
    for name in PACKAGES:
        assert f"{name}/LICENSE" in FILES
        assert f"{name}/package.json" in FILES
