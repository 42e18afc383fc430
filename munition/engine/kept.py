# SPDX-License-Identifier: MIT
"""What is remembered because it was costly to make: bounded in number and in the bytes that it holds."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """Values by key; the first made are forgotten first. Safe from many threads.

    Several values may hold the same bytes (the functions of one module do), which count once. What was made last stays,
    however large: it is in use.

    Args:
        most: how many values.
        room: how many bytes they may hold together.

    Attributes:
        get: the value of a key, or None.
    """

    def __init__(self, most: int, room: int) -> None:
        self._most = most
        self._room = room
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._holds: dict[Hashable, tuple[Hashable, int]] = {}
        self._holders: Counter[Hashable] = Counter()
        self._bytes = 0
        self._lock = threading.Lock()
        self.get: Final[Callable[[Hashable], V | None]] = self._values.get

    def keep(self, key: Hashable, value: V, held: Hashable, size: int) -> V:
        """Remember a value that holds `size` bytes known as `held`; the value of the key, which may be an earlier one."""
        with self._lock:
            kept = self._values.setdefault(key, value)
            if kept is value and key not in self._holds:
                self._hold(key, held, size)
                while len(self._values) > self._most or (self._bytes > self._room and len(self._values) > 1):
                    self._forget()
        return kept

    def _hold(self, key: Hashable, held: Hashable, size: int) -> None:
        self._holds[key] = held, size
        self._holders[held] += 1
        if self._holders[held] == 1:
            self._bytes += size

    def _forget(self) -> None:
        key, _value = self._values.popitem(last=False)
        held, size = self._holds.pop(key)
        self._holders[held] -= 1
        if not self._holders[held]:
            del self._holders[held]
            self._bytes -= size
