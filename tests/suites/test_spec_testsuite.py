# SPDX-License-Identifier: MIT
"""The runner of the specification's tests finds what differs, and makes earlier calls again where they matter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from munition.wasm.module import Body, Export, Global, Kind, Module
from munition.wasm.types import F32, I32, FuncType, GlobalType, SubType
from munition.wasm.writer import write_module
from tests.suites.spec_testsuite import Script, Tally, everything_on

if TYPE_CHECKING:
    from pathlib import Path

_NEXT: Final = b"\x00\x23\x00\x41\x01\x6a\x24\x00\x23\x00\x0b"  # a global and one more: kept, and returned
_SAME: Final = b"\x00\x20\x00\x0b"
_STOP: Final = b"\x00\x00\x0b"
_ILL: Final = b"\x00\x42\x00\x0b"  # an i64 where an i32 should be
_SIGNALLING: Final = str(0x7FA00001)


def _module(first: bytes) -> bytes:
    return write_module(
        Module(
            types=(
                SubType(FuncType((), (I32,))),
                SubType(FuncType((F32,), (F32,))),
            ),
            functions=(0, 1, 0),
            globals=(Global(GlobalType(I32, True), b"\x41\x00\x0b"),),
            exports=tuple(Export(name, Kind.FUNCTION, i) for i, name in enumerate(("next", "same", "stop"))),
            code=(Body(first), Body(_SAME), Body(_STOP)),
        )
    )


def _asserted(name: str, expected: str, type_: str = "i32", *given: str) -> dict[str, Any]:
    arguments = [{"type": "f32", "value": bits} for bits in given]
    return {
        "type": "assert_return",
        "action": {"type": "invoke", "field": name, "args": arguments},
        "expected": [{"type": type_, "value": expected}],
    }


def _trapped(text: str) -> dict[str, Any]:
    return {**_asserted("stop", "0"), "type": "assert_trap", "text": text}


def _run(folder: Path, commands: list[dict[str, Any]]) -> Tally:
    (folder / "good.wasm").write_bytes(_module(_NEXT))
    (folder / "ill.wasm").write_bytes(_module(_ILL))
    script = folder / "script.json"
    numbered = [{"line": line, **command} for line, command in enumerate(commands, 1)]
    script.write_text(json.dumps({"commands": numbered}), "utf-8")
    tally = Tally()
    Script(script, everything_on(), tally).run()
    return tally


_GOOD: Final = {"type": "module", "filename": "good.wasm"}
_RIGHT: Final = (
    _asserted("next", "1"),
    _asserted("next", "2"),
    _trapped("unreachable"),
    _asserted("next", "3"),
    _asserted("same", _SIGNALLING, "f32", _SIGNALLING),
    {"type": "assert_invalid", "filename": "ill.wasm", "text": "type mismatch"},
)


def test_what_is_right_passes_and_says_how(tmp_path: Path) -> None:
    tally = _run(tmp_path, [_GOOD, *_RIGHT])
    assert not tally.failures
    assert tally.counts["assert_return: passed"] == 1
    assert tally.counts["assert_return: passed after the calls before it"] == 2
    assert tally.counts["assert_trap: passed"] == 1
    assert tally.counts["invalid: refused by nobody before the engine"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        _asserted("next", "2"),
        _asserted("same", "nan:canonical", "f32", _SIGNALLING),
        _asserted("same", str(0x7FE00001), "f32", _SIGNALLING),
        _asserted("same", "2147483648", "f32", "0"),
        _asserted("stop", "0"),
        _trapped("integer overflow"),
        {**_trapped("unreachable"), "action": {"type": "invoke", "field": "next", "args": []}},
        {"type": "assert_invalid", "filename": "good.wasm", "text": "type mismatch"},
        {"type": "module", "filename": "bad.wasm"},
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, wrong: dict[str, Any]) -> None:
    (tmp_path / "bad.wasm").write_bytes(_module(_NEXT)[:-1])
    assert len(_run(tmp_path, [_GOOD, wrong]).failures) == 1
