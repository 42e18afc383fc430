# SPDX-License-Identifier: MIT
"""The modules munition.http and munition.fs as a script sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import munition
from munition import Limits, Outcome
from tests.support.loopback import Loopback, plain


def echo(connection: object, request: bytes) -> None:
    connection.sendall(plain(request, "x-two: a", "X-Two: b", "set-cookie: a=1", "set-cookie: b=2"))  # type: ignore[attr-defined]


@pytest.fixture
def server() -> Iterator[Loopback]:
    made = Loopback(echo)
    yield made
    made.close()


def run(text: str, *caps: str, args: tuple[object, ...] = (), limits: Limits | None = None) -> Outcome:
    module = munition.compile(text.encode(), list(caps))
    return munition.fire(module, None, args, capabilities=list(caps), limits=limits)


def values(text: str, *caps: str, args: tuple[object, ...] = ()) -> tuple[object, ...]:
    outcome = run(text, *caps, args=args)
    assert outcome.kind == "ok", outcome
    return outcome.values


HTTP = 'local http = require "munition.http" '


def test_get(server: Loopback) -> None:
    text = (
        HTTP
        + 'local r = http.get(..., {headers = {["X-A"] = {"1", 2}}}) return r.status, r.headers, r.body, r.url'
    )
    status, headers, body, url = values(text, f"http:{server.url}", args=(server.url + "/p?q=1#f",))
    assert (status, url) == (200, server.url + "/p?q=1")
    assert isinstance(headers, dict)
    assert isinstance(body, str)
    assert (headers["x-two"], headers["set-cookie"]) == ("a, b", "a=1\nb=2")
    assert body.startswith("GET /p?q=1 HTTP/1.1\r\n")
    assert "X-A: 1\r\nX-A: 2\r\n" in body


def test_request_with_a_binary_body(server: Loopback) -> None:
    text = HTTP + (
        'local r = assert(http.request{method = "POST", url = ..., headers = {["Content-Type"] = "x"}, body = "\\0\\xff"}) '
        "return r.body:sub(-2) == '\\0\\xff', r.body:match('POST'), r.body:match('content%-length: 2')"
    )
    found = values(text, f"http:POST@{server.url}", args=(server.url,))
    assert found == (True, "POST", "content-length: 2")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('http.get("http://127.0.0.1:1/")', "denied"),
        ('http.request{method = "DELETE", url = URL}', "denied"),
        ('http.get("nonsense")', "invalid"),
        ("http.get(URL, {headers = {['x'] = 'a\\nb'}})", "invalid"),
        ("http.get(URL, {follow = true})", "invalid"),
        ("http.get(URL, {timeout = 0})", "invalid"),
        ("http.request{}", "invalid"),
        ("http.request{url = {}}", "invalid"),
        ('http.get("http://127.0.0.1:2/")', "connect"),
    ],
)
def test_failures_are_nil_a_sentence_and_a_code(server: Loopback, call: str, code: str) -> None:
    caps = (f"http:{server.url}", "http:http://127.0.0.1:2")
    answer, message, found = values(HTTP + f"URL = ... return {call}", *caps, args=(server.url,))
    assert (answer, found) == (None, code)
    assert isinstance(message, str)
    assert message


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("http.get()", "bad argument #1 to 'get' (string expected, got no value)"),
        ("http.get({})", "bad argument #1 to 'get' (string expected, got table)"),
        ("http.get('x', 1)", "bad argument #2 to 'get' (table expected, got number)"),
        ("http.request('x')", "bad argument #1 to 'request' (table expected, got string)"),
        ("http.get('x', {body = print})", 'request["body"]: a function'),
        ("local t = {} t.headers = t http.request(t)", "a table that contains itself"),
    ],
)
def test_wrong_arguments_are_errors(call: str, error: str) -> None:
    outcome = run(HTTP + call, "log", "http:good.test")
    assert outcome.kind == "guest_error"
    assert error in outcome.message


def test_the_number_of_requests_is_a_limit(server: Loopback) -> None:
    text = HTTP + "for i = 1, 10 do assert(http.get(...)) end"
    outcome = run(text, f"http:{server.url}", args=(server.url,), limits=Limits(requests=4))
    assert (outcome.kind, outcome.crash and outcome.crash.reason) == ("limit", "http")
    assert server.connections == 4


def test_a_body_larger_than_the_memory_is_not_enough_memory(server: Loopback) -> None:
    text = (
        HTTP
        + "local s = ('x'):rep(2000000) return pcall(http.request, {method = 'POST', url = ..., body = s})"
    )
    outcome = run(text, f"http:POST@{server.url}", args=(server.url,), limits=Limits(memory=4 << 20))
    assert outcome.kind in {"ok", "limit"}
    if outcome.kind == "ok":
        assert outcome.values[0] is False


@pytest.mark.parametrize("text", [HTTP, HTTP + "return http", HTTP + "return type(http)"])
def test_requiring_it_needs_nothing_and_gives_nothing(text: str) -> None:
    module = munition.compile(text.encode())
    assert munition.infer_capabilities(module.wasm) == frozenset()


def test_only_programs_that_use_it_import_it(server: Loopback) -> None:
    caps = ["log", "http:good.test", "filesystem_read:."]
    assert munition.infer_capabilities(munition.compile("print(1)", caps).wasm) == {"log"}
    used = munition.compile(HTTP + "return http.get('x')", caps)
    assert munition.infer_capabilities(used.wasm) == {"http"}
    with pytest.raises(munition.CompileError, match=r"munition\.http\.get.*'http'"):
        munition.compile(HTTP + "http.get('x')")


FS = 'local fs = require "munition.fs" '


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "b").write_bytes(b"12345")
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("b")
    return tmp_path


def test_listing(tree: Path) -> None:
    caps = f"filesystem_read:{tree}"
    assert values(FS + "return fs.list('/')", caps) == (
        [
            {"name": "a", "kind": "directory"},
            {"name": "b", "kind": "file"},
            {"name": "link", "kind": "other"},
        ],
    )
    assert values(FS + "return fs.list('a')", caps) == ([],)
    assert values(FS + "return fs.list('b')", caps) == (None, "b: Not a directory", 20)
    assert values(FS + "return fs.list('../')", caps) == (None, "../: No such file or directory", 2)
    assert values(FS + "return fs.size('link'), fs.size('nothing')", caps) == (
        5,
        None,
        "nothing: No such file or directory",
        2,
    )
    assert values(FS + "return fs.size('a')", caps) == (None, "a: Is a directory", 21)


def test_listing_many(tree: Path) -> None:
    names = sorted(f"{number:04}-{'n' * (number % 200)}" for number in range(500))
    for name in names:
        (tree / "a" / name).write_bytes(b"")
    text = FS + "local names = {} for i, e in ipairs(fs.list('a')) do names[i] = e.name end return names"
    caps = f"filesystem_read:{tree}"
    assert values(text, caps) == (names,)
    few = run(FS + "return fs.list('a')", caps, limits=Limits(entries=499))
    assert few.values == (None, "a: File too large", 27)


def test_listings_close_their_handles(tree: Path) -> None:
    text = (
        FS + "for i = 1, 1000 do assert(fs.list('a')) end local f = assert(io.open('b')) return f:read('a')"
    )
    assert values(text, f"filesystem_read:{tree}") == ("12345",)
