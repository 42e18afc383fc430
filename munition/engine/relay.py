# SPDX-License-Identifier: MIT
"""The short way for encoded values: as `sprint`, for modules without host functions that speak the value ABI.

Arguments are copied in and the result block is copied out through addresses that were checked against the memory's size
and are used before guest code runs again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from munition.engine.calls import no_room, take_answer, worth_more
from munition.engine.ending import stopped
from munition.engine.guest import INPUT, ValueCall
from munition.engine.outcome import Draft, Outcome
from munition.engine.traps import take_stop
from munition.host.values import decode_finished

if TYPE_CHECKING:
    from munition.engine.shot import Shot
    from munition.host.values import Value

Relay: TypeAlias = Callable[[Sequence[object], ctypes.c_uint64, bool, float], Outcome | None]
"""As `sprint.Sprint`."""


def relay(shot: Shot, call: ValueCall, free: list[Relay]) -> Relay:  # noqa: C901, PLR0915 - long so that it is fast
    """A function that fires `call` on `shot`, again and again, and puts itself into `free` each time."""
    quick, loaded = shot.quick, shot.loaded
    store_new, store_context, store_delete = quick.store_new, quick.store_context, quick.store_delete
    limiter, set_fuel, get_fuel = quick.store_limiter, quick.context_set_fuel, quick.context_get_fuel
    set_deadline, instantiate = quick.context_set_epoch_deadline, quick.instance_pre_instantiate
    export_get, call_function = quick.instance_export_get, quick.func_call_unchecked
    memory_size, memory_data = quick.memory_data_size, quick.memory_data
    engine, pre, fuel, raw = shot.engine, shot.pre, shot.fuel, shot.raw
    trap: Any = shot.trap  # a null pointer is false
    instance_at, extern_at, function_at, raw_at = (
        shot.instance_at,
        shot.extern_at,
        shot.function_at,
        shot.raw_at,
    )
    trap_at, fuel_at, fuel_cell = shot.trap_at, shot.fuel_at, shot.fuel_cell
    memory_extern_at, memory_at = shot.memory_extern_at, shot.memory_at
    bounds = shot.bounds if loaded.bounded else None
    name, name_size = call.export, ctypes.c_size_t(len(call.export))
    to_values = _block if call.raw else decode_finished
    input_name, input_size = INPUT, ctypes.c_size_t(len(INPUT))
    memory_name = loaded.memory_name
    memory_name_size = ctypes.c_size_t(len(memory_name or b""))
    one, two = ctypes.c_size_t(1), ctypes.c_size_t(2)
    memmove, string_at = ctypes.memmove, ctypes.string_at
    to_wire = call.encode
    limits, fired = loaded.plan.limits, loaded.plan.fired
    fuel_limit, result_limit = limits.fuel, limits.result
    ticker = loaded.ticker
    enter, leave = ticker.inflight.add, ticker.inflight.discard

    def put(pointer: Any, encoded: bytes) -> int:
        """Copy the arguments in; what the engine says, or `_NO_ROOM`. Leaves the cells as the entry wants them."""
        length = len(encoded)
        raw[0] = length
        export_get(pointer, instance_at, input_name, input_size, extern_at)
        error = call_function(pointer, function_at, raw_at, one, trap_at)
        if error or trap:
            return error or 0
        address = raw[0] & 0xFFFFFFFF
        if not address or address + length > memory_size(pointer, memory_at):
            return _NO_ROOM
        memmove(memory_data(pointer, memory_at) + address, encoded, length)
        raw[0], raw[2] = address, length
        return 0

    def answer(pointer: Any, peak: int) -> tuple[Value, ...] | None:
        """The values, if all is well with the result block."""
        packed = raw[0]
        address, length = packed & 0xFFFFFFFF, packed >> 32
        if length > result_limit or address + length > peak:
            return None
        return to_values(string_at(memory_data(pointer, memory_at) + address, length))

    def fire(
        arguments: Sequence[object], ticks: ctypes.c_uint64, retry: bool, started: float
    ) -> Outcome | None:
        encoded = to_wire(arguments)
        raw[0] = raw[2] = 0
        store: Any = None
        try:
            enter(shot)
            if ticker.asleep:
                ticker.wake()
            store = store_new(engine, None, None)
            pointer = store_context(store)
            if bounds is not None:
                limiter(store, *bounds)
            set_fuel(pointer, fuel)
            set_deadline(pointer, ticks)
            error = instantiate(pre, pointer, instance_at, trap_at)
            running = not (error or trap)
            if running:
                export_get(pointer, instance_at, memory_name, memory_name_size, memory_extern_at)
                if encoded:
                    error = put(pointer, encoded)
                if not (error or trap):
                    export_get(pointer, instance_at, name, name_size, extern_at)
                    error = call_function(pointer, function_at, raw_at, two, trap_at)
            if error or trap:
                if retry and worth_more(shot):
                    return None
                shot.take_over(store, pointer)
                store = None
                if error == _NO_ROOM:
                    return no_room(shot, started)
                return stopped(shot, error or 0, started, running=running)
            peak = memory_size(pointer, memory_at)
            values = answer(pointer, peak)
            if values is None:
                shot.take_over(store, pointer)
                store = None
                return take_answer(shot, raw[0] & 0xFFFFFFFF, raw[0] >> 32, started, raw=call.raw)
            get_fuel(pointer, fuel_at)
            used = fuel_limit - fuel_cell.value
            made: Any = Draft("ok", values, used, True, perf_counter() - started, peak, (), fired, None)
            made.__class__ = Outcome  # as `outcome` does, without the call
            return made  # type: ignore[no-any-return]
        finally:
            if store is not None:
                if trap:
                    take_stop(shot, 0)
                store_delete(store)
            leave(shot)
            free.append(fire)

    return fire


def _block(block: bytes) -> tuple[Value, ...] | None:
    """As `decode_finished`, for a caller that decodes it elsewhere."""
    return None if block[:1] != b"\0" else (block,)


_NO_ROOM: Final = -1
"""No address of an error."""
