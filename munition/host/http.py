# SPDX-License-Identifier: MIT
"""The capability `http`: requests to the hosts that were granted, by the methods that were granted.

A request is an encoded table (docs/guest-abi.md, section 7) and so is its answer. Every failure is an answer of its own:
nil, a sentence, and a code of `CODES`. All ways in which a connection can fail look the same to the guest; the host's log
(`logging`, `munition.http`) has what it was.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from munition.capability.parameter import METHODS, Host
from munition.host.abi import BudgetSpentError
from munition.host.http_exchange import (
    Answer,
    Caps,
    ExchangeError,
    RequestError,
    encode_request,
    library,
    read_answer,
)
from munition.host.http_url import Url, UrlError, parse_url, redirect_url
from munition.host.http_wire import (
    LateError,
    Limit,
    Resolver,
    Wire,
    WireError,
    connect,
    resolve,
    system_resolver,
    tls_context,
)
from munition.host.values import DecodeError, Value, decode, encode

if TYPE_CHECKING:
    from munition.host.abi import Context
    from munition.host.http_address import Address

CODES: Final = ("invalid", "denied", "connect", "timeout", "protocol", "encoding", "too_large", "redirects")
"""What a request fails of: the third value the guest gets."""

MAX_HEADERS: Final = 100
MAX_REDIRECTS: Final = 5
MAX_SECONDS: Final = 30.0
"""What a request may take unless the guest says; never more than the fire has left."""

MAX_REQUEST: Final = 64 << 20
"""Bytes of an encoded request that are looked at; the limit `sent` bounds what is sent of it."""

_FIELDS: Final = frozenset({"method", "url", "headers", "body", "timeout", "redirects"})
_OURS: Final = frozenset({
    "accept-encoding", "connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers a guest does not set: they decide how messages are framed, or where they go."""

_SECRET: Final = frozenset({b"authorization", b"cookie"})
"""Headers that stay behind when a redirect leads elsewhere."""

_SEE_OTHER: Final = frozenset({301, 302, 303})
_AGAIN: Final = frozenset({307, 308})
_NO_ROOM: Final = -22


class FailedError(Exception):
    """A request that failed in a way the guest is told.

    Attributes:
        code: one of `CODES`.
    """

    def __init__(self, message: str, code: str) -> None:
        """Keep the sentence and the code."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """What a guest asks for, checked but for the grant."""

    method: str
    url: Url
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    seconds: float
    redirects: int


# --- reading a request ---


def read_request(data: bytes) -> Request:
    """Decode a request.

    Raises:
        FailedError: it is none.
    """
    try:
        values = decode(data)
    except DecodeError as error:
        raise _invalid(f"the request cannot be read: {error}") from None
    if len(values) != 1 or not isinstance(values[0], dict):
        raise _invalid("a request is one table")
    table = cast("dict[object, Value]", values[0])
    for key in table:
        if not isinstance(key, str) or key not in _FIELDS:
            raise _invalid(f"a request has no field {_shown(key)}; it has {', '.join(sorted(_FIELDS))}")
    body = table.get("body", "")
    if not isinstance(body, (str, bytes)):
        raise _invalid("the body must be a string")
    return Request(
        _method(table.get("method", "GET")),
        _url(table.get("url")),
        _headers(table.get("headers")),
        body.encode() if isinstance(body, str) else body,
        _seconds(table.get("timeout", MAX_SECONDS)),
        _redirects(table.get("redirects", MAX_REDIRECTS)),
    )


def _invalid(message: str) -> FailedError:
    return FailedError(message, "invalid")


def _shown(value: object) -> str:
    return ascii(value)[:60]


def _method(value: Value) -> str:
    if not isinstance(value, str) or value not in METHODS:
        raise _invalid(f"{_shown(value)} is no method; there are {', '.join(sorted(METHODS))}")
    return value


def _url(value: Value) -> Url:
    if not isinstance(value, str):
        raise _invalid("the URL is missing, or no text")
    try:
        return parse_url(value)
    except UrlError as error:
        raise _invalid(str(error)) from None


def _seconds(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise _invalid("the timeout must be a number of seconds above 0")
    return float(min(value, 1e6))


def _redirects(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_REDIRECTS:
        raise _invalid(f"redirects must be from 0 to {MAX_REDIRECTS}")
    return value


def _headers(value: Value) -> tuple[tuple[bytes, bytes], ...]:
    if value is None or value == []:
        return ()
    if not isinstance(value, dict):
        raise _invalid("the headers must be a table from names to values")
    found: list[tuple[bytes, bytes]] = []
    for name, content in value.items():
        if not isinstance(name, str) or not name.isascii():
            raise _invalid("the name of a header must be ASCII text")
        if name.lower() in _OURS or name.lower().startswith("proxy-"):
            raise _invalid(f"the header {_shown(name)} is not the program's to set")
        for item in content if isinstance(content, list) else [content]:
            found.append((name.encode(), _header_value(item)))
    if len(found) > MAX_HEADERS:
        raise _invalid(f"more than {MAX_HEADERS} headers")
    return tuple(found)


def _header_value(value: Value) -> bytes:
    if isinstance(value, bool) or not isinstance(value, (str, bytes, int)):
        raise _invalid("the value of a header must be a string")
    return value if isinstance(value, bytes) else str(value).encode()


# --- sending it ---


class Client:
    """The HTTP of one fire.

    Args:
        granted: the hosts that may be asked, and how.
        ca_file: certificates to trust instead of the system's.
        resolver: from names to addresses.

    Raises:
        MissingToolError: the HTTP library is not installed.
    """

    __slots__ = ("_ca_file", "_granted", "_resolver", "answer")

    def __init__(
        self, granted: Iterable[Host], ca_file: str | None = None, resolver: Resolver = system_resolver
    ) -> None:
        library()
        self._granted = {(item.scheme, item.host, item.port): item.methods for item in granted}
        self._ca_file = ca_file
        self._resolver = resolver
        self.answer = b""

    def ask(self, context: Context, request: Request) -> tuple[Url, Answer]:
        """Send a request, and those that redirects lead to; the last answer and where it came from.

        Raises:
            FailedError: see there.
            BudgetSpentError: more requests or bytes than may be.
            FuelSpentError: not enough fuel for what arrived.
        """
        limit = Limit(min(context.deadline, time.monotonic() + request.seconds), context.cancelled)
        for _ in range(request.redirects + 1):
            answer = self._ask_once(context, request, limit)
            location = _location(answer)
            if location is None or not request.redirects:
                return request.url, answer
            request = _redirected(request, answer.status, location)
        raise FailedError("the answer is one redirect after another", "redirects")

    def _ask_once(self, context: Context, request: Request, limit: Limit) -> Answer:
        url = request.url
        if request.method not in self._granted.get((url.scheme, url.host, url.port), ()):
            grant = f"http:{request.method}@{url.scheme}://{url.authority}"
            raise FailedError(f"not granted: {grant}", "denied")
        try:
            connection, data = encode_request(request.method, url.target, _all_headers(request), request.body)
        except RequestError as error:
            raise _invalid(str(error)) from None
        _account(context, "requests", 1)
        _account(context, "sent", len(data))
        try:
            wire = self._connected(url, limit)
        except (WireError, LateError):
            # A port that is closed, one that is filtered and a bad certificate must not be told apart.
            raise _unreachable() from None
        try:
            wire.send(data)
            return read_answer(connection, wire, Caps(context.budget.body, lambda size: _take(context, size)))
        except WireError:
            raise _unreachable() from None
        except LateError:
            raise FailedError("the request took too long", "timeout") from None
        except ExchangeError as error:
            raise FailedError(str(error), error.code) from None
        finally:
            wire.close()

    def _connected(self, url: Url, limit: Limit) -> Wire:
        wire = connect(self._addresses(url, limit), url.port, limit)
        if url.scheme == "https":
            try:
                wire.start_tls(tls_context(self._ca_file), url.host)
            except BaseException:
                wire.close()
                raise
        return wire

    def _addresses(self, url: Url, limit: Limit) -> tuple[Address, ...]:
        try:
            return (ipaddress.ip_address(url.host.strip("[]")),)  # granted as this very literal
        except ValueError:
            return resolve(url.host, url.port, limit, self._resolver)


def _unreachable() -> FailedError:
    return FailedError("the host cannot be reached, or the connection broke", "connect")


def _account(context: Context, name: str, count: int) -> None:
    """Count towards a budget.

    Raises:
        BudgetSpentError: it is used up.
    """
    spent = getattr(context.spent, name) + count
    if spent > getattr(context.budget, name):
        raise BudgetSpentError(f"the program used up its HTTP budget ({name})", "http")
    setattr(context.spent, name, spent)


def _take(context: Context, size: int) -> None:
    _account(context, "received", size)
    context.charge(size)


def _all_headers(request: Request) -> list[tuple[bytes, bytes]]:
    given = {name.lower() for name, _ in request.headers}
    headers = [
        (b"host", request.url.authority.encode()),
        (b"connection", b"close"),
        (b"accept-encoding", b"gzip"),
    ]
    headers += [(n, v) for n, v in ((b"accept", b"*/*"), (b"user-agent", b"munition")) if n not in given]
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        headers.append((b"content-length", str(len(request.body)).encode()))
    return [*headers, *request.headers]


def _location(answer: Answer) -> str | None:
    if answer.status not in _SEE_OTHER | _AGAIN:
        return None
    found = [value for name, value in answer.headers if name == b"location"]
    return found[0].decode("latin-1") if found else None


def _redirected(request: Request, status: int, location: str) -> Request:
    """The request that a redirect asks for; it is checked against the grant like any other."""
    try:
        url = redirect_url(request.url, location)
    except UrlError as error:
        raise FailedError(f"not followed: {error}", "denied") from None
    method, body, headers = request.method, request.body, request.headers
    if status in _SEE_OTHER and method not in ("GET", "HEAD"):
        method, body = "GET", b""
        headers = tuple(h for h in headers if not h[0].lower().startswith(b"content-"))
    if (url.scheme, url.host, url.port) != (request.url.scheme, request.url.host, request.url.port):
        headers = tuple(h for h in headers if h[0].lower() not in _SECRET)
    return Request(method, url, headers, body, request.seconds, request.redirects)


# --- the host functions ---


def _table(url: Url, answer: Answer) -> dict[str, object]:
    headers: dict[str, bytes] = {}
    for name, value in answer.headers:
        key = name.decode("latin-1")
        between = b"\n" if key == "set-cookie" else b", "
        headers[key] = headers[key] + between + value if key in headers else value
    return {"status": answer.status, "url": str(url), "headers": headers, "body": answer.body}


_FINISHED: Final = b"\0"
"""The status of a result block that holds values."""


def request(context: Context, address: int, length: int) -> int:
    """Send the request encoded at (address, length): how many bytes `take` will give.

    Raises:
        GuestFaultError: a range outside the memory.
        BudgetSpentError: more requests or bytes than may be.
        FuelSpentError: not enough fuel for what arrived.
    """
    client = context.http
    assert client is not None, "the engine links this function only for fires that have HTTP"
    try:
        if length > MAX_REQUEST:
            raise _invalid(f"the request is larger than {MAX_REQUEST} bytes")
        asked = read_request(context.memory.read(address, length))
        values: list[object] = [_table(*client.ask(context, asked))]
    except FailedError as error:
        values = [None, str(error), error.code]
    client.answer = _FINISHED + encode(values)
    return len(client.answer)


def take(context: Context, address: int, length: int) -> int:
    """Write the answer of the last request to (address, length) and forget it: its size, 0 when there is none.

    Raises:
        GuestFaultError: a range outside the memory.
    """
    client = context.http
    assert client is not None, "the engine links this function only for fires that have HTTP"
    if length < len(client.answer):
        return _NO_ROOM
    context.memory.write(address, client.answer)
    size, client.answer = len(client.answer), b""
    return size
