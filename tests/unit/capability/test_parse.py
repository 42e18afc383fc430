# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.capability import NAMES, CapabilitySet, parse, parse_grants, parse_one
from munition.capability.parse import join, split
from munition.errors import UsageError, UsageTypeError


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("log", "log"),
        (" time ", "time"),
        ("filesystem_read:./data/", "filesystem_read:./data"),
        ("filesystem_read:/", "filesystem_read:/"),
        ("filesystem_read:in=./a=b", "filesystem_read:in=./a=b"),
        ("filesystem_read:./a=b", "filesystem_read:./a=b"),
        ("http:API.example.com", "http:api.example.com"),
        ("http:api.example.com:443", "http:api.example.com"),
        ("http:http://api.example.com:80", "http:http://api.example.com"),
        ("http:HEAD+GET@h.example:8443", "http:h.example:8443"),
        ("http:PUT+POST@https://h.example", "http:POST+PUT@h.example"),
        ("http:127.0.0.1:8080", "http:127.0.0.1:8080"),
        ("http:[::1]:8080", "http:[::1]:8080"),
        ("http:[0:0::1]", "http:[::1]"),
    ],
)
def test_a_capability_parses_and_prints_in_one_spelling(text: str, spelling: str) -> None:
    parsed = parse_one(text)
    assert str(parsed) == spelling
    assert parse_one(spelling) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "log:x",
        "time:",
        "filesystem_read:",
        "filesystem_read:in=",
        "filesystem_read:a\0b",
        "filesystem_read:a\nb",
        "filesystem_read:" + "x" * 5000,
        "http:",
        "http:FETCH@h.example",
        "http:@h.example",
        "http:h.example:0",
        "http:h.example:65536",
        "http:h.example:٣",
        "http:h.example:",
        "http:h.example/path",
        "http:*.example.com",
        "http:user:pass@h.example",
        "http:good@127.0.0.1",
        "http:good.example\\@127.0.0.1",
        "http:good.example\t.evil",
        "http:2130706433",
        "http:0x7f000001",
        "http:0177.0.0.1",
        "http:127.1",
        "http:1.2.3.4.5",
        "http:h.0x1",
        "http:h.example.",
        "http:.example",
        "http:-h.example",
        "http:ex\N{LATIN SMALL LETTER A WITH DIAERESIS}mple.com",
        "http:①.example",
        "http:[::1",
        "http:[fe80::1%eth0]",
        "http:[127.0.0.1]",
        "http:ftp://h.example",
        "http:" + "a" * 64 + ".example",
    ],
)
def test_what_is_not_plainly_a_capability_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_one(text)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("Time", "time"),
        ("LOG", "log"),
        ("filesystem-read", "filesystem_read"),
        ("randm", "random"),
        ("htp", "http"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_known_one(wrong: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean '{hint}'"):
        parse_one(wrong)


def test_a_name_like_no_other_is_answered_with_the_list() -> None:
    with pytest.raises(UsageError, match="known are filesystem_read, http, log, random, time"):
        parse_one("zzzzzz")


@pytest.mark.parametrize("name", sorted(n for n, entry in NAMES.items() if not entry.grantable))
def test_known_names_without_a_host_cannot_be_declared(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be granted"):
        parse(name)


def test_every_name_says_what_it_is_and_what_a_hostile_holder_does() -> None:
    for name, entry in NAMES.items():
        assert entry.name == name
        assert entry.summary
        assert entry.implications.endswith(".")
        assert (entry.parameter is None) == (entry.form == "")


def test_lists_collapse_duplicates_and_may_be_empty() -> None:
    assert parse("") == parse([]) == parse(None) == parse("  ") == CapabilitySet()
    assert parse("log,log,time").spellings() == ("log", "time")
    assert parse(["log", "time"]) == parse("time, log")


def test_an_escaped_comma_belongs_to_the_item() -> None:
    assert split(r"filesystem_read:a\,b,log") == ["filesystem_read:a,b", "log"]
    assert parse(r"filesystem_read:a\,b,log").spellings() == ("filesystem_read:a,b", "log")
    assert split(join(["a,b", "c"])) == ["a,b", "c"]


@pytest.mark.parametrize("text", ["log,", ",", "log,,time"])
def test_an_empty_item_in_a_list_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


@pytest.mark.parametrize("items", [[1], [None], [b"log"], [True]])
def test_items_that_are_not_strings_are_type_errors(items: list[str]) -> None:
    with pytest.raises(UsageTypeError):
        parse(items)


def test_too_many_items_are_refused() -> None:
    with pytest.raises(UsageError, match="more than 256"):
        parse(["log"] * 257)


@pytest.mark.parametrize("name", ["http", "filesystem_read"])
def test_a_bare_name_declares_any_but_grants_nothing(name: str) -> None:
    assert parse(name).names == {name}
    with pytest.raises(UsageError, match=f"needs a parameter: write {name}:"):
        parse_grants(name)


def test_two_directories_under_one_name_cannot_be_granted() -> None:
    assert len(parse_grants("filesystem_read:./a,filesystem_read:b=./b")) == 2
    with pytest.raises(UsageError, match="two directories are granted as /:"):
        parse_grants("filesystem_read:./a,filesystem_read:./b")
    with pytest.raises(UsageError, match="two directories are granted as /x:"):
        parse_grants(["filesystem_read:x=./a", "filesystem_read:x=./b"])
