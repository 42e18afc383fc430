# SPDX-License-Identifier: MIT
"""One request and its answer over a connection: HTTP/1.1 by h11, bodies decoded under a cap, nothing kept for later."""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.errors import MissingToolError

if TYPE_CHECKING:
    import h11

    from munition.host.http_wire import Wire

MAX_HEAD: Final = 64 << 10
"""Bytes of an answer's head, and of a request's."""

_MAX_INTERIM: Final = 8
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


class ExchangeError(Exception):
    """The answer is not one: not HTTP, cut off, too large, or encoded in a way that was not asked for.

    Attributes:
        code: `protocol`, `too_large` or `encoding`.
    """

    def __init__(self, message: str, code: str) -> None:
        """Keep the message for the guest and the code."""
        super().__init__(message)
        self.code = code


class RequestError(Exception):
    """The request cannot be sent as it is; the text is for the guest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: 200 to 599.
        headers: names in lower case, values as they came, in their order.
        body: decoded.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Caps:
    """What one exchange may use.

    Attributes:
        body: decoded bytes of the answer's body.
        take: called with the size of everything that arrives or is decoded, before it is kept; raises to refuse it.
    """

    body: int
    take: Callable[[int], None]


def library() -> None:
    """Make sure that the HTTP library is there.

    Raises:
        MissingToolError: it is not.
    """
    if importlib.util.find_spec("h11") is None:
        raise MissingToolError(
            "the capability http needs the package h11: install it with pip install 'munition[http]'"
        )


def encode_request(
    method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes
) -> tuple[h11.Connection, bytes]:
    """The bytes of a request, and the state in which its answer is read.

    Raises:
        RequestError: a header that is none, or too much of them.
    """
    import h11

    connection = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    try:
        request = h11.Request(method=method, target=target, headers=headers)
        head = connection.send(request) or b""
        tail = (connection.send(h11.Data(data=body)) or b"") if body else b""
        tail += connection.send(h11.EndOfMessage()) or b""
    except h11.LocalProtocolError:
        raise RequestError("a header has a name or a value that HTTP does not allow") from None
    if len(head) > MAX_HEAD:
        raise RequestError(f"the headers are longer than {MAX_HEAD} bytes")
    return connection, head + tail


def read_answer(connection: h11.Connection, wire: Wire, caps: Caps) -> Answer:
    """Read the answer to a request that was sent.

    Raises:
        ExchangeError: see there.
        WireError: the connection broke.
        LateError: it took too long.
    """
    import h11

    try:
        head = _head(connection, wire, caps)
        headers = tuple((bytes(name), bytes(value)) for name, value in head.headers)
        body = _decoded(_body(connection, wire, caps), _coding(headers), caps)
    except h11.RemoteProtocolError:
        raise ExchangeError("the answer is not HTTP", "protocol") from None
    return Answer(head.status_code, headers, body)


def _next(connection: h11.Connection, wire: Wire, caps: Caps) -> object:
    import h11

    while True:
        event = connection.next_event()
        if event is not h11.NEED_DATA:
            return event
        data = wire.receive()
        caps.take(len(data))
        connection.receive_data(data)


def _head(connection: h11.Connection, wire: Wire, caps: Caps) -> h11.Response:
    import h11

    for _ in range(_MAX_INTERIM + 1):
        event = _next(connection, wire, caps)
        if isinstance(event, h11.Response):
            return event
        if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
            break
    raise ExchangeError("the answer is not one to the request", "protocol")


def _body(connection: h11.Connection, wire: Wire, caps: Caps) -> Iterator[bytes]:
    import h11

    while True:
        event = _next(connection, wire, caps)
        if isinstance(event, h11.Data):
            yield bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            return
        else:
            raise ExchangeError("the answer was cut off", "protocol")


def _coding(headers: tuple[tuple[bytes, bytes], ...]) -> bool:
    """Whether the body is compressed in the way that was asked for.

    Raises:
        ExchangeError: in another way, or twice.
    """
    codings = b",".join(value for name, value in headers if name == b"content-encoding").lower().split(b",")
    found = [coding.strip() for coding in codings if coding.strip() not in (b"", b"identity")]
    if not found:
        return False
    if found not in ([b"gzip"], [b"x-gzip"], [b"deflate"]):
        raise ExchangeError("the answer is encoded in a way that was not asked for", "encoding")
    return True


def _decoded(chunks: Iterator[bytes], compressed: bool, caps: Caps) -> bytes:
    body = bytearray()
    for chunk in _inflated(chunks, caps) if compressed else chunks:
        body += chunk
        if len(body) > caps.body:
            raise ExchangeError(f"the body of the answer is larger than {caps.body} bytes", "too_large")
    return bytes(body)


_PIECE: Final = 1 << 18


def _inflated(chunks: Iterator[bytes], caps: Caps) -> Iterator[bytes]:
    """Decompress piece by piece; never more at once than `_PIECE` bytes."""
    inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
    started = False
    try:
        for chunk in chunks:
            started = True
            pending, piece = chunk, b""
            while pending or len(piece) == _PIECE:
                piece = inflate.decompress(pending, _PIECE)
                pending = inflate.unconsumed_tail
                caps.take(len(piece))
                yield piece
    except zlib.error:
        raise ExchangeError("the body of the answer is not compressed as it says", "encoding") from None
    if (started and not inflate.eof) or inflate.unused_data:
        raise ExchangeError("the body of the answer is not compressed as it says", "encoding")
