# SPDX-License-Identifier: MIT
"""Where requests go: redirects, names that lead inside, addresses in disguise, URLs that can be read in two ways."""

from __future__ import annotations

import ipaddress
import logging

import pytest

from munition.host.http_address import refusal
from munition.host.http_url import UrlError, parse_url, redirect_url
from munition.host.http_wire import Resolver
from tests.attacks.http.conftest import Asker, Serve, to
from tests.support.loopback import plain

SECRET = plain(b"secret")


def redirect(location: str, status: int = 302) -> bytes:
    return plain(b"", f"location: {location}", status=f"{status} Found")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_ht_01_a_redirect_to_a_host_that_is_not_granted_is_not_followed(serve: Serve, status: int) -> None:
    inside = serve(SECRET)
    outside = serve(redirect(inside.url + "/secret", status))
    assert Asker((to(outside),)).code(outside.url) == "denied"
    assert outside.connections == 1
    assert inside.connections == 0


def test_a_redirect_to_a_granted_host_is_followed(serve: Serve) -> None:
    second = serve(plain(b"there"))
    first = serve(redirect(second.url + "/x?y"))
    asker = Asker((to(first), to(second)))
    assert asker.ask(first.url).body == b"there"
    assert second.requests[0].startswith(b"GET /x?y HTTP/1.1\r\n")
    assert asker.context.spent.requests == 2
    assert asker.ask(first.url, redirects=0).status == 302


def test_secrets_stay_behind_when_a_redirect_leads_elsewhere(serve: Serve) -> None:
    second = serve(SECRET)
    first = serve(redirect(second.url))
    headers = {"Authorization": "token", "cookie": "a=b", "x-other": "1"}
    Asker((to(first), to(second))).ask(first.url, headers=headers)
    assert b"token" in first.requests[0]
    assert b"token" not in second.requests[0]
    assert b"a=b" not in second.requests[0]
    assert b"x-other: 1" in second.requests[0]


@pytest.mark.parametrize(
    ("status", "line", "body"),
    [(302, b"GET /", b""), (303, b"GET /", b""), (307, b"POST /", b"data"), (308, b"POST /", b"data")],
)
def test_a_redirect_of_a_post_is_checked_for_its_method(
    serve: Serve, status: int, line: bytes, body: bytes
) -> None:
    second = serve(SECRET)
    first = serve(redirect(second.url, status))
    asker = Asker((to(first, "POST"), to(second, "GET", "POST")))
    asker.ask(first.url, method="POST", body="data", headers={"content-type": "text/x"})
    assert second.requests[0].startswith(line)
    assert second.requests[0].endswith(b"\r\n\r\n" + body)
    assert (b"content-type" in second.requests[0]) == bool(body)
    only_get = Asker((to(first, "POST"), to(second, "GET" if body else "POST")))
    assert only_get.code(first.url, method="POST", body="data") == "denied"


def test_redirects_without_end_end(serve: Serve) -> None:
    server = serve(redirect("/again"))
    assert Asker((to(server),)).code(server.url) == "redirects"
    assert server.connections == 6


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:70/_x", "data:text/plain,hello", "unix:///run/x.sock",
        "http+unix://%2frun%2fx.sock/", "javascript:1", "http:", "http://", "//", "http://a b/", "\\\\127.0.0.1\\x", "http:///x",
    ],
)  # fmt: skip
def test_ht_02_a_redirect_to_another_scheme_is_not_followed(serve: Serve, location: str) -> None:
    server = serve(redirect(location))
    assert Asker((to(server),)).code(server.url) == "denied"
    assert server.connections == 1


def test_ht_03_no_redirect_leads_from_https_to_http(serve: Serve) -> None:
    weak = serve(SECRET)
    strong = serve(redirect(weak.url), "good")
    assert Asker((to(strong), to(weak))).code(strong.url) == "denied"
    assert weak.connections == 0


def test_ht_03_from_http_to_https_only_where_that_is_granted(serve: Serve) -> None:
    strong = serve(SECRET, "good")
    weak = serve(redirect(strong.url))
    assert Asker((to(weak),)).code(weak.url) == "denied"
    assert strong.connections == 0
    assert Asker((to(weak), to(strong))).ask(weak.url).body == b"secret"


def list_of(addresses: list[str]) -> Resolver:
    return lambda _name, _port: addresses


INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "192.168.0.1",
    "172.16.0.1",
    "::1",
    "fe80::1",
    "fc00::1",
    "0.0.0.0",
]


@pytest.mark.parametrize("address", INSIDE)
def test_ht_04_a_granted_name_that_leads_inside_is_refused(
    serve: Serve, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(SECRET)
    asker = Asker((f"http:http://good.test:{server.port}",), lambda _name, _port: [address])
    with caplog.at_level(logging.WARNING, logger="munition.http"):
        failure = asker.failure(f"http://good.test:{server.port}/")
    assert failure.code == "connect"
    assert address not in str(failure)
    assert server.connections == 0
    assert "good.test" in caplog.text  # the host is told


def test_ht_05_one_inside_address_spoils_all(serve: Serve) -> None:
    server = serve(SECRET)
    for found in (
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["2606:2800:220:1::1", "10.0.0.1"],
    ):
        asker = Asker((f"http:http://good.test:{server.port}",), list_of(found))
        assert asker.code(f"http://good.test:{server.port}/") == "connect"
    assert server.connections == 0


def test_the_address_that_was_checked_is_the_one_that_is_used(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently when asked again gains nothing: it is asked once."""
    server = serve(plain(b"ours"))
    answers = iter([["127.0.0.1"], ["203.0.113.9"]])
    monkeypatch.setattr("munition.host.http_wire.refusal", lambda _address: None)
    asker = Asker((f"http:http://good.test:{server.port}",), lambda _name, _port: next(answers))
    assert asker.ask(f"http://good.test:{server.port}/").body == b"ours"
    assert f"host: good.test:{server.port}".encode() in server.requests[0].lower()
    assert next(answers) == ["203.0.113.9"]


NUMBERS = [
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0",
    "0x7f.1",
    "127.0.0.1.",
    "127.000.000.001",
    "1",
]


@pytest.mark.parametrize(
    "host", [*NUMBERS, "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "[::1%25lo]", "①②⑦.0.0.1"]
)
def test_ht_06_addresses_in_disguise_are_refused_before_anything_is_resolved(serve: Serve, host: str) -> None:
    server = serve(SECRET)

    def never(_name: str, _port: int) -> list[str]:
        raise AssertionError("resolved")

    asker = Asker((f"http:http://good.test:{server.port}",), never)
    assert asker.code(f"http://{host}:{server.port}/") in {"invalid", "denied"}
    assert server.connections == 0


def test_ht_06_a_literal_is_admitted_when_it_is_granted_as_that_literal(serve: Serve) -> None:
    server = serve(plain(b"ours"))
    assert Asker((to(server),)).ask(server.url).body == b"ours"
    assert Asker((to(server),)).code(f"http://localhost:{server.port}/") == "denied"
    granted_by_name = Asker((f"http:http://localhost:{server.port}",))
    assert granted_by_name.code(server.url) == "denied"
    assert granted_by_name.code(f"http://localhost:{server.port}/") == "connect"


SPECIAL = [
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",  # HT-07
    "64:ff9b:1::7f00:1", "::127.0.0.1", "2001:0:53aa:64c::1", "2001:db8::1", "ff02::1", "100::1", "5f00::1", "3fff::1",
    "224.0.0.1", "239.255.255.250", "192.0.0.8", "198.18.0.1", "198.19.255.255", "100.64.0.1", "100.127.255.255",  # HT-08
    "fd00:ec2::254", "fec0::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.1", "192.88.99.1",
    "168.63.129.16", "100.100.100.200", "192.0.0.192", "0.1.2.3", "127.255.255.254", "172.31.255.255",
]  # fmt: skip


@pytest.mark.parametrize("address", SPECIAL)
def test_ht_07_08_special_addresses_are_refused(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) is not None


GLOBAL = [
    "93.184.216.34",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "64:ff9b::101:101",
    "2002:101:101::",
]


@pytest.mark.parametrize("address", GLOBAL)
def test_global_addresses_are_not(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) is None


AMBIGUOUS = [
    "http://user:pass@good.test@127.0.0.1/", "http://good.test@127.0.0.1/", "http://good.test\\@127.0.0.1/",
    "http://127.0.0.1#@good.test/", "http://127.0.0.1\\.good.test/", "http://@good.test/", "http:good.test", "http:/good.test",
    "http://good.test:80:80/", "http://good.test:/", "http://good.test:99999/", "http://good.test:0/", "http://good.test:+80/",
    "http://good.test:\uff18\uff10/", "http://[::1/", "http://::1/", "http://good%2etest/", "http://good.test%00.evil.test/",
    "http://goo\u00addd.test/", "//good.test/", "good.test", "", " http://good.test/", "HTTP//good.test",
]  # fmt: skip


@pytest.mark.parametrize("url", AMBIGUOUS)
def test_ht_09_urls_that_can_be_read_in_two_ways_are_refused(serve: Serve, url: str) -> None:
    asker = Asker(("http:http://good.test",), lambda _name, _port: pytest.fail("resolved"))
    assert asker.code(url) in {"invalid", "denied"}


@pytest.mark.parametrize("odd", ["\t", "\r", "\n", "\r\n", "\0", " ", "\x7f", "\u2028", "é"])
def test_ht_10_control_characters_in_a_url_are_refused(odd: str) -> None:
    asker = Asker(("http:http://good.test",), lambda _name, _port: pytest.fail("resolved"))
    for url in (
        f"http://good.test{odd}.evil.test/",
        f"http://good.test/{odd}x",
        f"http{odd}://good.test/",
        f"http://good.test/?{odd}",
    ):
        assert asker.code(url) == "invalid"


def test_ht_11_hosts_are_compared_in_one_form() -> None:
    forms = (
        "https://good.test/",
        "HTTPS://GOOD.test:443",
        "https://Good.Test./",
        "https://good.test.:443/#x",
    )
    assert {str(parse_url(form)) for form in forms} == {"https://good.test/"}
    for bad in ("https://good.test../", "https://good..test/", "https://.good.test/", "https://./"):
        with pytest.raises(UrlError):
            parse_url(bad)
    assert str(parse_url("http://[2001:DB8:0::1]:80/a?b#c")) == "http://[2001:db8::1]/a?b"


@pytest.mark.parametrize(
    "host", ["a.good.test", "a.b.good.test", "good.test.evil.test", "xn--gd-fka.test", "evilgood.test"]
)
def test_ht_12_a_grant_is_for_one_host_and_there_are_no_wildcards(host: str) -> None:
    asker = Asker(("http:http://good.test",), lambda _name, _port: pytest.fail("resolved"))
    assert asker.code(f"http://{host}/") == "denied"


def test_relative_redirects() -> None:
    base = parse_url("https://good.test:8443/a/b?c")
    assert str(redirect_url(base, "d")) == "https://good.test:8443/a/d"
    assert str(redirect_url(base, "/../../x")) == "https://good.test:8443/x"
    assert str(redirect_url(base, "?y")) == "https://good.test:8443/a/b?y"
    assert redirect_url(base, "//other.test/").host == "other.test"
