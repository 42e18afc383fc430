# SPDX-License-Identifier: MIT
"""What a process needs to fire anything: the loaded library, engines, the ticker, the workers, loaded code.

There is one machine in a process, made on first use and forgotten by a forked child, which must not touch the engines of
its parent.
"""

from __future__ import annotations

import atexit
import os
import resource
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from munition.engine.capi import load
from munition.engine.kept import Kept
from munition.engine.loaded import Code, Loaded
from munition.engine.plan import Plan, Refusal
from munition.engine.presets import SLOTS, Allocation, Preset, new_engine
from munition.engine.threads import Threads
from munition.engine.ticker import Ticker
from munition.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from munition.engine.codes import Codes
    from munition.engine.compiler import Compiler
    from munition.engine.facts import Facts
    from munition.engine.isolated import Remote
    from munition.engine.pool import Pool
    from munition.engine.target import Target
    from munition.engine.workers import Workers

MAX_KEPT: Final = 64
"""Compiled modules kept."""

MAX_CODE: Final = 256 << 20
"""Bytes of machine code kept; it is about three times its module."""

_MAX_FACTS: Final = 64
_MAX_TARGETS: Final = 256
_MAX_MODULES: Final = 64 << 20
"""Bytes of the modules that are remembered, or held by targets that are."""


class Machine:
    """See the module; and, as it is, what a worker needs to fire.

    Args:
        codes: where machine code comes from.
        slots: how many instances an engine may hold at once.
    """

    def __init__(self, codes: Codes, slots: int) -> None:
        self.api = load()
        self.ticker = Ticker(self.api)
        self.codes = codes
        self.slots = slots
        self._lock = threading.Lock()
        self._engines: dict[tuple[Preset, Allocation, int], int] = {}
        self._code: Kept[Code] = Kept(MAX_KEPT, MAX_CODE)
        self.threads = Threads()

    def engine(self, preset: Preset, allocation: Allocation, stack: int) -> int:
        """The engine of that configuration, made on first use and kept."""
        key = (preset, allocation, stack)
        with self._lock:
            if key not in self._engines:
                handle = new_engine(self.api, preset, allocation, stack, self.slots)
                self._engines[key] = handle
                self.ticker.watch(handle)
            return self._engines[key]

    def load(self, plan: Plan, stack: int, deadline: float) -> Loaded | Refusal:
        """Get the machine code of a plan and load it into an engine with `stack`."""
        allocation = plan.allocation
        if allocation is Allocation.POOL and self.slots > 1 and _scarce_addresses():
            allocation = Allocation.WIDE
        native = self.codes.get(plan, allocation, deadline)
        if isinstance(native, Refusal):
            return native
        key = (plan.facts.sha256, plan.preset, native.allocation, stack)
        code = self._code.get(key)
        engine = self.engine(plan.preset, native.allocation, stack)
        if code is None:
            made = Code(self.api, engine, native.code)
            code = self._code.keep(key, made, key, len(native.code))
        if native.allocation is not plan.allocation:
            plan = replace(plan, allocation=native.allocation)
        return Loaded(self.api, self.ticker, engine, code, plan, stack)


class HomeMachine(Machine):
    """The machine of a process that calls `fire`: it has workers besides, and remembers modules and targets.

    Attributes:
        workers: run what is fired with `isolation="process"`.
        compiler: compiles in them.
        targets: what was fired before.
        pools: those that have a name.
    """

    def __init__(self) -> None:
        from munition.engine.codes import CompiledCodes
        from munition.engine.compiler import Compiler
        from munition.engine.workers import Workers

        self.workers: Workers = Workers()
        self.compiler: Compiler = Compiler(self.workers)
        super().__init__(CompiledCodes(self.compiler), SLOTS)
        self._facts: Kept[Facts] = Kept(_MAX_FACTS, _MAX_MODULES)
        self.targets: Kept[Target | Remote] = Kept(_MAX_TARGETS, _MAX_MODULES)
        self.pools: dict[str, Pool] = {}
        atexit.register(self.workers.close)

    def register(self, name: str, pool: Pool) -> None:
        """Let a pool be found by a name.

        Raises:
            UsageError: another one has it.
        """
        with self._lock:
            if self.pools.setdefault(name, pool) is not pool:
                raise UsageError(f"there is a pool named {name!a:.80} already; close it first")

    def unregister(self, name: str, pool: Pool) -> None:
        """Forget the pool of that name, if it is this one."""
        with self._lock:
            if self.pools.get(name) is pool:
                del self.pools[name]

    def facts(self, wasm: bytes) -> Facts:
        """What a module says; kept, because the same bytes are fired under many grants.

        Raises:
            InvalidModuleError: it is no usable module.
        """
        found = self._facts.get(wasm)
        if found is None:
            from munition.engine.facts import read_facts

            found = self._facts.keep(wasm, read_facts(wasm), wasm, len(wasm))
        return found

    def keep_target(self, key: Hashable, target: Target | Remote) -> Target | Remote:
        """Remember a target; when two threads made the same, both get the first."""
        plan = target.plan
        return self.targets.keep(key, target, plan.facts.sha256, len(plan.wasm))


def _scarce_addresses() -> bool:
    """Whether this process may have too little address space for a pool; making one would abort it."""
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return soft != resource.RLIM_INFINITY and soft < _POOL_ADDRESSES


_POOL_ADDRESSES: Final = 64 << 30


class Holder:
    """Where the machine of this process is kept; and, in a forked child, its parent's, which must never be freed."""

    machine: HomeMachine | None = None
    abandoned: HomeMachine | None = None
    lock = threading.Lock()


def machine() -> HomeMachine:
    """The machine of this process.

    Raises:
        MissingToolError: the engine is not installed.
    """
    found = Holder.machine
    if found is None:
        with Holder.lock:
            found = Holder.machine
            if found is None:
                found = Holder.machine = HomeMachine()
    return found


def warm() -> None:
    """Start what the first fire will wait for, without waiting: the library and a worker.

    Raises:
        MissingToolError: the engine is not installed.
    """
    machine().compiler.warm()


def _forget() -> None:
    """After a fork: the engines' threads and the workers belong to the parent."""
    left = Holder.machine
    if left is not None:
        Holder.abandoned = left
        left.workers.abandon()
    Holder.machine = None
    Holder.lock = threading.Lock()


os.register_at_fork(after_in_child=_forget)
