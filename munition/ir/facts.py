# SPDX-License-Identifier: MIT
"""What the inference found out about functions and calls."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from munition.ir.types import Type


class Entry(Struct, frozen=True):
    """How a function is called by those who know that it is this one.

    Attributes:
        parameters: their types; every caller passes exactly these.
        result: the type of the only result; None if there may be none, or several.
        captures: the closure is passed.
    """

    parameters: tuple[Type, ...]
    result: Type | None
    captures: bool


class Known(Struct, frozen=True):
    """What a call is known to call, if it calls a function at all.

    Attributes:
        symbol: the function's.
        library: it is one of the library.
        certain: the callee cannot be anything else.
        harmless: it neither collects garbage nor raises an error.
        by_type: the arguments decide whether the function or its version runs.
    """

    symbol: str
    library: bool
    certain: bool
    harmless: bool = False
    by_type: bool = False


class Version(Struct, frozen=True):
    """A second version of a function: its symbol, and the parameters that are integers whenever it runs."""

    symbol: str
    integers: tuple[int, ...]


class Facts(Struct, frozen=True):
    """What the inference found out about a function.

    Attributes:
        masks: for each register the set of what it can hold (`ir.lattice`).
        calls: identity of a call -> what it calls.
        constants: identity of an index -> path to the value of the library that it always gives.
        texts: identity of an index -> path to the value of the library that it gives when the object is a string.
        always: registers that hold true whenever they are read.
        entry: how it is called directly, or None.
        listed: it can also be called as a value.
        pure: it neither calls anything nor can raise an error.
        called: it runs at all; if not, only its version does.
    """

    masks: tuple[int, ...]
    calls: Mapping[int, Known]
    constants: Mapping[int, tuple[str, ...]]
    texts: Mapping[int, tuple[str, ...]]
    always: frozenset[int]
    entry: Entry | None
    listed: bool
    pure: bool
    called: bool = True
