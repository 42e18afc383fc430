# SPDX-License-Identifier: MIT
"""Calls of plain WebAssembly exports: numbers in, numbers out, checked both ways.

An i32 or i64 parameter takes any integer of its width, signed or unsigned; results are signed. An f64 crosses bit for
bit. An f32 parameter is rounded to the nearest f32, and refused when that would be infinite. True is no number.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from munition.errors import InvalidModuleError, UsageError, UsageTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from munition.engine.facts import Signature

_FORMATS: Final = {"i32": "i12x", "i64": "q8x", "f32": "f12x", "f64": "d8x"}
_BITS: Final = {"i32": 32, "i64": 64}
_MAX_CELLS: Final = 32
_EXACT: Final = 1 << 53


@dataclass(frozen=True, slots=True)
class NumberCall:
    """How to call one export.

    Attributes:
        export: its name, encoded.
        params: types of its parameters.
        classes: the Python class an argument usually has, per parameter.
        cells: how many 16-byte cells a call needs.
        pack: writes arguments into the cells.
        unpack: reads results from the cells.
        results: how many there are.
    """

    export: bytes
    params: tuple[str, ...]
    classes: tuple[type, ...]
    cells: int
    pack: Callable[..., None]
    unpack: Callable[[Any], tuple[Any, ...]]
    results: int


def number_call(name: str, signature: Signature) -> NumberCall:
    """Prepare calls of the export `name`.

    Raises:
        InvalidModuleError: a type that is no number, or too many parameters or results.
    """
    odd = next((t for t in (*signature.params, *signature.results) if t not in _FORMATS), None)
    if odd is not None:
        raise InvalidModuleError(f"{name!a} cannot be called from outside: its type {signature} has a {odd}")
    cells = max(len(signature.params), len(signature.results))
    if cells > _MAX_CELLS:
        raise InvalidModuleError(f"{name!a} cannot be called from outside: more than {_MAX_CELLS} values")
    params = struct.Struct("<" + "".join(_FORMATS[t] for t in signature.params))
    results = struct.Struct("<" + "".join(_FORMATS[t] for t in signature.results))
    return NumberCall(
        export=name.encode(),
        params=signature.params,
        classes=tuple(int if t in _BITS else float for t in signature.params),
        cells=max(cells, 1),
        pack=params.pack_into,
        unpack=results.unpack_from,
        results=len(signature.results),
    )


def put_arguments(call: NumberCall, raw: Any, arguments: Sequence[object]) -> None:
    """Check the arguments and write them into the cells.

    Raises:
        UsageTypeError: an argument of the wrong type, or too many or too few.
        UsageError: an argument out of range.
    """
    if tuple(map(type, arguments)) == call.classes:
        try:
            call.pack(raw, 0, *arguments)
        except (struct.error, OverflowError):
            pass  # unsigned, or out of range: the careful way says which
        else:
            return
    if len(arguments) != len(call.params):
        raise UsageTypeError(
            f"{call.export.decode()!a} takes {len(call.params)} arguments, {len(arguments)} were given"
        )
    checked = [_check(i, t, a) for i, (t, a) in enumerate(zip(call.params, arguments, strict=True), 1)]
    call.pack(raw, 0, *checked)


def _check(position: int, type_: str, argument: object) -> int | float:
    bits = _BITS.get(type_)
    if isinstance(argument, bool) or not isinstance(argument, int if bits else (int, float)):
        raise UsageTypeError(
            f"argument {position} must be a number for {type_}, not {type(argument).__name__}"
        )
    if bits is None:
        return _check_float(position, type_, argument)
    number = int(argument)
    if not -(1 << bits - 1) <= number < 1 << bits:
        raise UsageError(f"argument {position} does not fit {type_}")
    return number - (1 << bits) if number >= 1 << bits - 1 else number


def _check_float(position: int, type_: str, argument: int | float) -> float:
    if isinstance(argument, int) and abs(argument) > _EXACT:
        raise UsageError(f"argument {position} is an integer that {type_} cannot hold exactly; pass a float")
    number = float(argument)
    if type_ == "f32":
        try:
            struct.pack("<f", number)
        except OverflowError:
            raise UsageError(f"argument {position} does not fit f32") from None
    return number
