# SPDX-License-Identifier: MIT
"""The parameters capabilities can carry: a directory of the host, or a host of the network with its methods.

Both are compared as written: a directory covers only the same directory, because which directory lies under which is a
question for the file system at the moment of the grant (a symbolic link answers it differently every time), and the
algebra asks nothing of the world.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from munition.errors import UsageError

DEFAULT_METHODS: Final = frozenset({"GET", "HEAD"})
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_ROOT_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MAX_HOST: Final = 253
_MAX_PARAMETER: Final = 4096
_MAX_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory opened for reading.

    Attributes:
        path: the directory as written; resolved when it is granted.
        root: the guest sees it as `/root`, or as `/` when this is empty.
    """

    path: str
    root: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be asked, and how.

    Attributes:
        host: lower-case name, or a literal address (IPv6 in brackets).
        port: 1 to 65535.
        scheme: `https` or `http`.
        methods: the methods allowed; never empty.
    """

    host: str
    port: int
    scheme: str = "https"
    methods: frozenset[str] = DEFAULT_METHODS


Parameter: TypeAlias = Directory | Host


def covers(outer: Parameter, inner: Parameter) -> bool:
    """Whether `outer` allows everything `inner` does."""
    return meet(outer, inner) == inner


def meet(a: Parameter, b: Parameter) -> Parameter | None:
    """What both allow, or `None`."""
    if (
        isinstance(a, Host)
        and isinstance(b, Host)
        and (a.scheme, a.host, a.port) == (b.scheme, b.host, b.port)
    ):
        methods = a.methods & b.methods
        return Host(a.host, a.port, a.scheme, methods) if methods else None
    return a if a == b else None


def join(a: Parameter, b: Parameter) -> Parameter:
    """The one parameter that stands for both; they must differ in their methods at most."""
    if isinstance(a, Host) and isinstance(b, Host):
        return Host(a.host, a.port, a.scheme, a.methods | b.methods)
    return a


def render(parameter: Parameter) -> str:
    """The spelling that parses back to `parameter`."""
    match parameter:
        case Directory(path=path, root=root):
            return f"{root}={path}" if root else path
        case Host(host=host, port=port, scheme=scheme, methods=methods):
            verbs = "" if methods == DEFAULT_METHODS else "+".join(sorted(methods)) + "@"
            prefix = "http://" if scheme == "http" else ""
            suffix = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
            return f"{verbs}{prefix}{host}{suffix}"
        case _:
            assert_never(parameter)


def _refuse_controls(text: str, what: str) -> None:
    if not text:
        raise UsageError(f"{what} must not be empty")
    if len(text) > _MAX_PARAMETER:
        raise UsageError(f"{what} is longer than {_MAX_PARAMETER} characters")
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        raise UsageError(f"{what} holds a control character: {text!r}")


def parse_directory(text: str) -> Directory:
    """Read `[NAME=]DIR`.

    Raises:
        UsageError: empty, too long, or with a control character.
    """
    _refuse_controls(text, "the directory of filesystem_read")
    head, sign, tail = text.partition("=")
    if sign and _ROOT_NAME.fullmatch(head):
        _refuse_controls(tail, "the directory of filesystem_read")
        return Directory(_tidy(tail), head)
    return Directory(_tidy(text))


def _tidy(path: str) -> str:
    """`data/` and `data` are one directory; nothing else is rewritten."""
    return path.rstrip("/") or "/"


def parse_host(text: str) -> Host:
    """Read `[METHOD+METHOD@][http://|https://]HOST[:PORT]`.

    Raises:
        UsageError: whatever is not plainly a host: user-info, a path, a number in disguise, characters beyond ASCII.
    """
    _refuse_controls(text, "the host of http")
    verbs, sign, rest = text.rpartition("@")
    methods = _parse_methods(verbs) if sign else DEFAULT_METHODS
    scheme = "https"
    for prefix in ("https", "http"):
        if rest.startswith(f"{prefix}://"):
            scheme, rest = prefix, rest[len(prefix) + 3 :]
            break
    name, port = _split_port(rest, _DEFAULT_PORTS[scheme])
    return Host(_parse_name(name, text), port, scheme, methods)


def _parse_methods(text: str) -> frozenset[str]:
    methods = frozenset(text.split("+"))
    unknown = sorted(methods - METHODS)
    if unknown:
        known = ", ".join(sorted(METHODS))
        raise UsageError(f"unknown HTTP method {unknown[0]!r} in a grant of http; known are {known}")
    return methods


def _split_port(text: str, default: int) -> tuple[str, int]:
    head, colon, tail = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text, default
    if not (
        tail.isascii() and tail.isdigit() and len(tail) <= len(str(_MAX_PORT)) and 1 <= int(tail) <= _MAX_PORT
    ):
        raise UsageError(f"the port {tail!r} of {text!r} is not a number from 1 to {_MAX_PORT}")
    return head, int(tail)


def _parse_name(name: str, whole: str) -> str:
    lowered = name.lower()
    if name.startswith("[") and name.endswith("]"):
        return f"[{_address(lowered[1:-1], whole, 6)}]"
    labels = lowered.split(".")
    if _NUMERIC.fullmatch(labels[-1]):
        return _address(lowered, whole, 4)
    if len(lowered) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise UsageError(
            f"{whole!r} is not a host: write HOST or HOST:PORT in ASCII, with no user, path or wildcard"
        )
    return lowered


def _address(text: str, whole: str, version: int) -> str:
    import ipaddress  # late: few grants name an address, and every start would wait for it

    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise UsageError(f"{whole!r} is not a host: an address must be written in full") from None
    if address.version != version or "%" in text:
        raise UsageError(f"{whole!r} is not a host: an address must be written in full")
    return str(address)
