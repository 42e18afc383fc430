# SPDX-License-Identifier: MIT
"""The compiler as a means to an end: what a hostile source, file name, folder or environment can make of it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from munition import compile as compile_source
from munition import fire
from munition.attenuator import Options
from munition.attenuators.assemblyscript.attenuator import ATTENUATOR, AssemblyScriptAttenuator
from munition.attenuators.assemblyscript.bridge import MEMORY, Bridge
from munition.attenuators.assemblyscript.engines import find_engine, worker_environment
from munition.capability.parse import parse
from munition.errors import CompileError
from munition.module import Module
from munition.source import Source
from munition.wasm.reader import read_module
from tests.support.assemblyscript import needs_compiler

pytestmark = needs_compiler

SIMPLE = b"export function f(): i32 { return 1; }"


def compiled(
    text: str | bytes, caps: str = "", name: str = "script.ts", path: tuple[Path, ...] = ()
) -> Module:
    data = text.encode() if isinstance(text, str) else text
    return ATTENUATOR.compile(Source(name, data), Options(parse(caps), path=path))


def refused(text: str | bytes, **more: object) -> CompileError:
    with pytest.raises(CompileError) as error:
        compiled(text, **more)  # type: ignore[arg-type]
    return error.value


@pytest.mark.parametrize(
    "name",
    ["-o.ts", "--transform=evil.ts", "a\nb.ts", "~lib/rt.ts", "../../x.ts", "\x1b[2J.ts", "", ".", "a" * 500],
)
def test_a_hostile_file_name_is_no_option_and_no_path(name: str) -> None:
    module = compiled(SIMPLE, name=name)
    assert fire(module, "f").values == (1,)


def test_the_working_directory_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "ran"
    evil = f"require('fs').writeFileSync({str(marker)!r}, 'x');"
    (tmp_path / "evil.cjs").write_text(evil)
    (tmp_path / "asconfig.json").write_text('{"options": {"transform": ["./evil.cjs"]}}')
    (tmp_path / "node_modules" / "assemblyscript").mkdir(parents=True)
    (tmp_path / "node_modules" / "assemblyscript" / "index.js").write_text(evil)
    (tmp_path / "node").write_text("#!/bin/sh\ntouch ran\n")
    (tmp_path / "node").chmod(0o755)
    (tmp_path / "secret.ts").write_text("export const x: i32 = 42;")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    attenuator = AssemblyScriptAttenuator(bridge=Bridge())
    try:
        source = Source("script.ts", b'import { x } from "./secret"; export function f(): i32 { return x; }')
        with pytest.raises(CompileError) as error:
            attenuator.compile(source, Options())
    finally:
        attenuator.bridge.close()
    assert error.value.diagnostics[0].code == "TS6054"
    assert not marker.exists()
    assert not (tmp_path / "ran").exists()


def test_the_environment_does_not_reach_the_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    (tmp_path / "evil.cjs").write_text(f"require('fs').writeFileSync({str(marker)!r}, 'x');")
    monkeypatch.setenv("NODE_OPTIONS", f"--require {tmp_path / 'evil.cjs'}")
    monkeypatch.setenv("NODE_PATH", str(tmp_path))
    engine = find_engine()
    if engine.kind != "v8 package":
        assert worker_environment(engine) == {}
    attenuator = AssemblyScriptAttenuator(bridge=Bridge())
    try:
        assert fire(attenuator.compile(Source("a.ts", SIMPLE), Options()), "f").values == (1,)
    finally:
        attenuator.bridge.close()
    assert not marker.exists()


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "../../../../etc/passwd",
        "./a/../../secret",
        "./link",
        "./linked/secret",
        "/etc/passwd",
        "./pipe",
    ],
)
def test_imports_stay_inside_the_folder(path: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.ts").write_text("export const x: i32 = 123456789;")
    (root / "link.ts").symlink_to(tmp_path / "secret.ts")
    (root / "linked").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.ts")
    error = refused(f'import {{ x }} from "{path}";\nexport function f(): i32 {{ return x; }}', path=(root,))
    assert error.diagnostics[0].code in {"A301", "TS6054"}
    assert "123456789" not in str(error)


def test_files_of_the_folder_are_part_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.ts").write_text(
        'import { two } from "../b";\nexport function one(): i32 { return two() - 1; }'
    )
    (tmp_path / "b.ts").write_text("export function two(): i32 { return 2; }\nexport class P { x: i32 = 4; }")
    text = 'import { one } from "./lib/a";\nexport { two } from "./b";\nimport { P } from "./b";\n'
    text += "export function f(p: P): i32 { return one() + p.x; }"
    module = compiled(text, path=(tmp_path,))
    assert fire(module, "f", [{"x": 9}]).values == (10,)
    assert fire(module, "two").values == (2,)
    assert [m.source_name for m in module.manifest.modules] == ["b.ts", "lib/a.ts"]


IMPORTS = {
    "abort": ("export function f(n: i32): i32 { if (n) throw new Error('x'); return n; }", "", set()),
    "trace": ("export function f(): void { trace('x', 1, 2.5); }", "log", {("munition:log", "write")}),
    "seed": ("export function f(): f64 { return Math.random(); }", "random", {("munition:random", "fill")}),
    "date": ("export function f(): i64 { return Date.now(); }", "time", {("munition:time", "wall")}),
    "clock": (
        "export function f(): f64 { return performance.now(); }",
        "time",
        {("munition:time", "monotonic")},
    ),
    "process": ("export function f(): i64 { return process.time(); }", "time", {("munition:time", "wall")}),
    "console": ("export function f(): void { console.log('x', 1); }", "log", {("munition:log", "write")}),
    "crypto": (
        "export function f(): void { crypto.getRandomValues(new Uint8Array(4)); }",
        "random",
        {("munition:random", "fill")},
    ),
}


@pytest.mark.parametrize("name", sorted(IMPORTS))
def test_what_the_library_takes_from_outside_is_one_capability_or_nothing(name: str) -> None:
    text, caps, wanted = IMPORTS[name]
    assert {(i.module, i.name) for i in read_module(compiled(text, caps).wasm).imports} == wanted
    if caps:
        assert refused(text).diagnostics[0].kind == "denied"


@pytest.mark.parametrize(
    "text",
    [
        '@external("env", "memory") declare const memory_: i32; export function f(): i32 { return memory_; }',
        '@external("munition:filesystem_write", "open") declare function o(): i32; export function f(): i32 { return o(); }',
        '@external("munition:time", "wall") declare function w(): i32; export function f(): i32 { return w(); }',
        '@external("", "") declare function w(): i32; export function f(): i32 { return w(); }',
        "declare namespace n { function g(): void; } export function f(): void { n.g(); }",
        "class C { @external('env','m') declare m(): void; } export function f(): void { new C().m(); }",
        "export declare function g(): void; export function f(): void { g(); }",
        "declare let g: i32; export function f(): i32 { return g; }",
    ],
)
def test_an_import_of_ones_own_is_never_emitted(text: str) -> None:
    error = refused(text, caps="time,log,random")
    assert {d.kind for d in error.diagnostics} <= {"denied", "invalid"}


def test_a_raw_use_of_memory_stays_in_the_guest() -> None:
    text = (
        "export function f(): void { for (let i: usize = 0; i < 65536; i += 4) store<u32>(i, 0xffffffff); }"
    )
    outcome = fire(compiled(text), "f")
    assert outcome.kind in {"ok", "guest_error", "limit"}
    text = "export function f(): string { return changetype<string>(0x7ffffff0); }"
    assert fire(compiled(text), "f").reason == "trap:memory_out_of_bounds"
    text = "export function f(): i32 { return memory.grow(60000); }"
    assert fire(compiled(text), "f").values == (-1,)


def test_the_runtime_cannot_be_replaced_by_names() -> None:
    text = "export function __new(n: i32): i32 { return 7; } export function f(a: string[]): string[] { return a; }"
    assert fire(compiled(text), "f", [["a", "b"]]).values == (["a", "b"],)


def test_a_damaged_result_is_an_error_of_the_guest() -> None:
    text = "export function f(): i32[] { const a: i32[] = [1]; store<u32>(changetype<usize>(a) + 12, 0x7fffffff); return a; }"
    assert fire(compiled(text), "f").kind in {"guest_error", "limit", "fuel"}


BOMBS = {
    "inline": "@inline function a0(x: i32): i32 { return x + 1; }\n"
    + "".join(
        f"@inline function a{i}(x: i32): i32 {{ return a{i - 1}(x) + a{i - 1}(x + {i}); }}\n"
        for i in range(1, 18)
    )
    + "export function f(x: i32): i32 { return a17(x); }",
    "data": "const d = memory.data(1000000000);\nexport function f(): usize { return d; }",
    "generics": "class A<T> { n: A<A<T>> | null = null; f(): i32 { return new A<A<T>>().f(); } }\n"
    "export function f(): i32 { return new A<i32>().f(); }",
    "parentheses": f"export function f(): i32 {{ return {'(' * 20000}1{')' * 20000}; }}",
    "blocks": f"export function f(): void {{ {'{' * 5000}{'}' * 5000} }}",
    "terms": f"export function f(x: i32): i32 {{ return {'+'.join(['x'] * 30000)}; }}",
    "enum": "enum E { " + ",".join(f"a{i} = a{i - 1} + 1" if i else "a0" for i in range(3000)) + " }\n"
    "export function f(): i32 { return E.a2999; }",
    "types": "type A = B; type B = A; export function f(x: A): void {}",
    "extends": "class A extends B {} class B extends A {} export function f(): void { new A(); }",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_compile_bombs_end_in_a_limit_or_a_diagnostic(name: str) -> None:
    attenuator = AssemblyScriptAttenuator(bridge=Bridge())
    kinds = kinds_of(attenuator, BOMBS[name].encode())
    attenuator.bridge.close()
    assert kinds <= {"limit", "invalid"}
    if name not in {"data", "enum", "types", "extends"}:
        assert "limit" in kinds
    assert MEMORY == 1 << 30


def kinds_of(attenuator: AssemblyScriptAttenuator, text: bytes) -> set[str]:
    """Why a source is refused; nothing if it is not."""
    try:
        attenuator.compile(Source("a.ts", text), Options())
    except CompileError as error:
        return {d.kind for d in error.diagnostics}
    return set()


@pytest.fixture
def own() -> Iterator[AssemblyScriptAttenuator]:
    made = AssemblyScriptAttenuator(bridge=Bridge())
    yield made
    made.bridge.close()


def test_a_worker_that_is_killed_is_said_so_and_the_next_compilation_works(
    own: AssemblyScriptAttenuator,
) -> None:
    first = own.compile(Source("a.ts", SIMPLE), Options()).wasm
    pid = own.bridge.pid()
    assert pid is not None

    def kill() -> None:
        time.sleep(0.3)
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(CompileError) as error:
        own.compile(Source("bomb.ts", BOMBS["inline"].encode()), Options())
    killer.join()
    assert (error.value.diagnostics[0].code, error.value.diagnostics[0].kind) == ("A194", "host_fault")
    assert own.compile(Source("a.ts", SIMPLE), Options()).wasm == first


def test_a_failure_of_the_compiler_leaves_nothing_behind(own: AssemblyScriptAttenuator) -> None:
    first = own.compile(Source("a.ts", SIMPLE), Options()).wasm
    with pytest.raises(CompileError) as error:
        own.compile(Source("bomb.ts", BOMBS["parentheses"].encode()), Options())
    assert error.value.diagnostics[0].code == "A193"
    assert own.bridge.pid() is None
    assert own.compile(Source("a.ts", SIMPLE), Options()).wasm == first


def test_compilations_of_many_threads_do_not_mix(own: AssemblyScriptAttenuator) -> None:
    found: dict[int, object] = {}

    def work(i: int) -> None:
        text = f"export function f(): i32 {{ return {i}; }}".encode()
        found[i] = fire(own.compile(Source("a.ts", text), Options()), "f").values

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: (i,) for i in range(4)}


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"\0\0\0", b"", b"\xef\xbb\xbfexport function f(): void {}", b"\r\n\x1a"]
)
def test_odd_bytes_are_refused_or_compiled(text: bytes) -> None:
    kinds = kinds_of(ATTENUATOR, text)
    assert kinds <= {"invalid"}
    if not kinds:
        assert fire(compiled(text)).ok


def test_too_much_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompileError) as error:
        compile_source(b"// " + b"x" * 2000, language="assemblyscript", name="a.ts", max_source=1000)
    assert error.value.diagnostics[0].code == "A190"
    (tmp_path / "big.ts").write_text("// " + "x" * 2000)
    with pytest.raises(CompileError) as error:
        compile_source(
            b'import "./big";', language="assemblyscript", name="a.ts", max_source=1000, path=[tmp_path]
        )
    assert error.value.diagnostics[0].code == "A190"


def test_terminal_controls_of_a_source_are_not_printed() -> None:
    error = refused('export function f(): i32 { return "\x1b[2J\x07"; } // \x1b[31m')
    assert "\x1b" not in str(error)
