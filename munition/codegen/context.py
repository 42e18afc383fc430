# SPDX-License-Identifier: MIT
"""What all functions of a program share while they are generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from munition.codegen.image import Image, StaticValue
from munition.ir.switches import Switches

if TYPE_CHECKING:
    from munition.codegen.entries import Door


class Context(Struct, frozen=True):
    """Addresses and layouts of the program under way.

    Attributes:
        image: the static data.
        state: address of `rt_state`.
        globals: address of the globals table.
        global_entries: global name -> number of its entry in the globals table as laid out.
        statics: address of the first cell of the program variables.
        closures: symbol of a function without captures -> address of its static closure.
        slots: symbol -> table slot.
        infos: symbol -> address of its FunctionInfo.
        doors: symbol -> how the function is called directly, for those that have an entry.
        valued: symbols of the functions whose table slot holds another function than their code.
        library: path -> the value of the library there, as laid out.
        switches: the optimisations that are on.
        suspendable: symbols of the functions that may be suspended in the middle.
        resuming: address of the word that holds the record of a function while it is called again to go on.
    """

    image: Image
    state: int
    globals: int
    global_entries: Mapping[bytes, int]
    statics: int
    closures: Mapping[str, int]
    slots: Mapping[str, int]
    infos: Mapping[str, int]
    doors: Mapping[str, Door]
    valued: frozenset[str]
    library: Mapping[tuple[str, ...], StaticValue]
    switches: Switches
    suspendable: frozenset[str] = frozenset()
    resuming: int = 0

    def general(self, symbol: str) -> str:
        """The function that takes a symbol's arguments by the general convention."""
        return f"{symbol} as a value" if symbol in self.valued else symbol
