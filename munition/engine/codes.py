# SPDX-License-Identifier: MIT
"""Where machine code comes from: memory, the cache on disk, or a worker that compiles; in that order."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from munition.engine.cache import CodeCache, open_cache
from munition.engine.capi import build
from munition.engine.compiler import Compiled, Compiler, Refused, Stopped
from munition.engine.kept import Kept
from munition.engine.loaded import Native
from munition.engine.machine import MAX_CODE, MAX_KEPT
from munition.engine.outcome import Crash
from munition.engine.plan import Plan, Refusal
from munition.engine.presets import Allocation, fingerprint
from munition.engine.text import tidy

if TYPE_CHECKING:
    from collections.abc import Hashable

    from munition.engine.child import Cancel


class Codes(Protocol):
    """A source of machine code."""

    def get(
        self, plan: Plan, allocation: Allocation, deadline: float, cancel: Cancel | None = None
    ) -> Native | Refusal:
        """Machine code for a plan before `deadline` (of `time.monotonic`)."""
        ...


class CompiledCodes:
    """See the module. Safe from many threads."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._kept: Kept[Native] = Kept(MAX_KEPT, MAX_CODE)

    @cached_property
    def cache(self) -> CodeCache | None:
        """The cache on disk, if there is one."""
        return open_cache()

    def get(
        self, plan: Plan, allocation: Allocation, deadline: float, cancel: Cancel | None = None
    ) -> Native | Refusal:
        """Machine code for a plan before `deadline` (of `time.monotonic`).

        Raises:
            CancelledError: `cancel` was thrown.
        """
        found = self._get(plan, allocation, deadline, cancel)
        if isinstance(found, Refusal) and found.kind == "invalid" and allocation is Allocation.POOL:
            # A slot of the pool bounds more than memory (tables, the size of an instance): it may be that, only.
            found = self._get(plan, Allocation.WIDE, deadline, cancel)
            if isinstance(found, Native):
                self._keep((plan.facts.sha256, plan.preset, allocation), found)
        return found

    def _get(
        self, plan: Plan, allocation: Allocation, deadline: float, cancel: Cancel | None
    ) -> Native | Refusal:
        key = (plan.facts.sha256, plan.preset, allocation)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        name = f"{plan.facts.sha256} {build()} {fingerprint(plan.preset, allocation)}"
        code = None if self.cache is None else self.cache.get(name)
        if code is None:
            made = self._compile(plan, allocation, deadline, cancel)
            if isinstance(made, Refusal):
                return made
            code = made
            if self.cache is not None:
                self.cache.put(name, code)
        return self._keep(key, Native(allocation, code))

    def _keep(self, key: Hashable, native: Native) -> Native:
        return self._kept.keep(key, native, id(native.code), len(native.code))

    def _compile(
        self, plan: Plan, allocation: Allocation, deadline: float, cancel: Cancel | None
    ) -> bytes | Refusal:
        limits = plan.limits
        result = self._compiler.compile(
            plan.wasm, plan.preset, allocation, deadline, seconds=limits.compile, cancel=cancel
        )
        match result:
            case Compiled(code=made):
                return made
            case Refused(message=message):
                return Refusal("invalid", Crash("module", f"the engine refuses the module: {tidy(message)}"))
            case Stopped(why="time"):
                text = f"compiling the module took longer than the time limit of {limits.timeout:g} s"
                return Refusal("limit", Crash("compile", text, "raise the limit with --timeout SECONDS"))
            case Stopped():
                text = "compiling the module needs more memory or processor time than it may have"
                return Refusal(
                    "limit", Crash("compile", text, "raise the limit with --limit compile=SECONDS")
                )
