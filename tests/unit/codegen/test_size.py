# SPDX-License-Identifier: MIT
"""Modules stay small: what a program cannot reach is not in them, and direct calls need no table slots."""

from __future__ import annotations

import munition

HELLO = b'print("hello, world")\n'
HELLO_BYTES = 20_480


def test_a_hello_script_stays_small() -> None:
    size = len(munition.compile(HELLO, "log", name="hello.lua").wasm)
    assert size <= HELLO_BYTES, f"{size} bytes"


def test_inference_does_not_make_typed_code_larger_than_untyped_code() -> None:
    typed = munition.compile(b"local function f(a, b) return a * b + a end return f(2, 3) + f(4, 5)")
    unknown = munition.compile(b"local function f(a, b) return a * b + a end return f(...) + f(...)")
    assert len(typed.wasm) < len(unknown.wasm)
