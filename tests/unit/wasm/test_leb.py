# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.errors import InvalidModuleError
from munition.wasm.leb import padded, read_signed, read_unsigned, signed, unsigned


@pytest.mark.parametrize(
    ("value", "raw"),
    [(0, "00"), (127, "7f"), (128, "8001"), (624485, "e58e26"), ((1 << 32) - 1, "ffffffff0f")],
)
def test_unsigned_numbers_take_their_shortest_form(value: int, raw: str) -> None:
    assert unsigned(value).hex() == raw
    assert read_unsigned(bytes.fromhex(raw), 0, len(raw) // 2, 32) == (value, len(raw) // 2)


@pytest.mark.parametrize(
    ("value", "raw"),
    [(0, "00"), (63, "3f"), (64, "c000"), (-1, "7f"), (-64, "40"), (-65, "bf7f"), (-(1 << 31), "8080808078")],
)
def test_signed_numbers_take_their_shortest_form(value: int, raw: str) -> None:
    assert signed(value).hex() == raw
    assert read_signed(bytes.fromhex(raw), 0, len(raw) // 2, 32) == (value, len(raw) // 2)


@pytest.mark.parametrize("raw", ["8000", "80808000", "8080808000", "ff8080800f"])
def test_numbers_that_are_longer_than_needed_are_numbers(raw: str) -> None:
    assert read_unsigned(bytes.fromhex(raw), 0, len(raw) // 2, 32)[1] == len(raw) // 2


@pytest.mark.parametrize(
    ("raw", "bits", "code"),
    [
        ("", 32, "E210"),
        ("80", 32, "E210"),
        ("8080", 32, "E210"),
        ("808080808000", 32, "E211"),  # six bytes
        ("8080808010", 32, "E211"),  # bit 32
        ("ffffffff7f", 32, "E211"),
        ("80808080808080808002", 64, "E211"),  # bit 64
        ("80" * 200, 64, "E211"),
    ],
)
def test_malformed_unsigned_numbers_are_refused(raw: str, bits: int, code: str) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        read_unsigned(bytes.fromhex(raw), 0, len(raw) // 2, bits)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("raw", "bits", "code"),
    [
        ("ffff", 32, "E210"),
        ("8080808008", 32, "E211"),  # 2^31
        ("ffffffff0f", 32, "E211"),  # unused bits are not copies of the sign
        ("8080808070", 32, "E211"),
        ("ff" * 10, 64, "E211"),
        ("80808080808080808001", 64, "E211"),
        ("8080808010", 33, "E211"),
    ],
)
def test_malformed_signed_numbers_are_refused(raw: str, bits: int, code: str) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        read_signed(bytes.fromhex(raw), 0, len(raw) // 2, bits)
    assert caught.value.code == code


def test_padding_keeps_the_value() -> None:
    assert padded(5, 3).hex() == "858000"
    assert read_unsigned(padded(1_000_000, 5), 0, 5, 32) == (1_000_000, 5)


@pytest.mark.parametrize(("value", "width"), [(1 << 21, 3), (-1, 5)])
def test_padding_refuses_what_does_not_fit(value: int, width: int) -> None:
    with pytest.raises(OverflowError):
        padded(value, width)
