# SPDX-License-Identifier: MIT
"""What a process needs to fire anything: the loaded library, engines, the ticker, the compiling child, loaded code.

There is one machine in a process, made on first use and forgotten by a forked child, which must not touch the engines of
its parent.
"""

from __future__ import annotations

import atexit
import os
import resource
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from munition.engine.capi import load
from munition.engine.compiler import Compiled, Compiler, Refused, Stopped
from munition.engine.facts import Facts, read_facts
from munition.engine.loaded import Code, Loaded
from munition.engine.outcome import Crash
from munition.engine.plan import Plan, Refusal
from munition.engine.presets import Allocation, Preset, new_engine
from munition.engine.threads import Threads
from munition.engine.ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Hashable

    from munition.engine.target import Target

_MAX_CODE: Final = 64
"""Compiled modules kept; each costs its machine code, which is about three times the module."""

_MAX_FACTS: Final = 64
_MAX_TARGETS: Final = 256


class Machine:
    """See the module."""

    def __init__(self) -> None:
        self.api = load()
        self.ticker = Ticker(self.api)
        self.compiler = Compiler()
        self._lock = threading.Lock()
        self._engines: dict[tuple[Preset, Allocation, int], int] = {}
        self._machine_code: OrderedDict[Hashable, bytes] = OrderedDict()
        self._code: OrderedDict[Hashable, Code] = OrderedDict()
        self._facts: OrderedDict[Hashable, Facts] = OrderedDict()
        self.targets: OrderedDict[Hashable, Target] = OrderedDict()
        self.threads = Threads()
        atexit.register(self.compiler.close)

    def facts(self, wasm: bytes) -> Facts:
        """What a module says; kept, because the same bytes are fired under many grants.

        Raises:
            InvalidModuleError: it is no usable module.
        """
        found = self._facts.get(wasm)
        if found is None:
            found = read_facts(wasm)
            with self._lock:
                self._facts[wasm] = found
                _trim(self._facts, _MAX_FACTS)
        return found

    def keep_target(self, key: Hashable, target: Target) -> Target:
        """Remember a target; when two threads made the same, both get the first."""
        with self._lock:
            kept = self.targets.setdefault(key, target)
            _trim(self.targets, _MAX_TARGETS)
        return kept

    def engine(self, preset: Preset, allocation: Allocation, stack: int) -> int:
        """The engine of that configuration, made on first use and kept."""
        key = (preset, allocation, stack)
        with self._lock:
            if key not in self._engines:
                handle = new_engine(self.api, preset, allocation, stack)
                self._engines[key] = handle
                self.ticker.watch(handle)
            return self._engines[key]

    def load(self, plan: Plan, stack: int, deadline: float) -> Loaded | Refusal:
        """Compile (in the child) what was not compiled yet, and load it into an engine with `stack`."""
        if plan.allocation is Allocation.POOL and _scarce_addresses():
            plan = replace(plan, allocation=Allocation.WIDE)
        found = self._load(plan, stack, deadline)
        if isinstance(found, Refusal) and found.kind == "invalid" and plan.allocation is Allocation.POOL:
            # A slot of the pool bounds more than memory (tables, the size of an instance): it may be that, only.
            return self._load(replace(plan, allocation=Allocation.WIDE), stack, deadline)
        return found

    def _load(self, plan: Plan, stack: int, deadline: float) -> Loaded | Refusal:
        key = (plan.facts.sha256, plan.preset, plan.allocation)
        code = self._code.get((key, stack))
        engine = self.engine(plan.preset, plan.allocation, stack)
        if code is None:
            made = self._compiled(key, plan, deadline)
            if isinstance(made, Refusal):
                return made
            code = Code(self.api, engine, made)
            with self._lock:
                self._code[key, stack] = code
                _trim(self._code, _MAX_CODE)
        return Loaded(self.api, self.ticker, engine, code, plan, stack)

    def _compiled(self, key: Hashable, plan: Plan, deadline: float) -> bytes | Refusal:
        code = self._machine_code.get(key)
        if code is not None:
            return code
        match self.compiler.compile(plan.wasm, plan.preset, plan.allocation, deadline):
            case Compiled(code=made):
                with self._lock:
                    self._machine_code[key] = made
                    _trim(self._machine_code, _MAX_CODE)
                return made
            case Refused(message=message):
                return Refusal("invalid", Crash("module", f"the engine refuses the module: {tidy(message)}"))
            case Stopped(why="time"):
                text = f"compiling the module took longer than the time limit of {plan.limits.timeout:g} s"
                return Refusal("limit", Crash("compile", text, "raise the limit with --timeout SECONDS"))
            case Stopped():
                text = "compiling the module needs more memory or processor time than it may have"
                return Refusal("limit", Crash("compile", text))


def _scarce_addresses() -> bool:
    """Whether this process may have too little address space for a pool; making one would abort it."""
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return soft != resource.RLIM_INFINITY and soft < _POOL_ADDRESSES


_POOL_ADDRESSES: Final = 64 << 30


def _trim(cache: OrderedDict[Hashable, Any], most: int) -> None:
    while len(cache) > most:
        cache.popitem(last=False)


_MAX_TEXT: Final = 500


def tidy(text: str) -> str:
    """Text that may hold names a guest chose: one line, printable, of bounded length."""
    one_line = " ".join(text.split())
    cut = one_line if len(one_line) <= _MAX_TEXT else one_line[:_MAX_TEXT] + "..."
    return (
        cut
        if cut.isascii() and cut.isprintable()
        else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)
    )


class Holder:
    """Where the machine of this process is kept; and, in a forked child, its parent's, which must never be freed."""

    machine: Machine | None = None
    abandoned: Machine | None = None
    lock = threading.Lock()


def machine() -> Machine:
    """The machine of this process.

    Raises:
        MissingToolError: the engine is not installed.
    """
    found = Holder.machine
    if found is None:
        with Holder.lock:
            found = Holder.machine
            if found is None:
                found = Holder.machine = Machine()
    return found


def warm() -> None:
    """Start what the first fire will wait for, without waiting: the library and the compiling child.

    Raises:
        MissingToolError: the engine is not installed.
    """
    machine().compiler.warm()


def _forget() -> None:
    """After a fork: the engines' threads and the child belong to the parent."""
    left = Holder.machine
    if left is not None:
        Holder.abandoned = left
        left.compiler.abandon()
    Holder.machine = None
    Holder.lock = threading.Lock()


os.register_at_fork(after_in_child=_forget)


def shown(text: str) -> str:
    """Text of the guest for a message: as it is when it is plain, else in one printable line."""
    plain = all(c.isprintable() or c in "\n\t" for c in text) and len(text) <= _MAX_SHOWN
    return text if plain else tidy(text)


_MAX_SHOWN: Final = 4000
