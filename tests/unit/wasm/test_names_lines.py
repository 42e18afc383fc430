# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.errors import InvalidModuleError
from munition.wasm.header import HEADER
from munition.wasm.leb import name, unsigned
from munition.wasm.lines import SECTION, decode_lines, encode_lines, read_line_table
from munition.wasm.module import Custom, Module
from munition.wasm.names import function_names, read_names
from munition.wasm.writer import write_module


def part(kind: int, payload: bytes) -> bytes:
    return bytes((kind,)) + unsigned(len(payload)) + payload


def test_function_names_come_back() -> None:
    names = {3: "main", 200: "\u00e9 \n", 0: ""}
    assert read_names(function_names(names)).functions == names


def test_every_known_part_is_read() -> None:
    one = b"\x01\x02" + name("x")
    content = (
        part(0, name("mod"))
        + part(1, one)
        + part(2, b"\x01\x05" + one)
        + part(7, one)
        + part(11, one)
        + part(99, b"?")
    )
    names = read_names(content)
    assert (names.module, names.functions, names.locals) == ("mod", {2: "x"}, {5: {2: "x"}})
    assert names.others == {"globals": {2: "x"}, "tags": {2: "x"}}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x01\x05\x00", "E210"),
        (part(1, b"\xff\xff\xff\xff\x0f"), "E217"),
        (part(1, b"\x05\x00"), "E216"),
        (part(1, b"\x01\x00\x05a"), "E210"),
        (part(1, b"\x01\x00\x01\xff"), "E212"),
        (part(1, b"\x02\x00\x01a\x00\x01b"), "E240"),
        (part(2, b"\x01\x00\x7f\x00"), "E216"),
    ],
)
def test_malformed_names_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        read_names(content)
    assert caught.value.code == code


def test_a_limit_bounds_the_number_of_names() -> None:
    with pytest.raises(InvalidModuleError, match="3 names"):
        read_names(function_names({0: "a", 1: "b", 2: "c"}), limit=2)


def test_lines_come_back() -> None:
    lines = {7: ((0, 10), (5, 9), (300, 1000)), 2: ((1, 1),), 9: ()}
    assert decode_lines(encode_lines(lines)) == (lines, {})
    files = {"b/init.lua": [2, 300], "a.lua": [7]}
    assert decode_lines(encode_lines(lines, files)) == (
        lines,
        {2: "b/init.lua", 300: "b/init.lua", 7: "a.lua"},
    )


def test_the_format_is_what_is_documented() -> None:
    assert (
        encode_lines({7: ((0, 10), (5, 9)), 2: ((1, 64),)}).hex(" ")
        == "02 02 02 01 01 c0 00 05 02 00 4a 05 7f 00"
    )
    assert encode_lines({}, {"m": [3, 5]}).hex(" ") == "02 00 01 01 6d 02 03 02"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "E210"),
        (b"\x01\x00", "E240"),
        (b"\x02\x00", "E210"),
        (b"\x02\x00\x00\x00", "E240"),
        (b"\x02\xff\xff\xff\xff\x0f", "E217"),
        (b"\x02\x01\x00\x7f\x00", "E216"),
        (b"\x02\x01\x00\x01\x00", "E216"),
        (b"\x02\x00\x01\x01\xff\x00", "E240"),
        (b"\x02\x00\x01\x01m\x05\x00", "E216"),
        (b"\x02\x00\x01\xff\x7fm", "E217"),
    ],
)
def test_malformed_lines_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        decode_lines(content)
    assert caught.value.code == code
    with pytest.raises(InvalidModuleError):
        read_line_table(write_module(Module(customs=(Custom(SECTION, content),))))


def test_a_module_without_lines_has_no_line_table() -> None:
    assert read_line_table(HEADER) is None


def test_lines_of_functions_that_are_not_there_do_no_harm() -> None:
    table = read_line_table(write_module(Module(customs=(Custom(SECTION, encode_lines({5: ((0, 1),)})),))))
    assert table is not None
    assert table.line_at(8) is None
