# SPDX-License-Identifier: MIT
"""One fire at the engine's level: the buffers it needs, its store, its host functions, and how it ended.

A `Shot` belongs to one fire at a time and is used again by later ones; a thread takes one from its `Loaded` and gives it
back. The host functions are bound to the shot, so a callback knows its fire without looking anything up, and what one
raises cannot surface in another. Lifetime rules of the C API that hold here: everything a store may touch is referenced
by the shot until the store is deleted; a memory address is fetched, checked, used and forgotten.
"""

from __future__ import annotations

import ctypes
import struct
import time
from ctypes import addressof
from typing import TYPE_CHECKING, Any, Final

from munition.engine import capi
from munition.engine.presets import TABLES
from munition.host.abi import Context, FuelSpentError, GuestFaultError
from munition.host.bindings import binding_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from munition.capability.catalogue import HostFunction
    from munition.engine.loaded import Loaded

_VALTYPES: Final = {"i32": 0, "i64": 1, "f32": 2, "f64": 3}
_PARAM_FORMATS: Final = {"i32": "I12x", "i64": "q8x", "f32": "f12x", "f64": "d8x"}
_RESULT_FORMATS: Final = {**_PARAM_FORMATS, "i32": "i12x"}
_MAX_CELLS: Final = 32
_SLICE_TICKS: Final = 4
_TRAP_OUT_OF_BOUNDS: Final = 1
_TRAP_UNREACHABLE: Final = 9


def cells_format(types: tuple[str, ...], table: dict[str, str]) -> struct.Struct:
    """How values of these types lie in the 16-byte cells of an unchecked call."""
    return struct.Struct("<" + "".join(table[name] for name in types))


class OutOfRangeError(Exception):
    """A host function returned a number that does not fit its result type."""


class Shot:
    """See the module.

    Attributes:
        store: the store's handle while a fire is going on, else None.
        raw: the cells of calls, as a buffer.
        trap: receives a trap.
        fault: what a host function raised, or None.
        context: what host functions see of the fire.
        deadline: when (of `time.monotonic`) the fire must be over; host functions check it on return.
        cancelled: set from another thread to end the fire at the next tick.
        fuel_left: fuel at the end, read by `close`.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.api = loaded.api
        self.quick = loaded.api.quick
        limits = loaded.plan.limits
        self.engine = ctypes.c_void_p(loaded.engine)
        self.bounds = tuple(map(ctypes.c_int64, (limits.memory, limits.table, 1, TABLES, 1)))
        self.fuel = ctypes.c_uint64(limits.fuel)
        self.store: capi.Handle | None = None
        self.pointer: capi.Handle | None = None
        self.instance = capi.Instance()
        self.extern = capi.Extern()
        self.memory_extern = capi.Extern()
        self.raw = (ctypes.c_uint64 * (2 * _MAX_CELLS))()
        self.trap = ctypes.c_void_p()
        self.fuel_cell = ctypes.c_uint64()
        self.instance_at = ctypes.byref(self.instance)
        self.extern_at = ctypes.byref(self.extern)
        self.function_at = ctypes.c_void_p(addressof(self.extern) + capi.Extern.of.offset)
        self.memory_extern_at = ctypes.byref(self.memory_extern)
        self.memory_at = ctypes.c_void_p(addressof(self.memory_extern) + capi.Extern.of.offset)
        self.raw_at = ctypes.byref(self.raw)
        self.trap_at = ctypes.byref(self.trap)
        self.fuel_at = ctypes.byref(self.fuel_cell)
        self.has_memory = False
        self.fault: BaseException | None = None
        self.context: Context | None = None
        self.deadline = 0.0
        self.cancelled = False
        self.fuel_left = 0
        self._keep: list[Any] = []
        self._watch = capi.WATCH(self._on_epoch)
        self.pre = ctypes.c_void_p(self._link())

    def _link(self) -> int | None:
        """Bind the host functions and resolve the imports once for all fires of this shot."""
        linker = self.api.linker_new(self.loaded.engine)
        try:
            for function in self.loaded.plan.hosts:
                self._define(linker, function)
            pre = ctypes.c_void_p()
            error = self.api.linker_instantiate_pre(linker, self.loaded.module, addressof(pre))
            if error:
                raise RuntimeError(f"linking failed: {self.api.take_message(error)}")
            return pre.value
        finally:
            self.api.linker_delete(linker)

    def _define(self, linker: int, function: HostFunction) -> None:
        api = self.api
        callback = capi.CALLBACK(self._callback(function, binding_of(function)))
        self._keep.append(callback)
        type_ = _function_type(api, function)
        module, name = function.module.encode(), function.name.encode()
        address = ctypes.cast(callback, ctypes.c_void_p).value
        error = api.linker_define_func_unchecked(
            linker, module, len(module), name, len(name), type_, address, None, None
        )
        api.wasm_functype_delete(type_)
        if error:
            raise RuntimeError(f"defining {function.name} failed: {api.take_message(error)}")

    def _callback(self, function: HostFunction, run: Callable[..., Any]) -> Callable[..., int | None]:
        """The host function as the engine calls it.

        Nothing it does may raise: an exception that leaves a callback leaves the engine with a wild pointer.
        """
        params = cells_format(function.params, _PARAM_FORMATS)
        results = cells_format(function.results, _RESULT_FORMATS)
        buffer = (ctypes.c_char * max(params.size, results.size, 1)).from_address
        base, per_byte, lengths = function.fuel, function.fuel_per_byte, function.lengths

        def callback(_env: int, caller: int, cells: int, _count: int) -> int | None:
            try:
                area = buffer(cells)
                arguments = params.unpack_from(area)
                cost = base + per_byte * sum(arguments[i] for i in lengths)
                if not self._charge(cost):
                    return self._trap(capi.TRAP_OUT_OF_FUEL)
                if not self.has_memory:
                    self._find_memory(caller)
                result = run(self.context, *arguments)
                if function.results:
                    try:
                        results.pack_into(area, 0, result)
                    except (struct.error, OverflowError, TypeError):
                        raise OutOfRangeError(f"{function.name} returned a value of the wrong kind") from None
                if time.monotonic() > self.deadline or self.cancelled:
                    return self._trap(capi.TRAP_INTERRUPT)
            except FuelSpentError:
                return self._trap(capi.TRAP_OUT_OF_FUEL)
            except BaseException as fault:
                self.fault = fault
                return self._trap(
                    _TRAP_OUT_OF_BOUNDS if isinstance(fault, GuestFaultError) else _TRAP_UNREACHABLE
                )
            return None

        return callback

    def _trap(self, code: int) -> int:
        """A trap for a callback to return, which hands it over to the engine."""
        trap: int = self.api.trap_new_code(code)
        return trap

    def _charge(self, cost: int) -> bool:
        """Take fuel; when there is not enough, take all of it and say False."""
        quick, pointer = self.quick, self.pointer
        quick.context_get_fuel(pointer, self.fuel_at)
        left = self.fuel_cell.value - cost
        quick.context_set_fuel(pointer, ctypes.c_uint64(max(left, 0)))
        return left >= 0

    def charge(self, cost: int) -> None:
        """Take fuel for what a host function is about to do.

        Raises:
            FuelSpentError: there is not enough; nothing is left.
        """
        if not self._charge(cost):
            raise FuelSpentError

    def _find_memory(self, caller: int) -> None:
        """Find the exported memory the way a host function may while the instance is still starting."""
        name = self.loaded.memory_name or b""
        found = self.api.caller_export_get(caller, name, len(name), addressof(self.memory_extern))
        self.has_memory = bool(found) and self.memory_extern.kind == capi.EXTERN_MEMORY

    def find_memory(self) -> bool:
        """Find the exported memory of the running instance."""
        name = self.loaded.memory_name
        if not self.has_memory and name is not None:
            found = self.quick.instance_export_get(
                self.pointer, self.instance_at, name, ctypes.c_size_t(len(name)), self.memory_extern_at
            )
            self.has_memory = found and self.memory_extern.kind == capi.EXTERN_MEMORY
        return self.has_memory

    def read(self, address: int, length: int) -> bytes:
        """Copy guest memory out.

        Raises:
            GuestFaultError: the range is not inside the memory.
        """
        return ctypes.string_at(self._check(address, length), length)

    def write(self, address: int, data: bytes) -> None:
        """Copy into guest memory.

        Raises:
            GuestFaultError: the range is not inside the memory.
        """
        ctypes.memmove(self._check(address, len(data)), data, len(data))

    def _check(self, address: int, length: int) -> int:
        """The host address of a range that was checked; good until guest code runs again."""
        size = self.memory_size()
        if address < 0 or length < 0 or address + length > size:
            raise GuestFaultError(
                f"the program passed the range {address:#x}+{length:#x}, which is outside its memory of {size:#x} bytes",
                "memory_out_of_bounds",
            )
        if not size:
            return 0  # a range of no bytes in no memory: nothing will be touched
        base: int = self.quick.memory_data(self.pointer, self.memory_at)
        return base + address

    def memory_size(self) -> int:
        """Bytes of linear memory now; 0 when none is exported."""
        if not self.has_memory:
            return 0
        size: int = self.quick.memory_data_size(self.pointer, self.memory_at)
        return size

    def open(self, ticks: int, *, watched: bool = False) -> int:
        """Begin a fire: a new store with its limits, and a new instance (start functions run). Returns an error or 0.

        Args:
            ticks: the fire is interrupted after so many.
            watched: look at the clock and at `cancelled` every few ticks instead (a callback: not on the main thread).
        """
        quick, ticker = self.quick, self.loaded.ticker
        ticker.inflight.add(self)
        if ticker.asleep:
            ticker.wake()
        self.has_memory = False
        self.fault = None
        self.store = store = quick.store_new(self.engine, None, None)
        self.pointer = pointer = quick.store_context(store)
        if self.loaded.bounded:
            quick.store_limiter(store, *self.bounds)
        quick.context_set_fuel(pointer, self.fuel)
        if watched:
            quick.store_epoch_deadline_callback(store, self._watch, None, None)
            ticks = min(ticks, _SLICE_TICKS)
        quick.context_set_epoch_deadline(pointer, ctypes.c_uint64(ticks))
        error: int | None = quick.instance_pre_instantiate(self.pre, pointer, self.instance_at, self.trap_at)
        return error or 0

    def _on_epoch(self, _pointer: int, _data: int, more: Any, kind: Any) -> int | None:
        try:
            if self.cancelled or time.monotonic() > self.deadline:
                error: int = self.api.error_new(b"interrupted")
                self.fault = InterruptedError()
                return error
            more[0], kind[0] = _SLICE_TICKS, 0
        except BaseException as fault:
            self.fault = fault
        return None

    def call(self, export: bytes, cells: int) -> int:
        """Call an export whose arguments lie in `raw`; its results will. Returns an error or 0; see `trap` too.

        The export must exist and have the type its cells were filled for: whoever made the plan has looked.
        """
        quick, pointer = self.quick, self.pointer
        size = ctypes.c_size_t
        if not quick.instance_export_get(
            pointer, self.instance_at, export, size(len(export)), self.extern_at
        ):
            raise LookupError(export)
        error: int | None = quick.func_call_unchecked(
            pointer, self.function_at, self.raw_at, size(cells), self.trap_at
        )
        return error or 0

    def take_over(self, store: capi.Handle, pointer: capi.Handle) -> None:
        """Go on with a fire that was begun elsewhere with this shot's buffers."""
        self.store, self.pointer = store, pointer
        self.has_memory = False
        self.fault = None

    def close(self) -> None:
        """End the fire: read what is left of it and free everything."""
        store = self.store
        if store is not None:
            quick, pointer = self.quick, self.pointer
            self.store = self.pointer = None
            quick.context_get_fuel(pointer, self.fuel_at)
            self.fuel_left = self.fuel_cell.value
            quick.store_delete(store)
        self.context = None
        self.loaded.ticker.inflight.discard(self)

    def __del__(self) -> None:
        """Free what was linked; no store of this shot is alive when nobody holds it."""
        pre = getattr(self, "pre", None)
        if pre is not None and pre.value:
            self.api.instance_pre_delete(pre.value)


def _function_type(api: capi.Api, function: HostFunction) -> int:
    def vector(types: tuple[str, ...]) -> capi.PointerVec:
        handles = (ctypes.c_void_p * len(types))(*(api.wasm_valtype_new(_VALTYPES[t]) for t in types))
        out = capi.PointerVec()
        api.wasm_valtype_vec_new(addressof(out), len(types), addressof(handles))
        return out

    params, results = vector(function.params), vector(function.results)
    handle: int = api.wasm_functype_new(addressof(params), addressof(results))
    return handle
