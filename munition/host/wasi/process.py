# SPDX-License-Identifier: MIT
"""Arguments, environment, exit, randomness, clocks."""

from __future__ import annotations

import struct
import time as host_time
from typing import TYPE_CHECKING, Final

from munition.host import time
from munition.host.abi import ProgramExitError
from munition.host.random import MAX_BYTES, draw
from munition.host.wasi.errno import Errno, WasiError
from munition.host.wasi.memory import put_sizes, put_strings, put_u64
from munition.host.wasi.program import OpenDirectory, Program, Stream

if TYPE_CHECKING:
    from munition.host.abi import Context

_SECOND: Final = 1_000_000_000
_REALTIME: Final = 0
_CLOCKS: Final = range(4)
"""Wall clock, monotonic clock, and the processor time of process and thread, which stand for the monotonic one."""

_SUBSCRIPTION: Final = struct.Struct("<QBxxxxxxxIxxxxQQHxxxxxx")
_EVENT: Final = struct.Struct("<QHBxxxxxQHxxxxxx")
_CLOCK, _FD_READ, _FD_WRITE = range(3)
_ABSOLUTE: Final = 1
_MAX_SUBSCRIPTIONS: Final = 1024
_SLICE: Final = 0.02


def program_of(context: Context) -> Program:
    """The program of a fire that links WASI."""
    assert context.program is not None, "the engine links these functions only for fires that have a program"
    return context.program


def args_get(context: Context, pointers: int, address: int) -> None:
    """Write the arguments."""
    put_strings(context, pointers, address, program_of(context).arguments)


def args_sizes_get(context: Context, count: int, size: int) -> None:
    """Write how many arguments there are, and their bytes."""
    put_sizes(context, count, size, program_of(context).arguments)


def environ_get(context: Context, pointers: int, address: int) -> None:
    """Write the environment."""
    put_strings(context, pointers, address, program_of(context).environment)


def environ_sizes_get(context: Context, count: int, size: int) -> None:
    """Write how many variables there are, and their bytes."""
    put_sizes(context, count, size, program_of(context).environment)


def proc_exit(_context: Context, code: int) -> None:
    """End the program.

    Raises:
        ProgramExitError: always.
    """
    raise ProgramExitError(code)


def sched_yield(_context: Context) -> None:
    """Nothing: there is one thread."""


def random_get(context: Context, address: int, length: int) -> None:
    """Fill memory with unpredictable bytes.

    Raises:
        BudgetSpentError: more than may be drawn.
    """
    done = 0
    while done < length:
        size = min(length - done, MAX_BYTES)
        context.charge(2 * size)
        context.memory.read(address + done, size)  # before anything is drawn: the range must be there
        context.memory.write(address + done, draw(context, size))
        done += size


# --- clocks ---


def _now(context: Context, clock: int) -> int:
    """Nanoseconds by a clock. The monotonic one begins at a second: some programs take zero for an error."""
    if clock not in _CLOCKS:
        raise WasiError(Errno.INVAL)
    return time.wall(context) if clock == _REALTIME else _SECOND + time.monotonic(context)


def clock_res_get(context: Context, clock: int, address: int) -> None:
    """Write the step of a clock."""
    _now(context, clock)
    put_u64(context, address, time.RESOLUTION_NS)


def clock_time_get(context: Context, clock: int, _precision: int, address: int) -> None:
    """Write the time by a clock."""
    put_u64(context, address, _now(context, clock))


def poll_oneoff(context: Context, subscriptions: int, events: int, count: int, done: int) -> None:
    """Wait until the first of some times has come; descriptors are ready at once.

    A wait ends early when the fire is over; the engine sees to what happens then.
    """
    if not 0 < count <= _MAX_SUBSCRIPTIONS:
        raise WasiError(Errno.INVAL)
    context.charge(count * 100)
    raw = context.memory.read(subscriptions, count * _SUBSCRIPTION.size)
    wanted = list(_SUBSCRIPTION.iter_unpack(raw))
    found = [event for item in wanted if item[1] != _CLOCK for event in (_ready(context, item),)]
    clocks = [(_wait(context, item), item) for item in wanted if item[1] == _CLOCK]
    found += [_EVENT.pack(item[0], Errno.INVAL, _CLOCK, 0, 0) for wait, item in clocks if wait is None]
    waits = [(wait, item) for wait, item in clocks if wait is not None]
    least = 0 if found else min(wait for wait, _ in waits)
    _sleep(context, least)
    found += [_EVENT.pack(item[0], Errno.SUCCESS, _CLOCK, 0, 0) for wait, item in waits if wait <= least]
    context.memory.write(events, b"".join(found))
    context.memory.write(done, struct.pack("<I", len(found)))


def _wait(context: Context, item: tuple[int, ...]) -> int | None:
    """Nanoseconds until a clock subscription fires; None when it is not possible."""
    _, _, clock, timeout, _, flags = item
    if clock not in _CLOCKS:
        return None
    return max(0, timeout - _now(context, clock)) if flags & _ABSOLUTE else timeout


def _ready(context: Context, item: tuple[int, ...]) -> bytes:
    """The event of a descriptor: everything a program can hold is ready at once, or wrong."""
    userdata, tag, number = item[:3]
    if tag not in (_FD_READ, _FD_WRITE):
        return _EVENT.pack(userdata, Errno.INVAL, tag, 0, 0)
    found = program_of(context).table.get(number)
    errno = Errno.SUCCESS
    if (
        found is None
        or isinstance(found, OpenDirectory)
        or (isinstance(found, Stream) and (found.number == 0) != (tag == _FD_READ))
    ):
        errno = Errno.BADF
    return _EVENT.pack(userdata, errno, tag, 0, 0)


def _sleep(context: Context, nanoseconds: int) -> None:
    until = host_time.monotonic() + nanoseconds / _SECOND
    while (now := host_time.monotonic()) < min(until, context.deadline) and not context.cancelled():
        host_time.sleep(min(_SLICE, until - now, max(context.deadline - now, 0)))
