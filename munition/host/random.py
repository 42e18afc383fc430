# SPDX-License-Identifier: MIT
"""The capability `random`: bytes from the operating system, or repeatable ones if the caller of a fire asks for them."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from munition.host.abi import BudgetSpentError, GuestFaultError

if TYPE_CHECKING:
    from munition.host.abi import Context

MAX_BYTES: Final = 1 << 20
"""Bytes one call may ask for."""


def system_entropy(length: int) -> bytes:
    """`length` bytes nobody can predict."""
    return os.urandom(length)


class SeededEntropy:
    """Bytes that depend on a seed alone: SHAKE-256 over the seed and a counter, one output block per call.

    For replays and tests; the caller of the fire knows the seed, so nothing secret may come of it.
    """

    __slots__ = ("_calls", "_seed")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._calls = 0

    def __call__(self, length: int) -> bytes:
        """The next `length` bytes."""
        block = hashlib.shake_256(self._calls.to_bytes(8, "little") + self._seed)
        self._calls += 1
        return block.digest(length)


def fill(context: Context, address: int, length: int) -> None:
    """Fill the memory at (address, length).

    Raises:
        GuestFaultError: more than `MAX_BYTES`, or a range outside the memory.
        BudgetSpentError: more than may be drawn in all.
    """
    if length > MAX_BYTES:
        raise GuestFaultError(
            f"munition:random.fill of {length} bytes; one call gives at most {MAX_BYTES}", "bad_argument"
        )
    context.memory.write(address, draw(context, length))


def draw(context: Context, length: int) -> bytes:
    """Random bytes that count towards the budget.

    Raises:
        BudgetSpentError: more than may be drawn in all.
    """
    if context.spent.random + length > context.budget.random:
        raise BudgetSpentError("the program drew more random bytes than it may", "random")
    context.spent.random += length
    return context.entropy(length)
