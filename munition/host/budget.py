# SPDX-License-Identifier: MIT
"""How much of the host one fire may use, as the host functions are told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits that host functions keep; `munition.Limits` explains each.

    Attributes:
        read: bytes read from files.
        handles: files and directories open at once.
        entries: entries of a directory that can be listed.
        random: random bytes drawn.
        requests: HTTP requests, redirects included.
        sent: bytes sent by HTTP.
        received: bytes of HTTP answers, on the wire or decoded, whichever is more.
        body: decoded bytes of the body of one answer.
    """

    read: int = 256 << 20
    handles: int = 64
    entries: int = 10_000
    random: int = 64 << 20
    requests: int = 100
    sent: int = 16 << 20
    received: int = 64 << 20
    body: int = 16 << 20
