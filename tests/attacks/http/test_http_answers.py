# SPDX-License-Identifier: MIT
"""What is sent and what comes back: methods, headers, bodies, bombs, servers that dawdle or lie, certificates."""

from __future__ import annotations

import gzip
import os
import socket
import threading
import time
import zlib

import pytest

from munition.host.abi import BudgetSpentError, FuelSpentError
from munition.host.budget import Budget
from tests.attacks.http.conftest import Asker, Serve, to
from tests.support.loopback import CERTIFICATES, plain

OK = plain(b"fine")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_ht_13_methods_that_are_not_granted_are_denied(serve: Serve, method: str) -> None:
    server = serve(OK)
    assert Asker((to(server),)).code(server.url, method=method) == "denied"
    assert server.connections == 0
    assert Asker((to(server, method),)).ask(server.url, method=method).body == b"fine"
    assert Asker((to(server, method),)).code(server.url) == "denied"  # listed methods replace GET and HEAD


@pytest.mark.parametrize(
    "method", ["CONNECT", "TRACE", "get", "GET\r\nX: y", "", "G" * 10_000, 1, None, True]
)
def test_ht_13_there_are_no_other_methods(serve: Serve, method: object) -> None:
    server = serve(OK)
    assert Asker((to(server, "GET", "POST"),)).code(server.url, method=method) == "invalid"
    assert server.connections == 0


BAD_HEADERS = [
    {"x": "a\r\nevil: 1"}, {"x": "a\nb"}, {"x\r\ny": "1"}, {"x y": "1"}, {"x:": "1"}, {"": "1"}, {"x": "a\0b"}, {"é": "1"},
    {"host": "evil.test"}, {"Host": "evil.test"}, {"Content-Length": "5"}, {"transfer-encoding": "chunked"}, {"Connection": "x"},
    {"upgrade": "websocket"}, {"proxy-authorization": "x"}, {"expect": "100-continue"}, {"te": "trailers"}, {"accept-encoding": "br"},
    {"x": True}, {"x": 1.5}, {"x": {}}, {1: "x"}, "x: y", 5, [["x", "y"]],
    {f"h{i}": "v" for i in range(10_000)}, {"x": ["v"] * 10_000}, {"x": "v" * (1 << 20)}, {"n" * (1 << 20): "v"},
]  # fmt: skip


@pytest.mark.parametrize("headers", BAD_HEADERS, ids=lambda h: repr(h)[:40])
def test_ht_14_headers_that_break_out_or_are_too_large_are_refused(serve: Serve, headers: object) -> None:
    server = serve(OK)
    assert Asker((to(server),)).code(server.url, headers=headers) == "invalid"
    assert server.connections == 0


def test_ht_15_the_environment_changes_nothing(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    proxy = serve(plain(b"proxied"))
    server = serve(OK)
    strong = serve(OK, "good")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    keys = f"{tmp_path}/keys"
    monkeypatch.setenv("SSLKEYLOGFILE", keys)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with open(f"{tmp_path}/.netrc", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login me password secret\n")
    assert Asker((to(server),)).ask(server.url).body == b"fine"
    assert b"authorization" not in server.requests[0].lower()
    assert Asker((to(strong),), ca_file=None).code(strong.url) == "connect"
    assert Asker((to(strong),)).ask(strong.url).body == b"fine"
    assert proxy.connections == 0
    assert not os.path.exists(keys)  # noqa: PTH110


def test_ht_16_nothing_is_shared_between_requests(serve: Serve) -> None:
    server = serve(plain(b"fine", "set-cookie: tenant=1", "connection: keep-alive"))
    for _ in range(2):
        asker = Asker((to(server),))
        asker.ask(server.url)
        asker.ask(server.url)
    assert server.connections == 4
    assert not any(b"cookie" in request.lower() for request in server.requests)


def bomb(size: int) -> bytes:
    """`size` bytes of nothing in a thousandth of them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


def test_ht_17_a_compressed_bomb_stops_at_the_cap(serve: Serve) -> None:
    server = serve(plain(bomb(256 << 20), "content-encoding: gzip"))
    asker = Asker((to(server),), budget=Budget(body=1 << 20))
    assert asker.code(server.url) == "too_large"
    assert asker.context.spent.received < 4 << 20
    with pytest.raises(BudgetSpentError) as caught:
        Asker((to(server),), budget=Budget(received=1 << 20)).ask(server.url)
    assert caught.value.reason == "http"


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip, br", "compress", "deflate, gzip", "x"])
def test_ht_17_what_was_not_asked_for_is_not_decoded(serve: Serve, coding: str) -> None:
    server = serve(plain(gzip.compress(gzip.compress(b"x" * 1000)), f"content-encoding: {coding}"))
    assert Asker((to(server),)).code(server.url) == "encoding"


PACKED = gzip.compress(b"x", mtime=0)


@pytest.mark.parametrize(
    "body", [b"not gzip", PACKED[:-3], PACKED + b"more", PACKED * 2], ids=["plain", "cut", "more", "twice"]
)
def test_ht_17_bodies_that_are_not_what_they_say_are_refused(serve: Serve, body: bytes) -> None:
    server = serve(plain(body, "content-encoding: gzip"))
    assert Asker((to(server),)).code(server.url) == "encoding"


@pytest.mark.parametrize("size", [0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3_000_000])
def test_compressed_bodies_are_decoded(serve: Serve, size: int) -> None:
    body = os.urandom(size // 2) + bytes(size - size // 2)
    for packed in (gzip.compress(body), zlib.compress(body)):
        server = serve(plain(packed, "content-encoding: " + ("gzip" if packed[0] == 0x1F else "deflate")))
        assert Asker((to(server),)).ask(server.url).body == body


def dawdle(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def endless_head(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x: y\r\n")
        time.sleep(0.01)


def endless_body(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def silent(connection: socket.socket, _request: bytes) -> None:
    connection.recv(1)


@pytest.mark.parametrize("handler", [dawdle, endless_head, endless_body, silent])
def test_ht_18_slow_servers_meet_the_deadline(serve: Serve, handler: object) -> None:
    server = serve(handler)
    assert Asker((to(server),)).code(server.url, timeout=0.4) == "timeout"
    assert Asker((to(server),), seconds=0.4).code(server.url) == "timeout"  # the fire's own


def test_ht_18_a_server_that_does_not_shake_hands_or_does_not_accept(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        assert Asker((f"http:127.0.0.1:{port}",)).code(f"https://127.0.0.1:{port}/", timeout=0.3) == "connect"


def test_ht_18_a_name_that_takes_too_long(serve: Serve) -> None:
    go_on = threading.Event()

    def slow(_name: str, _port: int) -> list[str]:
        go_on.wait(20)
        return []

    asker = Asker(("http:http://good.test",), slow)
    assert asker.code("http://good.test/", timeout=0.3) == "connect"
    go_on.set()


def test_ht_18_a_cancelled_fire_waits_no_longer(serve: Serve) -> None:
    server = serve(silent)
    asker = Asker((to(server),))
    object.__setattr__(asker.context, "cancelled", lambda: bool(server.requests))
    assert asker.code(server.url) == "timeout"


def test_ht_19_a_body_that_is_too_large_is_not_sent(serve: Serve) -> None:
    server = serve(OK)
    asker = Asker((to(server, "POST"),), budget=Budget(sent=1 << 20))
    with pytest.raises(BudgetSpentError):
        asker.ask(server.url, method="POST", body=bytes(2 << 20))
    assert server.connections == 0
    small = Asker((to(server, "POST"),), budget=Budget(sent=1 << 10))
    small.ask(server.url, method="POST", body=bytes(400))
    with pytest.raises(BudgetSpentError):
        small.ask(server.url, method="POST", body=bytes(600))
    assert server.connections == 1


def test_the_number_of_requests_is_bounded(serve: Serve) -> None:
    server = serve(OK)
    asker = Asker((to(server),), budget=Budget(requests=2))
    asker.ask(server.url)
    asker.ask(server.url)
    with pytest.raises(BudgetSpentError):
        asker.ask(server.url)
    assert server.connections == 2


@pytest.mark.parametrize("certificate", ["self", "wrong", "expired"])
def test_ht_20_servers_that_cannot_prove_who_they_are(serve: Serve, certificate: str) -> None:
    server = serve(OK, certificate)
    assert Asker((to(server),)).code(server.url) == "connect"
    assert server.requests == []
    for field in ("verify", "insecure", "ca_file", "proxy"):
        assert Asker((to(server),)).code(server.url, **{field: False}) == "invalid"


def test_a_server_that_can(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(OK, "good")
    assert Asker((to(server),)).ask(server.url).body == b"fine"
    monkeypatch.setattr("munition.host.http_wire.refusal", lambda _address: None)
    here = lambda _name, _port: ["127.0.0.1"]  # noqa: E731
    named = Asker((f"http:good.test:{server.port}",), here)
    assert named.ask(f"https://good.test:{server.port}/").body == b"fine"
    other = Asker((f"http:elsewhere.test:{server.port}",), here)
    assert other.code(f"https://elsewhere.test:{server.port}/") == "connect"


def test_ht_21_all_ways_a_connection_fails_look_the_same(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    self_signed, no_tls = serve(OK, "self"), serve(OK)
    failures = [
        Asker((f"http:http://127.0.0.1:{port}",)).failure(f"http://127.0.0.1:{port}/"),
        Asker((to(self_signed),)).failure(self_signed.url),
        Asker((f"http:127.0.0.1:{no_tls.port}",)).failure(f"https://127.0.0.1:{no_tls.port}/", timeout=0.3),
        Asker(("http:http://good.test",), lambda _n, _p: []).failure("http://good.test/"),
        Asker(("http:http://good.test",), lambda _n, _p: ["127.0.0.1"]).failure("http://good.test/"),
        Asker((f"http:http://[::1]:{port}",)).failure(f"http://[::1]:{port}/"),
    ]
    assert {(str(failure), failure.code) for failure in failures} == {(str(failures[0]), "connect")}


NO_ANSWERS = {
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "interim flood": b"HTTP/1.1 102 Processing\r\n\r\n" * 100,
    "not http": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "nothing": b"",
    "cut in the head": b"HTTP/1.1 200 OK\r\ncontent-le",
    "cut in the body": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
    "cut in a chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
    "bad chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "negative length": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nab",
    "large head": b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000 + b"\r\n\r\n",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000 + b"\r\n",
    "nul": b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n",
    "status": b"HTTP/1.1 9999 OK\r\n\r\n",
}


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_ht_22_what_is_no_answer_is_an_error(serve: Serve, answer: bytes) -> None:
    server = serve(answer)
    assert Asker((to(server),)).code(server.url) in {"protocol", "connect"}
    assert server.connections == 1


def test_a_few_interim_answers_are_passed_over(serve: Serve) -> None:
    server = serve(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3 + OK)
    assert Asker((to(server),)).ask(server.url).body == b"fine"


def test_bytes_that_arrive_cost_fuel(serve: Serve) -> None:
    server = serve(plain(bytes(100_000)))
    with pytest.raises(FuelSpentError):
        Asker((to(server),), fuel=50_000).ask(server.url)
    paid = Asker((to(server),), fuel=1_000_000)
    paid.ask(server.url)
    assert 1_000_000 - paid.fuel > 100_000
