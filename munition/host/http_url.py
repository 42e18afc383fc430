# SPDX-License-Identifier: MIT
"""URLs, read once and strictly: the parts that are checked are the parts that are used.

Everything that different readers understand differently is refused instead of understood: user names, backslashes, control
characters, spaces, characters beyond ASCII, numbers in disguise. Relative references (RFC 3986, section 5) are only for
redirects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from munition.capability.parameter import Host, parse_host
from munition.errors import UsageError

MAX_URL: Final = 8192
_PLAIN: Final = re.compile(r"[!-~]+")
_URL: Final = re.compile(r"(?i:(https?))://([^/?#]*)(/[^?#]*)?(\?[^#]*)?(?:#.*)?")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


class UrlError(Exception):
    """A URL that is refused; the text is for the guest."""


@dataclass(frozen=True, slots=True)
class Url:
    """Where a request goes.

    Attributes:
        scheme: `http` or `https`.
        host: lower-case name or literal address, IPv6 in brackets.
        port: 1 to 65535.
        target: path and query, beginning with a slash.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """In canonical form, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.target}"


def parse_url(text: str) -> Url:
    """Read an absolute URL.

    Raises:
        UrlError: it is none, or one that can be misread.
    """
    if len(text) > MAX_URL:
        raise UrlError(f"the URL is longer than {MAX_URL} characters")
    if not _PLAIN.fullmatch(text):
        raise UrlError("the URL is empty or has characters that must be percent-encoded")
    found = _URL.fullmatch(text)
    if found is None:
        raise UrlError("the URL does not begin with http:// or https:// and a host")
    scheme, authority, path, query = found.groups()
    if "@" in authority or "\\" in text:
        raise UrlError("the URL has a user name or a backslash")
    host = _host(scheme.lower(), authority)
    return Url(host.scheme, host.host, host.port, (path or "/") + (query or ""))


def _host(scheme: str, authority: str) -> Host:
    name, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        name, port = authority, ""
    elif not port:
        raise UrlError("the URL has an empty port")
    name = name.removesuffix(".")  # the root of names, written out
    try:
        return parse_host(f"{scheme}://{name}:{port}" if port else f"{scheme}://{name}")
    except UsageError:
        raise UrlError(
            "the host of the URL is not a plain name or a full address, or its port no port"
        ) from None


def redirect_url(base: Url, location: str) -> Url:
    """Where a `Location` header leads.

    Raises:
        UrlError: nowhere a request may go, or from https to http.
    """
    if not _PLAIN.fullmatch(location) or "\\" in location or len(location) > MAX_URL:
        raise UrlError("the redirect leads to something that is no plain URL")
    if _SCHEME.match(location):
        target = parse_url(location)
    else:
        target = parse_url(
            f"{base.scheme}:{location}" if location.startswith("//") else urljoin(str(base), location)
        )
    if base.scheme == "https" and target.scheme == "http":
        raise UrlError("the redirect leads from https to http")
    return target
