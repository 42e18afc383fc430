# SPDX-License-Identifier: MIT
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from wasmtime import wat2wasm

from munition.analysis import infer, infer_capabilities
from munition.errors import InvalidModuleError, UsageTypeError


def module(*imports: str) -> bytes:
    return bytes(wat2wasm(f"(module {' '.join(f'(import {item})' for item in imports)})"))


WASI = '"wasi_snapshot_preview1"'


@pytest.mark.parametrize(
    ("imports", "names"),
    [
        ((), set()),
        (('"munition:log" "write" (func)',), {"log"}),
        (('"munition:time" "wall" (func)', '"munition:random" "fill" (func)'), {"time", "random"}),
        (('"munition:time" "no_such_function" (func)',), {"time"}),
        (('"munition:Time" "wall" (func)',), {"opaque"}),
        (('"munition" "write" (func)',), {"opaque"}),
        (('"env" "puts" (func)',), {"opaque"}),
        (('"env" "memory" (memory 1)',), {"opaque"}),
        (('"munition:log" "write" (memory 1)',), {"opaque"}),
        ((f'{WASI} "proc_exit" (func)',), set()),
        ((f'{WASI} "fd_write" (func)',), {"log"}),
        (
            (f'{WASI} "path_open" (func)', f'{WASI} "fd_write" (func)'),
            {"log", "filesystem_read", "filesystem_write"},
        ),
        ((f'{WASI} "no_such_function" (func)',), {"opaque"}),
    ],
)
def test_what_an_import_section_means(imports: tuple[str, ...], names: set[str]) -> None:
    assert infer_capabilities(module(*imports)) == names


def test_what_each_import_contributes() -> None:
    found = infer(module('"munition:log" "write" (func)', '"env" "x" (global i32)'))
    assert [(need.item.name, need.names) for need in found.needs] == [("write", ("log",)), ("x", ("opaque",))]


def test_a_manifest_is_no_evidence() -> None:
    lie = bytes(wat2wasm('(module (import "munition:time" "wall" (func)) (@custom "munition" "{}"))'))
    found = infer(lie)
    assert found.required == {"time"}
    assert found.manifest is None


def test_a_path_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.wasm"
    path.write_bytes(module('"munition:log" "write" (func)'))
    assert infer_capabilities(path) == infer_capabilities(str(path)) == {"log"}


@pytest.mark.parametrize(
    "data", [b"", b"(module)", b"\0asm\1\0\0", b"\0asm\r\0\1\0\1", b"return 1", b"\0asm\1\0\0\0\x02\x7f"]
)
def test_what_is_no_module_is_refused_and_not_called_harmless(data: bytes) -> None:
    with pytest.raises(InvalidModuleError):
        infer_capabilities(data)


@pytest.mark.parametrize("thing", [None, 7, ["x.wasm"]])
def test_what_is_neither_bytes_nor_a_path(thing: Any) -> None:
    with pytest.raises(UsageTypeError):
        infer_capabilities(thing)
