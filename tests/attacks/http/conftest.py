# SPDX-License-Identifier: MIT
"""Servers on the loopback interface, and requests to them under a grant."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from munition.capability.parameter import Host
from munition.capability.parse import parse_grants
from munition.host.abi import Context, FuelSpentError
from munition.host.budget import Budget
from munition.host.http import Client, FailedError, read_request
from munition.host.http_exchange import Answer
from munition.host.http_wire import Resolver, system_resolver
from munition.host.log import LogBook
from munition.host.random import system_entropy
from munition.host.time import HostClock
from munition.host.values import encode
from tests.support.loopback import CERTIFICATES, Handler, Loopback


class NoMemory:
    def read(self, address: int, length: int) -> bytes:
        raise AssertionError((address, length))

    def write(self, address: int, data: bytes) -> None:
        raise AssertionError((address, data))


@dataclass
class Asker:
    """Asks as a guest would, without a guest: one fire's client, its context, what fuel it may use."""

    grants: tuple[str, ...] = ()
    resolver: Resolver = system_resolver
    budget: Budget = field(default_factory=Budget)
    fuel: int = 1 << 40
    seconds: float = 20.0
    ca_file: str | None = str(CERTIFICATES / "ca.pem")

    def __post_init__(self) -> None:
        hosts = [item.parameter for item in parse_grants(self.grants)]
        self.client = Client((h for h in hosts if isinstance(h, Host)), self.ca_file, self.resolver)
        base = Context(NoMemory(), LogBook(0, 0), HostClock(), 0, system_entropy)
        deadline = time.monotonic() + self.seconds
        self.context = replace(base, charge=self.charge, budget=self.budget, deadline=deadline)

    def charge(self, fuel: int) -> None:
        self.fuel -= fuel
        if self.fuel < 0:
            raise FuelSpentError

    def ask(self, url: object, **fields: Any) -> Answer:
        return self.client.ask(self.context, read_request(encode([{"url": url, **fields}])))[1]

    def code(self, url: object, **fields: Any) -> str:
        """What asking fails of."""
        return self.failure(url, **fields).code

    def failure(self, url: object, **fields: Any) -> FailedError:
        with pytest.raises(FailedError) as caught:
            self.ask(url, **fields)
        return caught.value


Serve = Callable[..., Loopback]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers; they are closed at the end of the test."""
    made: list[Loopback] = []

    def start(handler: Handler | bytes, certificate: str | None = None) -> Loopback:
        made.append(Loopback(handler, certificate))
        return made[-1]

    yield start
    for server in made:
        server.close()


def to(server: Loopback, *methods: str) -> str:
    """The grant for a server."""
    verbs = "+".join(methods) + "@" if methods else ""
    return f"http:{verbs}{server.url}"
