# SPDX-License-Identifier: MIT
"""A server on the loopback interface that answers as a test says, byte for byte, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

CERTIFICATES = Path(__file__).parent / "tls"
Handler: TypeAlias = Callable[[socket.socket, bytes], None]
"""Answers one request on a connection; it gets the request as it came."""


def plain(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer."""
    lines = (f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode("latin-1") + body


class Loopback:
    """Listens until closed; one thread for all connections and one for each.

    Attributes:
        port: where it listens.
        requests: what it was sent, request by request.
        connections: how many were accepted.
    """

    def __init__(self, handler: Handler | bytes, certificate: str | None = None) -> None:
        self._handler = handler if callable(handler) else (lambda s, _r: s.sendall(handler))
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def scheme(self) -> str:
        return "http" if self._context is None else "https"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.append(connection)
        with contextlib.suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            request = _read_request(connection)
            self.requests.append(request)
            self._handler(connection, request)
            # Closed as HTTP wants it: what was sent arrives although something unread may be left.
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body
