# SPDX-License-Identifier: MIT
"""One connection to one checked address, with one deadline for all of it: names, connecting, TLS, every byte.

Nothing is taken from the environment: no proxy, no certificate variables, no key log. Sockets never block; waiting is done
in slices, so that a fire that is called off ends soon.
"""

from __future__ import annotations

import errno
import functools
import ipaddress
import logging
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from munition.host.http_address import Address, refusal

_LOG: Final = logging.getLogger("munition.http")
_LOG.addHandler(logging.NullHandler())

_R = TypeVar("_R")
_UNDER_WAY: Final = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EINTR})

CHUNK: Final = 1 << 16
_SLICE: Final = 0.05
_MAX_LOOKUPS: Final = 32
_MAX_ADDRESSES: Final = 16
_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the certificates they trust, when OpenSSL was built to look elsewhere."""


class WireError(Exception):
    """No connection, or one that broke. The text is for the host; guests see one text for all."""


class LateError(Exception):
    """The deadline has passed, or the fire was called off."""


Resolver: TypeAlias = Callable[[str, int], "list[str]"]
"""From a name and a port to addresses as text. May block."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long there is.

    Attributes:
        deadline: of `time.monotonic`.
        cancelled: whether to give up now.
    """

    deadline: float
    cancelled: Callable[[], bool]

    def left(self) -> float:
        """Seconds left, above 0.

        Raises:
            LateError: there are none.
        """
        left = self.deadline - time.monotonic()
        if left <= 0 or self.cancelled():
            raise LateError
        return left

    def slice(self) -> float:
        """Seconds to wait before looking again.

        Raises:
            LateError: there are none left.
        """
        return min(self.left(), _SLICE)


# --- names ---

_lookups: Final = threading.BoundedSemaphore(_MAX_LOOKUPS)


def system_resolver(name: str, port: int) -> list[str]:
    """What the operating system says."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


def resolve(name: str, port: int, limit: Limit, resolver: Resolver) -> tuple[Address, ...]:
    """The addresses of a name, all of them allowed.

    The system's resolver cannot be interrupted, so it runs in a thread that is left behind when time is up; only so many
    may be left behind at once.

    Raises:
        WireError: there are none, or one of them is no address anything may be sent to.
        LateError: it took too long.
    """
    if not _lookups.acquire(blocking=False):
        raise WireError("too many names are being looked up")
    done = threading.Event()
    found: list[str] = []
    failed: list[str] = []

    def look() -> None:
        try:
            found.extend(resolver(name, port))
        except (OSError, UnicodeError) as error:
            failed.append(type(error).__name__)
        finally:
            _lookups.release()
            done.set()

    threading.Thread(target=look, name="munition-resolve", daemon=True).start()
    while not done.wait(limit.slice()):
        pass
    if failed or not found:
        raise WireError(f"{name} has no address")
    return _checked(name, tuple(dict.fromkeys(found))[:_MAX_ADDRESSES])


def _checked(name: str, texts: tuple[str, ...]) -> tuple[Address, ...]:
    addresses = tuple(ipaddress.ip_address(text.partition("%")[0]) for text in texts)
    for address in addresses:
        why = refusal(address)
        if why is not None:
            # One inside address spoils all: a name that answers with one may answer with another next time.
            _LOG.warning("refused to connect: %s resolves to a %s address", name, why)
            raise WireError(f"{name} resolves to a {why} address")
    return addresses


# --- trust ---


@functools.cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """A client context that trusts the certificates of `ca_file`, or the system's.

    Not `ssl.create_default_context`, which lets variables of the environment choose certificates and a file for keys.

    Raises:
        WireError: the certificates cannot be loaded, or there are none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        if ca_file is not None:
            context.load_verify_locations(cafile=ca_file)
        else:
            _load_system_certificates(context)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        _LOG.warning("the certificates to trust cannot be loaded: %s", error)
        raise WireError("the certificates to trust cannot be loaded") from None
    return context


def _load_system_certificates(context: ssl.SSLContext) -> None:
    built_in = ssl.get_default_verify_paths()
    for bundle in (built_in.openssl_cafile, *_BUNDLES):
        if Path(bundle).is_file():
            context.load_verify_locations(cafile=bundle)
            return
    if Path(built_in.openssl_capath).is_dir():
        context.load_verify_locations(capath=built_in.openssl_capath)
        return
    raise WireError("this system has no certificates to trust")


# --- connections ---


class Wire:
    """A connection; `close` it."""

    __slots__ = ("_limit", "_socket")

    def __init__(self, connection: socket.socket, limit: Limit) -> None:
        self._socket = connection
        self._limit = limit

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Shake hands with a server that must prove to be `name`.

        Raises:
            WireError: it cannot, or speaks something else.
            LateError: it took too long.
        """
        try:
            secured = context.wrap_socket(
                self._socket, server_hostname=name.strip("[]"), do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            raise WireError(f"TLS failed: {error}") from None
        self._socket = secured
        self._until_done(secured.do_handshake)

    def send(self, data: bytes) -> None:
        """Send everything.

        Raises:
            WireError: the other side is gone.
            LateError: it took too long.
        """
        view = memoryview(data)

        def send_on() -> int:
            return self._socket.send(view[:CHUNK])

        while view:
            view = view[self._until_done(send_on) :]

    def receive(self) -> bytes:
        """The next bytes; none when the other side has finished.

        Raises:
            WireError: the connection broke.
            LateError: it took too long.
        """
        return self._until_done(lambda: self._socket.recv(CHUNK))

    def _until_done(self, act: Callable[[], _R]) -> _R:
        while True:
            self._limit.left()
            try:
                return act()
            except (BlockingIOError, ssl.SSLWantReadError):
                wait_for(self._socket, self._limit, select.POLLIN)
            except ssl.SSLWantWriteError:
                wait_for(self._socket, self._limit, select.POLLOUT)
            except OSError as error:
                raise WireError(f"the connection failed: {type(error).__name__}") from None


def wait_for(connection: socket.socket, limit: Limit, event: int) -> None:
    """Wait until something can be read or written.

    Raises:
        LateError: it took too long.
    """
    poll = select.poll()
    poll.register(connection, event)
    while not poll.poll(limit.slice() * 1000):
        pass


def connect(addresses: tuple[Address, ...], port: int, limit: Limit) -> Wire:
    """Connect to the first of the addresses that answers; each gets a fair part of the time.

    Raises:
        WireError: none answers.
        LateError: it took too long.
    """
    for index, address in enumerate(addresses):
        share = limit.left() / (len(addresses) - index)
        try:
            return Wire(_connected(address, port, Limit(time.monotonic() + share, limit.cancelled)), limit)
        except WireError:
            continue
        except LateError:
            limit.left()
    raise WireError("nothing answers")


def _connected(address: Address, port: int, limit: Limit) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        _refuse(connection.connect_ex((str(address), port)), _UNDER_WAY)
        wait_for(connection, limit, select.POLLOUT)
        _refuse(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), _CONNECTED)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


_CONNECTED: Final = frozenset({0})


def _refuse(code: int, fine: frozenset[int]) -> None:
    if code not in fine:
        raise WireError(os.strerror(code))
