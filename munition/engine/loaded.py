# SPDX-License-Identifier: MIT
"""A plan whose machine code is loaded into an engine, with the shots that wait to be used again."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

from munition.engine.presets import SLOT, TABLE_ELEMENTS, Allocation
from munition.engine.shot import Shot

if TYPE_CHECKING:
    from munition.engine.capi import Api
    from munition.engine.plan import Plan
    from munition.engine.ticker import Ticker


class LoadError(Exception):
    """The engine does not take machine code that our own child made for it."""


@dataclass(frozen=True, slots=True)
class Native:
    """Machine code of a module.

    Attributes:
        allocation: for which it was compiled; not the one asked for when the pool's slots are too small for the module.
        code: what the engine loads; from our own worker, now or earlier.
    """

    allocation: Allocation
    code: bytes


class Code:
    """Machine code inside an engine; freed with the last reference. Instances keep their own."""

    __slots__ = ("_api", "handle")

    def __init__(self, api: Api, engine: int, code: bytes) -> None:
        module = ctypes.c_void_p()
        self._api = api
        self.handle = 0
        error = api.module_deserialize(engine, code, len(code), ctypes.addressof(module))
        if error:
            raise LoadError(api.take_message(error))
        self.handle = module.value or 0

    def __del__(self) -> None:
        if self.handle:
            self._api.module_delete(self.handle)


class Loaded:
    """See the module.

    Attributes:
        plan: what is fired.
        module: handle of the machine code.
        bounded: whether the store needs limits of its own, because the pool's are wider.
        memory_name: name of the exported memory, encoded.
        stack: bytes of native stack guest code may use in this engine.
        free: shots nobody uses.
    """

    def __init__(self, api: Api, ticker: Ticker, engine: int, code: Code, plan: Plan, stack: int) -> None:
        self.api = api
        self.ticker = ticker
        self.engine = engine
        self.code = code
        self.module = code.handle
        self.plan = plan
        self.stack = stack
        limits = plan.limits
        pooled = plan.allocation is Allocation.POOL
        self.bounded = not (pooled and limits.memory == SLOT and limits.table == TABLE_ELEMENTS)
        self.memory_name = plan.facts.memory.encode() if plan.facts.memory is not None else None
        self.free: list[Shot] = []

    def take(self) -> Shot:
        """A shot nobody else uses."""
        try:
            return self.free.pop()
        except IndexError:
            return Shot(self)
