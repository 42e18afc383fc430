# SPDX-License-Identifier: MIT
"""Attacks on the analyzer: it refuses with a typed error or reports; it never says less than the truth."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from munition.analysis import analyze
from munition.analysis.as_html import report_page
from munition.analysis.as_text import report_text
from munition.errors import InvalidModuleError, MunitionError
from munition.wasm.leb import name, unsigned

HEADER = b"\0asm\1\0\0\0"
TYPES = b"\x01\x04\x01\x60\x00\x00"


def section(number: int, content: bytes) -> bytes:
    return bytes((number,)) + unsigned(len(content)) + content


def imports(*pairs: tuple[str, str]) -> bytes:
    entries = b"".join(name(module) + name(item) + b"\0\0" for module, item in pairs)
    return section(2, unsigned(len(pairs)) + entries)


def module(*pairs: tuple[str, str]) -> bytes:
    return HEADER + TYPES + imports(*pairs)


CLOCK = ("munition:time", "wall")


@pytest.mark.parametrize(
    "data",
    [
        HEADER + TYPES + imports(CLOCK) + imports(CLOCK),
        HEADER + TYPES + section(3, b"\1\0") + section(10, b"\1\2\0\x0b") + imports(CLOCK),
        HEADER + imports(CLOCK) + TYPES,
        HEADER + TYPES + section(2, b"\2" + name("a") + name("b") + b"\0\0"),
        HEADER + TYPES + section(2, b"\1" + name("a") + name("b") + b"\x09\0"),
    ],
    ids=[
        "two import sections",
        "imports after code",
        "imports before types",
        "one import short",
        "unknown kind",
    ],
)
def test_imports_that_are_not_where_they_belong(data: bytes) -> None:
    with pytest.raises(InvalidModuleError):
        analyze(data)


def test_imports_hidden_in_a_custom_section_are_no_imports() -> None:
    hidden = HEADER + section(0, name("x") + imports(CLOCK)) + TYPES
    assert analyze(hidden).imports == ()


@pytest.mark.parametrize("number", range(1, 14))
def test_a_huge_count_allocates_nothing(number: int) -> None:
    data = HEADER + section(number, b"\xff\xff\xff\xff\x0f")
    tracemalloc.start()
    try:
        with pytest.raises(InvalidModuleError):
            analyze(data)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_an_unreachable_import_is_reported_and_still_required() -> None:
    report = analyze(module(("wasi_snapshot_preview1", "sock_send")))
    assert report.required == {"network"}
    assert report.labels_reachable == ()
    assert [item.reachable for item in report.imports] == [False]
    assert any(note.code == "N11" and "sock_send" in note.message for note in report.notes)


@pytest.mark.parametrize(
    ("pair", "flag"),
    [
        (("munition:t\u0131me", "wall"), "lookalike:munition:time"),
        (("munition:tim\u0435", "wall"), "lookalike:munition:time"),
        (("munition:Time", "wall"), "lookalike:munition:time"),
        (("munition:time\0", "wall"), "control-character"),
        (("munition:ti\u200bme", "wall"), "lookalike:munition:time"),
        (("wasi_snapshot_preview1x", "fd_write"), "lookalike:wasi_snapshot_preview1"),
        (("wasi_snapshot_previewl", "fd_write"), "lookalike:wasi_snapshot_preview1"),
        (("WASI_SNAPSHOT_PREVIEW1", "fd_write"), "lookalike:wasi_snapshot_preview1"),
        (("wasi_snapshot_preview\uff11", "fd_write"), "lookalike:wasi_snapshot_preview1"),
        (("env", ""), "empty"),
        (("env", "\x1b[2Jharmless"), "control-character"),
        (("env", "fd\u202ewrite"), "control-character"),
        (("env", "\u0441lock_time_get"), "lookalike:clock_time_get"),
    ],
)
def test_doubles_of_known_names_are_opaque_flagged_and_escaped(pair: tuple[str, str], flag: str) -> None:
    report = analyze(module(pair))
    assert report.required == {"opaque"}
    assert flag in report.imports[0].flags
    text = report_text("x.wasm", report)
    page = report_page([("x.wasm", report)])
    assert all(line.isprintable() and line.isascii() for line in text.split("\n"))
    assert page.isascii() or set(page) - set("·…") <= set(map(chr, range(128)))


def test_markup_in_names_stays_text() -> None:
    page = report_page([("<b>.wasm", analyze(module(("<script>alert(1)</script>", "&\"'<img src=x>"))))])
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "item", ["system", "malloc", "fd_write", "abort2", "emscripten", "__syscall_openat\x00"]
)
def test_what_is_not_described_is_opaque(item: str) -> None:
    assert analyze(module(("evil", item))).required == {"opaque"}


@pytest.mark.parametrize(
    "item", ["trace", "opa_println", "malloc", "debug", "random_seed", "call0", "runtime.ticks2"]
)
def test_a_generic_name_means_nothing_without_its_family(item: str) -> None:
    assert analyze(module(("env", item))).required == {"opaque"}


def test_a_lying_name_section_changes_nothing() -> None:
    text = '(module (import "munition:http" "request" (func $f)) (func (export "r") call $f))'
    honest = analyze(bytes(wat2wasm(text)))
    lying = analyze(bytes(wat2wasm(text.replace("(func $f)", '(func $f (@name "munition:log.write"))'))))
    assert (honest.labels, honest.required, honest.exports) == (lying.labels, lying.required, lying.exports)


def test_a_broken_name_section_is_a_note() -> None:
    report = analyze(module(CLOCK) + section(0, name("name") + b"\1\xff\xff\xff\xff\x0f"))
    assert report.required == {"time"}
    assert any(note.code == "N14" for note in report.notes)


@pytest.mark.parametrize(
    ("text", "label", "code"),
    [
        ('(import "env" "m" (memory 1))', "host.memory", "N03"),
        ('(import "env" "t" (table 1 funcref))', "host.table", "N04"),
        ('(import "env" "g" (global i32))', "host.global", ""),
        ('(import "env" "e" (tag))', "host.tag", ""),
        ('(import "munition:log" "write" (memory 1))', "host.memory", "N03"),
    ],
)
def test_imports_that_are_no_functions(text: str, label: str, code: str) -> None:
    report = analyze(bytes(wat2wasm(f"(module {text})")))
    assert report.labels == (label,)
    assert report.required == {"opaque"}
    assert not code or any(note.code == code for note in report.notes)


def test_types_of_every_kind_can_be_shown() -> None:
    text = '(module (import "a" "b" (func (param v128 externref (ref null extern)) (result funcref f32))))'
    assert analyze(bytes(wat2wasm(text))).imports[0].type.startswith("(v128, (ref null extern)")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"\0as",
        HEADER[:6],
        b"\x7fELF" + b"\0" * 60,
        gzip.compress(HEADER, mtime=0),
        b"(module)",
        b"\0asm\2\0\0\0",
    ],
)
def test_what_is_no_module(data: bytes) -> None:
    with pytest.raises(InvalidModuleError):
        analyze(data)


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wasm"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        with pytest.raises(InvalidModuleError):
            analyze(path)
    with pytest.raises(OSError, match="no such"):
        analyze(tmp_path / "no such")


def test_pipes_and_huge_files_at_the_command_line(tmp_path: Path) -> None:
    pipe, huge = tmp_path / "pipe.wasm", tmp_path / "huge.wasm"
    os.mkfifo(pipe)
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    for path, expected in ((pipe, 4), (huge, 7), (tmp_path / "none", 2)):
        command = [sys.executable, "-m", "munition", "infer", str(path)]
        assert subprocess.run(command, capture_output=True, timeout=100, check=False).returncode == expected


def test_compact_imports_are_spread_out() -> None:
    packed = name("env") + b"\0\x7e\0\0\3" + name("a") + name("b") + name("__syscall_socket")
    report = analyze(HEADER + TYPES + section(2, b"\1" + packed))
    assert [(i.module, i.name) for i in report.imports] == [
        ("env", "a"),
        ("env", "b"),
        ("env", "__syscall_socket"),
    ]
    assert report.required == {"opaque", "network"}


def test_an_unknown_instruction_makes_everything_reachable() -> None:
    body = b"\4\0\xff\0\x0b"
    code = (
        TYPES
        + imports(("munition:http", "request"))
        + section(3, b"\1\0")
        + section(7, b"\1" + name("r") + b"\0\1")
    )
    report = analyze(HEADER + code + section(10, b"\1" + body))
    assert not report.shape.bodies_read
    assert report.labels_reachable == ("net.http",)
    assert report.exports[0].labels == ("net.http",)


def mutants(data: bytes, count: int, seed: int) -> list[bytes]:
    dice = random.Random(seed)
    found: list[bytes] = []
    for _ in range(count):
        copy = bytearray(data)
        match dice.randrange(4):
            case 0:
                for _ in range(dice.choice((1, 3, 20))):
                    copy[dice.randrange(len(copy))] ^= 1 << dice.randrange(8)
            case 1:
                del copy[dice.randrange(len(copy)) :]
            case 2:
                at = dice.randrange(len(copy))
                copy[at:at] = dice.choice(
                    (
                        b"\xff\xff\xff\xff\x0f",
                        b"\x80\x80\x80\x80\x10",
                        bytes(dice.randrange(256) for _ in range(5)),
                    )
                )
            case _:
                at = dice.randrange(len(copy))
                del copy[at : at + dice.randrange(1, 20)]
        found.append(bytes(copy))
    return found


SEEDS = (
    '(module (import "env" "a" (func $a)) (table (export "t") 2 funcref) (elem (i32.const 0) $a)'
    ' (func (export "r") (param i32) i32.const 0 call_indirect block local.get 0 br_table 0 0 0 end))',
    "(module (rec (type $p (sub (func))) (type $q (sub $p (func)))) (type $s (struct (field (ref $p))))"
    ' (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32))) (tag $e)'
    " (global $g (ref null $p) (ref.null $p)) (func $h (type $q) (drop (call $w (i32.const 1) (i32.const 0) (i32.const 0)"
    ' (i32.const 0)))) (elem declare func $h) (func (export "r") ref.func $h call_ref $p) (memory 1) (data (i32.const 0) "x"))',
)


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_mutants_are_reported_or_refused(number: int) -> None:
    data = bytes(wat2wasm(SEEDS[number]))
    outcomes = {"report": 0, "refused": 0}
    for mutant in mutants(data, 1500, number):
        try:
            report = analyze(mutant)
        except MunitionError:
            outcomes["refused"] += 1
        else:
            outcomes["report"] += 1
            assert set(report.labels_reachable) <= set(report.labels)
    assert min(outcomes.values()) > 20


@pytest.mark.parametrize(
    "data",
    [
        HEADER
        + TYPES
        + section(3, b"\1\0")
        + section(10, b"\1" + unsigned(600_002) + b"\0" + b"\x02\x40" * 200_000 + b"\x0b" * 200_001),
        HEADER
        + section(
            1,
            unsigned(20_001)
            + b"\x50\0\x60\0\0"
            + b"".join(b"\x50\1" + unsigned(k) + b"\x60\0\0" for k in range(20_000)),
        ),
        module(*((f"m{k}", f"n{k}") for k in range(3_000))),
        HEADER + section(0, name("x")) * 50_000,
    ],
    ids=["nested blocks", "chain of subtypes", "many imports", "custom sections"],
)
def test_large_and_odd_modules_are_reported(data: bytes) -> None:
    assert analyze(data).sha256


def test_many_exports_and_imports_are_not_told_apart_but_not_forgotten() -> None:
    count = 900
    codes = [
        b"\0\x10" + unsigned(k) + (b"\x10" + unsigned(count + k + 1) if k < count - 1 else b"") + b"\x0b"
        for k in range(count)
    ]
    bodies = b"".join(unsigned(len(code)) + code for code in codes)
    data = (
        module(*(("env", f"i{k}") for k in range(count)))
        + section(3, unsigned(count) + b"\0" * count)
        + section(
            7, unsigned(count) + b"".join(name(f"e{k}") + b"\0" + unsigned(count + k) for k in range(count))
        )
        + section(10, unsigned(count) + bodies)
    )
    report = analyze(data)
    assert all(export.labels == ("opaque",) for export in report.exports)
    assert all(item.reachable for item in report.imports)
