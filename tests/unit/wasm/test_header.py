# SPDX-License-Identifier: MIT
from __future__ import annotations

import gzip

import pytest

from munition.errors import InvalidModuleError
from munition.wasm.header import HEADER
from munition.wasm.reader import read_module


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "E201", "empty"),
        (b"\0as", "E210", "ends within"),
        (HEADER[:6], "E210", "ends within"),
        (b"\0asm\2\0\0\0", "E204", "version 2"),
        (b"\0asm\x0d\0\1\0", "E203", "component"),
        (b"(module)", "E202", "text"),
        (b"\xef\xbb\xbf \n;; c\n(; a (; b ;)\n(module $x)", "E202", "text"),
        (b"  (component (core module))", "E202", "text"),
        (gzip.compress(HEADER, mtime=0), "E201", "gzip"),
        (b"PK\3\4rest", "E201", "zip"),
        (b"\x7fELF\2\1\1\0", "E201", "ELF"),
        (b"\x1bLua\x54", "E201", "Lua"),
        (b"#!/bin/sh\n", "E201", "script"),
        (b"<!DOCTYPE html>", "E201", "HTML"),
        (b"print('hello')\n", "E201", "plain text"),
        (b"\0\1\2\3\4\5\6\7", "E201", "00 01 02 03"),
    ],
)
def test_what_is_no_module_is_refused_by_what_it_is(data: bytes, code: str, says: str) -> None:
    with pytest.raises(InvalidModuleError, match=says) as caught:
        read_module(data)
    assert caught.value.code == code


def test_an_endless_comment_is_not_searched_for_ever() -> None:
    with pytest.raises(InvalidModuleError):
        read_module(b"(;" * 1_000_000)


def test_a_header_alone_is_a_module() -> None:
    assert read_module(HEADER).types == ()
