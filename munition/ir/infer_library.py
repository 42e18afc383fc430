# SPDX-License-Identifier: MIT
"""What the functions of the library return, and what they do with their arguments, as far as the inference follows them.

A model is given the sets of the arguments and returns the sets of the results (further ones are nil). Functions without
a model get hold of their arguments and return anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from munition.ir.infer_calls import call_function, give_away
from munition.ir.infer_state import RESULTS, Inference
from munition.ir.infer_tables import load_any, set_metatable, store
from munition.ir.lattice import (
    ANY,
    BOOLEAN,
    FALSY,
    FLOAT,
    INTEGER,
    NIL,
    NUMBER,
    OTHER,
    STRING,
    TABLE,
    UNKNOWN,
    Mask,
    objects_of,
)

Model = Callable[[Inference, list[Mask]], list[Mask] | None]

GMATCH_NEXT: Final = "lua_string_gmatch_next"
"""The function `string.gmatch` returns."""

IPAIRS_NEXT: Final = "lua_base_ipairs_next"
_CAPTURE: Final = STRING | INTEGER


def _fixed(*results: Mask) -> Model:
    def model(_s: Inference, _arguments: list[Mask]) -> list[Mask]:
        return list(results)

    return model


def _first(arguments: list[Mask]) -> Mask:
    return arguments[0] if arguments else NIL


def _numbers(mask: Mask) -> Mask:
    """The numbers an argument may be converted to."""
    return NUMBER if mask & STRING else mask & NUMBER


def _same_numbers(_s: Inference, arguments: list[Mask]) -> list[Mask]:
    out = 0
    for mask in arguments:
        out |= _numbers(mask)
    return [out]


def _rounded(_s: Inference, arguments: list[Mask]) -> list[Mask]:
    """A float that does not fit stays a float."""
    found = _numbers(_first(arguments))
    return [INTEGER | (found & FLOAT)]


def _random(_s: Inference, arguments: list[Mask]) -> list[Mask]:
    return [INTEGER if arguments else FLOAT]


def _insert(s: Inference, arguments: list[Mask]) -> list[Mask] | None:
    if len(arguments) not in (2, 3):
        return None
    store(s, arguments[0], INTEGER, arguments[-1])
    return []


def _items(s: Inference, arguments: list[Mask]) -> Mask:
    return load_any(s, _first(arguments), INTEGER)


def _remove(s: Inference, arguments: list[Mask]) -> list[Mask]:
    return [_items(s, arguments) | NIL]


def _unpack(s: Inference, arguments: list[Mask]) -> list[Mask]:
    return [_items(s, arguments) | NIL] * 4


def _call_back(s: Inference, callee: Mask, arguments: list[Mask], rest: Mask) -> None:
    """The library calls a function it was given, with these arguments; it may throw its results away."""
    if callee & (UNKNOWN | OTHER | TABLE):
        give_away(s, callee, arguments, rest)
    for number in objects_of(callee):
        found = s.objects[number]
        if isinstance(found, str):
            call_function(s, number, arguments, rest)
        elif found is not None:
            give_away(s, 0, arguments, rest)


def _sort(s: Inference, arguments: list[Mask]) -> list[Mask]:
    items = _items(s, arguments)
    if s.is_foreign(items):
        s.escape(items)
    if len(arguments) > 1:
        _call_back(s, arguments[1], [items | NIL, items | NIL], 0)
    return []


def _gsub(s: Inference, arguments: list[Mask]) -> list[Mask] | None:
    if len(arguments) < 3:
        return None
    replacement = arguments[2]
    if s.is_foreign(replacement):
        return None
    _call_back(s, replacement & ~TABLE, [_CAPTURE], _CAPTURE)
    return [STRING, INTEGER]


def _gmatch(s: Inference, _arguments: list[Mask]) -> list[Mask]:
    return [s.library_mask(GMATCH_NEXT)]


def _next(s: Inference, arguments: list[Mask]) -> list[Mask]:
    mask = _first(arguments)
    keys = values = ANY if mask & (UNKNOWN | OTHER) else NIL
    for site in s.sites_of(mask):
        if site.escaped:
            return [ANY, ANY]
        keys |= site.keys | (STRING if site.fields else 0)
        values |= site.contents()
    return [keys, values]


def _pairs(s: Inference, arguments: list[Mask]) -> list[Mask] | None:
    mask = _first(arguments)
    if s.is_foreign(mask):
        return None
    return [s.library_mask("lua_base_next"), mask, NIL]


def _ipairs(s: Inference, arguments: list[Mask]) -> list[Mask]:
    return [s.library_mask(IPAIRS_NEXT), _first(arguments), INTEGER]


def _ipairs_next(s: Inference, arguments: list[Mask]) -> list[Mask] | None:
    if s.is_foreign(_first(arguments)):
        return None
    return [INTEGER | NIL, _items(s, arguments) | NIL]


def _rawget(s: Inference, arguments: list[Mask]) -> list[Mask]:
    key = arguments[1] if len(arguments) > 1 else NIL
    return [load_any(s, _first(arguments), key | STRING) | NIL]


def _rawset(s: Inference, arguments: list[Mask]) -> list[Mask] | None:
    if len(arguments) != 3:
        return None
    store(s, arguments[0], arguments[1] | STRING, arguments[2])
    return [arguments[0]]


def _setmetatable(s: Inference, arguments: list[Mask]) -> list[Mask] | None:
    if len(arguments) != 2:
        return None
    set_metatable(s, arguments[0], arguments[1])
    return [arguments[0]]


def _assert(s: Inference, arguments: list[Mask]) -> list[Mask]:
    for mask in arguments[1:]:
        s.escape(mask)
    return [_first(arguments) & ~FALSY, *arguments[1:4]]


def _error(s: Inference, arguments: list[Mask]) -> list[Mask]:
    for mask in arguments:
        s.escape(mask)
    return [0, 0, 0, 0]


_FLOATS: Final = ("sqrt", "sin", "cos", "tan", "asin", "acos", "exp", "deg", "rad", "atan", "log")
_STRINGS: Final = ("sub", "upper", "lower", "rep", "reverse", "char")

MODELS: Final[dict[str, Model]] = {
    **{f"lua_math_{name}": _fixed(FLOAT) for name in _FLOATS},
    **{f"lua_string_{name}": _fixed(STRING) for name in _STRINGS},
    "lua_math_floor": _rounded,
    "lua_math_ceil": _rounded,
    "lua_math_abs": _same_numbers,
    "lua_math_max": _same_numbers,
    "lua_math_min": _same_numbers,
    "lua_math_tointeger": _fixed(INTEGER | NIL),
    "lua_math_type": _fixed(STRING | NIL),
    "lua_math_ult": _fixed(BOOLEAN),
    "lua_math_random": _random,
    "lua_math_random_entropy": _random,
    "lua_string_len": _fixed(INTEGER),
    "lua_string_byte": _fixed(*[INTEGER | NIL] * 4),
    "lua_string_find": _fixed(INTEGER | NIL, INTEGER | NIL, _CAPTURE | NIL, _CAPTURE | NIL),
    "lua_string_match": _fixed(*[_CAPTURE | NIL] * 4),
    "lua_string_gmatch": _gmatch,
    GMATCH_NEXT: _fixed(*[_CAPTURE | NIL] * 4),
    "lua_string_gsub": _gsub,
    "lua_table_insert": _insert,
    "lua_table_remove": _remove,
    "lua_table_unpack": _unpack,
    "lua_table_sort": _sort,
    "lua_table_concat": _fixed(STRING),
    "lua_base_next": _next,
    "lua_base_pairs": _pairs,
    "lua_base_ipairs": _ipairs,
    IPAIRS_NEXT: _ipairs_next,
    "lua_base_rawget": _rawget,
    "lua_base_rawset": _rawset,
    "lua_base_rawequal": _fixed(BOOLEAN),
    "lua_base_rawlen": _fixed(INTEGER),
    "lua_base_setmetatable": _setmetatable,
    "lua_base_assert": _assert,
    "lua_base_error": _error,
    "lua_base_tonumber": _fixed(NUMBER | NIL),
    "lua_base_type": _fixed(STRING),
    "lua_os_clock": _fixed(FLOAT),
}


def call_library(s: Inference, symbol: str, arguments: list[Mask], rest: Mask) -> list[Mask]:
    """The results of a call of a function of the library with these arguments, and further ones in `rest`."""
    model = MODELS.get(symbol)
    if model is not None and not rest:
        found = model(s, arguments)
        if found is not None:
            return [*found, *[NIL] * RESULTS][:RESULTS]
    give_away(s, 0, arguments, rest)
    if symbol == "lua_base_getmetatable":
        for mask in arguments:
            for site in s.sites_of(mask):
                s.escape(site.meta)
            if mask & (STRING | UNKNOWN) and s.string_site is not None:
                s.escape_site(s.string_site)
    return [ANY] * RESULTS
