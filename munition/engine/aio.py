# SPDX-License-Identifier: MIT
"""Fires for event loops: the fire runs on a thread of ours, and cancelling the task stops the guest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from munition.engine.child import Cancel, CancelledError

if TYPE_CHECKING:
    from munition.engine.threads import Threads

_R = TypeVar("_R")


async def in_thread(threads: Threads, job: Callable[[Cancel], _R]) -> _R:
    """Run `job` on a thread of ours; when the task is cancelled, the switch it was given is thrown and its end awaited."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_R] = loop.create_future()
    cancel = Cancel()

    def settle(result: _R | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result: _R | None = None
        error: BaseException | None = None
        try:
            result = job(cancel)
        except BaseException as caught:
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody asks any more
            loop.call_soon_threadsafe(settle, result, error)

    threads.start(work)
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        cancel.throw()
        with contextlib.suppress(BaseException):
            await asyncio.shield(done)
        raise
    except CancelledError:
        raise asyncio.CancelledError from None
    finally:
        if done.done():
            cancel.close()
