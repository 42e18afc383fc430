# SPDX-License-Identifier: MIT
"""Engine compilation as the parent sees it: bytes to machine code, in a worker that can be killed.

Compiling hostile bytes can take minutes and gigabytes, and nothing inside the process can stop it. So it always happens
in a worker, under the deadline of the fire that asked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.engine.child import CancelledError, DiedError, TimeUpError
from munition.engine.presets import Allocation, Preset
from munition.engine.wire import COMPILE, MAX_CODE, Down, Up
from munition.engine.workers import NoWorkerError, Workers

if TYPE_CHECKING:
    from munition.engine.child import Cancel, Child

BLOATED: Final = 512 << 20
"""Bytes of memory a worker may still hold after compiling; one with more makes room for a new one."""

_PRESETS: Final = list(Preset)
_ALLOCATIONS: Final = list(Allocation)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Machine code from our own worker."""

    code: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine does not accept the module; the text is the engine's."""

    message: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The worker was stopped: `time` is up, or it `died` (of its memory limit, or of a fault of the engine)."""

    why: str


Result = Compiled | Refused | Stopped


class Compiler:
    """Compiles in workers, started on first use and kept."""

    def __init__(self, workers: Workers | None = None) -> None:
        self.workers = Workers() if workers is None else workers

    def warm(self) -> None:
        """Start a worker, so that it gets ready while something else is done. Does not wait."""
        self.workers.warm()

    def compile(
        self,
        wasm: bytes,
        preset: Preset,
        allocation: Allocation,
        deadline: float,
        *,
        seconds: float | None = None,
        cancel: Cancel | None = None,
    ) -> Result:
        """Compile `wasm` before `deadline` (of `time.monotonic`).

        Args:
            wasm: the module.
            preset: what it may use.
            allocation: where its memory will lie.
            deadline: when the worker is killed.
            seconds: of processor time it may take; what is left until the deadline unless given.
            cancel: ends it early.

        Raises:
            CancelledError: `cancel` was thrown.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            return Stopped("time")
        processor = int(min(left, 1 << 30) if seconds is None else seconds) + 1
        head = COMPILE.pack(_PRESETS.index(preset), _ALLOCATIONS.index(allocation), processor)
        lease: list[Child] = []
        well = False
        try:
            child = self.workers.take(lease, None, deadline, cancel)
            result = _exchange(child, head + wasm, deadline, cancel)
            well = True
        except (TimeUpError, NoWorkerError):
            return Stopped("time")
        except DiedError:
            return Stopped("died")
        finally:
            # Interrupted in the middle of an exchange: what the worker would say next belongs to nobody.
            for child in lease:
                if well:
                    self.workers.give(child, keep=child.resident() <= BLOATED)
                else:
                    self.workers.drop(child)
        return result

    def pid(self) -> int | None:
        """The process id of the worker that will compile next, if there is one."""
        return next((child.pid for child in reversed(self.workers.idle()) if not child.guests), None)

    def close(self) -> None:
        """Stop the workers, even in the middle of a request (at exit nobody waits for one)."""
        self.workers.close()


def _exchange(child: Child, request: bytes, deadline: float, cancel: Cancel | None) -> Compiled | Refused:
    child.send(Down.COMPILE, request, deadline, cancel)
    kind, content = child.receive(MAX_CODE, deadline, cancel)
    if kind == Up.COMPILED:
        return Compiled(content)
    if kind != Up.REFUSED:
        raise DiedError
    return Refused(content.decode("utf-8", "replace"))


__all__ = ["CancelledError", "Compiled", "Compiler", "Refused", "Result", "Stopped"]
