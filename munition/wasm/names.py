# SPDX-License-Identifier: MIT
"""The name section (core specification, appendix "Custom Sections"). Its author chose the names: never decide by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.wasm.cursor import Cursor
from munition.wasm.faults import invalid
from munition.wasm.leb import name, unsigned, vector

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULE, _FUNCTIONS, _LOCALS = 0, 1, 2
_SUBSECTIONS: Final = {
    4: "types",
    5: "tables",
    6: "memories",
    7: "globals",
    8: "elements",
    9: "data",
    11: "tags",
}
"""Subsections that map indices of one space to names; functions (1) and locals (2) apart."""


class Names(Struct, frozen=True):
    """What a name section calls things; index -> name. Everything in it is a claim.

    Attributes:
        module: the module's own name.
        functions: names of functions.
        locals: function index -> local index -> name.
        others: names in the other index spaces, keyed by a value of the table of subsections, e.g. `globals`.
    """

    module: str | None
    functions: Mapping[int, str]
    locals: Mapping[int, Mapping[int, str]]
    others: Mapping[str, Mapping[int, str]]


NO_NAMES: Final = Names(None, {}, {}, {})


def function_names(names: Mapping[int, str]) -> bytes:
    """The content of a name section that names functions."""
    entries = [unsigned(index) + name(text) for index, text in sorted(names.items())]
    return bytes((_FUNCTIONS,)) + _sized(vector(entries))


def _sized(payload: bytes) -> bytes:
    return unsigned(len(payload)) + payload


def read_names(content: bytes, *, limit: int = 1_000_000, name_bytes: int = 100_000) -> Names:
    """Decode the content of a name section.

    Args:
        content: the custom section behind its name.
        limit: most entries of one map.
        name_bytes: longest name.

    Raises:
        InvalidModuleError: E240 or a more precise code; a caller that only shows names falls back to `NO_NAMES`.
    """
    cursor = Cursor(content, 0, len(content))
    module: str | None = None
    functions: dict[int, str] = {}
    locals_: dict[int, dict[int, str]] = {}
    others: dict[str, Mapping[int, str]] = {}
    while cursor.pos < cursor.end:
        kind = cursor.byte()
        inner = cursor.inner(cursor.u32())
        if kind == _MODULE:
            module = inner.name(name_bytes)
        elif kind == _FUNCTIONS:
            functions = _name_map(inner, limit, name_bytes)
        elif kind == _LOCALS:
            count = inner.count("functions with named locals", limit, smallest=2)
            locals_ = {inner.u32(): _name_map(inner, limit, name_bytes) for _ in range(count)}
        elif kind in _SUBSECTIONS:
            others[_SUBSECTIONS[kind]] = _name_map(inner, limit, name_bytes)
    return Names(module, functions, locals_, others)


def _name_map(cursor: Cursor, limit: int, name_bytes: int) -> dict[int, str]:
    count = cursor.count("names", limit, smallest=2)
    found = {cursor.u32(): cursor.name(name_bytes) for _ in range(count)}
    if len(found) != count:
        raise invalid("E240", "the name section names something twice", cursor.pos)
    return found
