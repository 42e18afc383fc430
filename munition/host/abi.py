# SPDX-License-Identifier: MIT
"""What host functions see of a fire, and the three ways in which they end one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from munition.host.budget import Budget

if TYPE_CHECKING:
    from munition.host.files import Files
    from munition.host.http import Client
    from munition.host.log import LogBook
    from munition.host.wasi.program import Program


class GuestFaultError(Exception):
    """The guest passed something impossible; the fire ends as its error.

    Attributes:
        code: refines the reason, such as `memory_out_of_bounds`.
    """

    def __init__(self, message: str, code: str) -> None:
        """Keep the message and the code."""
        super().__init__(message)
        self.code = code


class BudgetSpentError(Exception):
    """A budget of the host is used up; the fire ends as a limit.

    Attributes:
        reason: which limit, such as `output`.
    """

    def __init__(self, message: str, reason: str) -> None:
        """Keep the message and the limit's name."""
        super().__init__(message)
        self.reason = reason


class FuelSpentError(Exception):
    """There is not enough fuel for what a host function is about to do; the fire ends for want of fuel."""


class ProgramExitError(Exception):
    """The program ended itself.

    Attributes:
        code: its exit code.
    """

    def __init__(self, code: int) -> None:
        """Keep the code."""
        super().__init__(f"exit {code}")
        self.code = code


class DeniedError(Exception):
    """The guest called a function that was linked although it is not granted; the fire ends as denied.

    Attributes:
        capabilities: names of which any one would have granted it.
    """

    def __init__(self, message: str, capabilities: tuple[str, ...]) -> None:
        """Keep the message and the names."""
        super().__init__(message)
        self.capabilities = capabilities


class Memory(Protocol):
    """The memory of the guest. Addresses and lengths are unsigned 32-bit numbers."""

    def read(self, address: int, length: int) -> bytes:
        """Copy out `length` bytes.

        Raises:
            GuestFaultError: the range is not inside the memory.
        """
        ...

    def write(self, address: int, data: bytes) -> None:
        """Copy `data` in; nothing is written when it does not fit.

        Raises:
            GuestFaultError: the range is not inside the memory.
        """
        ...


class Clock(Protocol):
    """Where time comes from, in nanoseconds."""

    def wall(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        ...

    def monotonic(self) -> int:
        """Nanoseconds from some point that stays the same."""
        ...


class Entropy(Protocol):
    """Where unpredictable bytes come from."""

    def __call__(self, length: int) -> bytes:
        """`length` bytes."""
        ...


def _uncharged(_fuel: int) -> None:
    """Takes nothing: for contexts without an engine."""


def _never() -> bool:
    """Not cancelled."""
    return False


def _nobody(module: str, name: str, _arguments: Sequence[Any]) -> Any:
    """There are no functions of the caller."""
    raise LookupError(f"{module}.{name}")


@dataclass(slots=True)
class Answer:
    """What waits to be taken."""

    data: bytes = b""


_BUDGET: Final = Budget()


@dataclass(slots=True)
class Spent:
    """What a fire has used.

    Attributes:
        random: random bytes.
        requests: HTTP requests.
        sent: bytes sent by HTTP.
        received: bytes received by HTTP, and bytes decoded of them.
    """

    random: int = 0
    requests: int = 0
    sent: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """One fire as host functions see it.

    Attributes:
        memory: the guest's memory.
        log: where text and records go.
        clock: the host's clock.
        started: what `clock.monotonic` said when the fire began.
        entropy: the source of random bytes.
        files: what can be read; None unless the module imports functions for that.
        http: sends requests; None unless the module imports functions for that.
        program: arguments, environment and descriptors of a WASI program; None likewise.
        charge: takes fuel beyond what the catalogue says of each call; raises `FuelSpentError`.
        budget: how much may be used.
        spent: how much has been used, of what is counted here.
        invoke: calls a function of the caller: module, name, Python values.
        answer: what such a function returned, until it is taken.
        deadline: when the fire must be over, of `time.monotonic`.
        cancelled: whether the fire has been called off.
    """

    memory: Memory
    log: LogBook
    clock: Clock
    started: int
    entropy: Entropy
    files: Files | None = None
    http: Client | None = None
    program: Program | None = None
    charge: Callable[[int], None] = _uncharged
    budget: Budget = _BUDGET
    spent: Spent = field(default_factory=Spent)
    invoke: Callable[[str, str, Sequence[Any]], Any] = _nobody
    answer: Answer = field(default_factory=Answer)
    deadline: float = math.inf
    cancelled: Callable[[], bool] = _never
