# SPDX-License-Identifier: MIT
"""Canonical definitions: where functions of components meet core functions. One table of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.wasm.component import Builtin, Lift, Lower, Sort
from munition.wasm.component_scope import Scope, index
from munition.wasm.component_types import result_list
from munition.wasm.decode_types import val_type
from munition.wasm.faults import invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from munition.wasm.cursor import Cursor

# Code -> name and operands: t type, o options, r results, f flag (0 or 1), v core value type, n number, m core memory,
# T core type, b core table.
_BUILTINS: Final = {
    0x02: ("resource.new", "t"),
    0x03: ("resource.drop", "t"),
    0x07: ("resource.drop", "t"),
    0x04: ("resource.rep", "t"),
    0x05: ("task.cancel", ""),
    0x06: ("subtask.cancel", "f"),
    0x08: ("backpressure.set", ""),
    0x09: ("task.return", "ro"),
    0x0A: ("context.get", "vn"),
    0x0B: ("context.set", "vn"),
    0x0C: ("thread.yield", "f"),
    0x0D: ("subtask.drop", ""),
    0x0E: ("stream.new", "t"),
    0x0F: ("stream.read", "to"),
    0x10: ("stream.write", "to"),
    0x11: ("stream.cancel-read", "tf"),
    0x12: ("stream.cancel-write", "tf"),
    0x13: ("stream.drop-readable", "t"),
    0x14: ("stream.drop-writable", "t"),
    0x15: ("future.new", "t"),
    0x16: ("future.read", "to"),
    0x17: ("future.write", "to"),
    0x18: ("future.cancel-read", "tf"),
    0x19: ("future.cancel-write", "tf"),
    0x1A: ("future.drop-readable", "t"),
    0x1B: ("future.drop-writable", "t"),
    0x1C: ("error-context.new", "o"),
    0x1D: ("error-context.debug-message", "o"),
    0x1E: ("error-context.drop", ""),
    0x1F: ("waitable-set.new", ""),
    0x20: ("waitable-set.wait", "fm"),
    0x21: ("waitable-set.poll", "fm"),
    0x22: ("waitable-set.drop", ""),
    0x23: ("waitable.join", ""),
    0x24: ("backpressure.inc", ""),
    0x25: ("backpressure.dec", ""),
    0x26: ("thread.index", ""),
    0x27: ("thread.new-indirect", "Tb"),
    0x28: ("thread.resume-later", ""),
    0x29: ("thread.suspend", "f"),
    0x2A: ("thread.suspend-then-resume", "f"),
    0x2B: ("thread.yield-then-resume", "f"),
    0x2C: ("thread.suspend-then-promote", "f"),
    0x2D: ("thread.yield-then-promote", "f"),
    0x40: ("thread.spawn-ref", "fT"),
    0x41: ("thread.spawn-indirect", "fTb"),
    0x42: ("thread.available-parallelism", "f"),
}
_LIFT, _LOWER = 0x00, 0x01
_MOST_OPTIONS: Final = 16


class _Operands(Struct):
    """What the operands of a canonical definition name."""

    helpers: tuple[int, ...] = ()
    table: int | None = None
    type: int | None = None


def read_canon(cursor: Cursor, scope: Scope) -> tuple[Sort, Lift | Lower | Builtin]:
    """One canonical definition, and which index space it enters.

    Raises:
        InvalidModuleError: E270 for an unknown one, E222 for an index out of bounds.
    """
    start = cursor.pos
    code = cursor.byte()
    if code in {_LIFT, _LOWER}:
        if cursor.byte():
            raise invalid("E270", "only functions can be lifted and lowered", start)
        if code == _LIFT:
            function = index(cursor, scope, Sort.CORE_FUNC)
            helpers = _options(cursor, scope)
            index(cursor, scope, Sort.TYPE)
            return Sort.FUNC, Lift(function, helpers)
        function = index(cursor, scope, Sort.FUNC)
        return Sort.CORE_FUNC, Lower(function, _options(cursor, scope))
    known = _BUILTINS.get(code)
    if known is None:
        raise invalid("E270", f"unknown canonical function {code:#04x}", start)
    name, operands = known
    found = _Operands()
    for operand in operands:
        _READ[operand](cursor, scope, found)
    return Sort.CORE_FUNC, Builtin(name, found.helpers, found.table, found.type)


def _options(cursor: Cursor, scope: Scope) -> tuple[int, ...]:
    """The core functions that options name."""
    functions: list[int] = []
    seen: set[int] = set()
    for _ in range(cursor.count("options", _MOST_OPTIONS)):
        start = cursor.pos
        code = cursor.byte()
        if code in seen:
            raise invalid("E270", f"the option {code:#04x} is given twice", start)
        seen.add(code)
        if code == 0x03:
            index(cursor, scope, Sort.CORE_MEMORY)
        elif code in {0x04, 0x05, 0x07}:
            functions.append(index(cursor, scope, Sort.CORE_FUNC))
        elif code == 0x08:
            index(cursor, scope, Sort.CORE_TYPE)
        elif code not in {0x00, 0x01, 0x02, 0x06, 0x09}:
            raise invalid("E270", f"unknown option {code:#04x}", start)
    return tuple(functions)


def _read_type(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    found.type = index(cursor, scope, Sort.TYPE)


def _read_options(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    found.helpers = _options(cursor, scope)


def _read_results(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    del found
    result_list(cursor, scope)


def _read_flag(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    del scope, found
    start = cursor.pos
    if cursor.byte() > 1:
        raise invalid("E270", "a flag must be 0 or 1", start)


def _read_value_type(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    del scope, found
    val_type(cursor, 0)


def _read_number(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    del scope, found
    cursor.u32()


def _read_memory(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    del found
    index(cursor, scope, Sort.CORE_MEMORY)


def _read_core_type(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    del found
    index(cursor, scope, Sort.CORE_TYPE)


def _read_table(cursor: Cursor, scope: Scope, found: _Operands) -> None:
    found.table = index(cursor, scope, Sort.CORE_TABLE)


_READ: Final[dict[str, Callable[[Cursor, Scope, _Operands], None]]] = {
    "t": _read_type,
    "o": _read_options,
    "r": _read_results,
    "f": _read_flag,
    "v": _read_value_type,
    "n": _read_number,
    "m": _read_memory,
    "T": _read_core_type,
    "b": _read_table,
}
