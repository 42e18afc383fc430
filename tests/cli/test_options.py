# SPDX-License-Identifier: MIT
from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from munition.cli.options import declared, fuel_of, granted, seconds_of, size_of, size_text
from munition.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1), ("30_000_000_000", 30_000_000_000), (str(2**63 - 1), 2**63 - 1)]
)
def test_fuel(text: str, value: int) -> None:
    assert fuel_of(text) == value


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "1e9", "", "ten", str(2**63), "9" * 4000, "1__0", "\uff11", " 1", "nan"]
)
def test_fuel_that_can_never_be(text: str) -> None:
    with pytest.raises(click.BadParameter):
        fuel_of(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16MiB", 16 << 20),
        ("512KiB", 512 << 10),
        ("65536", 65536),
        ("1 GiB", 1 << 30),
        ("4gib", 4 << 30),
        ("10B", 10),
    ],
)
def test_sizes(text: str, value: int) -> None:
    assert size_of(text) == value


@pytest.mark.parametrize("text", ["0", "-1", "1.5MiB", "16MB", "16M", "5GiB", "", "MiB", "9" * 4000, "0x10"])
def test_sizes_that_can_never_be(text: str) -> None:
    with pytest.raises(click.BadParameter):
        size_of(text)


@given(st.integers(1, 4 << 30))
def test_a_size_is_shown_as_it_is_read(size: int) -> None:
    assert size_of(size_text(size)) == size


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e9", "", "soon"])
def test_times_that_can_never_be(text: str) -> None:
    with pytest.raises(click.BadParameter):
        seconds_of(text)


def test_capabilities_of_all_occurrences_are_joined() -> None:
    assert declared(("log,time", "random", "log", "")).spellings() == ("log", "random", "time")


def test_a_bare_http_can_be_declared_and_not_granted() -> None:
    assert declared(("http",)).names == {"http"}
    with pytest.raises(UsageError, match="needs a parameter"):
        granted(("http",))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Log", "log"),
        ("tiem", "time"),
        ("all", "known are"),
        ("*", "known are"),
        ("network", "cannot be granted"),
    ],
)
def test_there_is_no_way_to_ask_for_everything_or_the_unknown(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        granted((text,))
