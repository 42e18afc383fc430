# SPDX-License-Identifier: MIT
"""The shortest way through a fire: a module without host functions, numbers in, numbers out.

`sprint` does what `calls.run` does for this case, with everything that can be prepared bound to local names; that halves
what Python adds to the engine's own time. Whatever is not the plain good end is left to the functions of the long way.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

from munition.engine.calls import worth_more
from munition.engine.ending import stopped
from munition.engine.limits import PAGE
from munition.engine.numbers import NumberCall, put_arguments
from munition.engine.outcome import Draft, Outcome
from munition.engine.traps import take_stop

if TYPE_CHECKING:
    from munition.engine.shot import Shot

Sprint: TypeAlias = Callable[[Sequence[object], ctypes.c_uint64, bool, float], Outcome | None]
"""(arguments, ticks, whether to give up when more time or stack would help, when the fire began) -> outcome or None."""


def sprint(shot: Shot, call: NumberCall, free: list[Sprint]) -> Sprint:  # noqa: PLR0915 - flat, so that it is fast
    """A function that fires `call` on `shot`, again and again, and puts itself into `free` each time."""
    quick, loaded, ticker = shot.quick, shot.loaded, shot.loaded.ticker
    store_new, store_context, store_delete = quick.store_new, quick.store_context, quick.store_delete
    limiter, set_fuel, get_fuel = quick.store_limiter, quick.context_set_fuel, quick.context_get_fuel
    set_deadline, instantiate = quick.context_set_epoch_deadline, quick.instance_pre_instantiate
    export_get, call_function = quick.instance_export_get, quick.func_call_unchecked
    engine, pre, fuel, raw = shot.engine, shot.pre, shot.fuel, shot.raw
    trap: Any = shot.trap  # a null pointer is false
    instance_at, extern_at, function_at = shot.instance_at, shot.extern_at, shot.function_at
    raw_at, trap_at, fuel_at, fuel_cell = shot.raw_at, shot.trap_at, shot.fuel_at, shot.fuel_cell
    bounds = shot.bounds if loaded.bounded else None
    name, name_size, cells = call.export, ctypes.c_size_t(len(call.export)), ctypes.c_size_t(call.cells)
    classes, pack, unpack = call.classes, call.pack, call.unpack
    fixed_peak, peak_of = _peak(shot)
    fuel_limit, fired = loaded.plan.limits.fuel, loaded.plan.fired
    enter, leave = ticker.inflight.add, ticker.inflight.discard

    def fire(args: Sequence[object], ticks: ctypes.c_uint64, retry: bool, started: float) -> Outcome | None:
        store: Any = None
        try:
            if tuple(map(type, args)) == classes:
                try:
                    pack(raw, 0, *args)
                except Exception:
                    put_arguments(call, raw, args)
            else:
                put_arguments(call, raw, args)
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
                export_get(pointer, instance_at, name, name_size, extern_at)
                error = call_function(pointer, function_at, raw_at, cells, trap_at)
            if error or trap:
                if retry and worth_more(shot):
                    return None
                shot.take_over(store, pointer)
                store = None
                return stopped(shot, error or 0, started, running=running)
            peak = fixed_peak if peak_of is None else peak_of(pointer)
            get_fuel(pointer, fuel_at)
            used = fuel_limit - fuel_cell.value
            made: Any = Draft("ok", unpack(raw), used, True, perf_counter() - started, peak, (), fired, None)
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


def _peak(shot: Shot) -> tuple[int, Callable[[Any], int] | None]:
    """Bytes of memory after a fire, where they are always the same, or what asks an instance for them."""
    facts, memory_name = shot.loaded.plan.facts, shot.loaded.memory_name
    if memory_name is None:
        return 0, None
    if facts.fixed:
        return facts.pages * PAGE, None
    export_get, memory_size = shot.quick.instance_export_get, shot.quick.memory_data_size
    name_size, instance_at = ctypes.c_size_t(len(memory_name)), shot.instance_at
    extern_at, memory_at = shot.memory_extern_at, shot.memory_at

    def measure(pointer: Any) -> int:
        export_get(pointer, instance_at, memory_name, name_size, extern_at)
        size: int = memory_size(pointer, memory_at)
        return size

    return 0, measure
