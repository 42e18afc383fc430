# SPDX-License-Identifier: MIT
"""Which optimisations are done. All are on; tests switch each of them off to compare."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Switches:
    """One switch for each optimisation.

    Attributes:
        types: infer types and give registers, direct calls, parameters and results their types.
        entries: call functions that are known by their entries.
        versions: second versions of functions, for arguments that are integers (needs `entries`).
        inline: put small functions that cannot fail in place of their calls (needs `entries`).
        early: run what a function begins with, up to a return, before it has a frame.
        methods: remember where method calls found their methods.
        appends: store the item behind the last one of a list in line.
        texts: find methods of strings without looking them up, and lengths in line.
        absent: find out in line that an item or field is not there, and let fields become nil in line.
        loops: take the steps of loops over `ipairs` in line.
        check: no optimisation: emit code that compares what was inferred with what happens, and traps where it differs.
    """

    types: bool = True
    entries: bool = True
    versions: bool = True
    inline: bool = True
    early: bool = True
    methods: bool = True
    appends: bool = True
    texts: bool = True
    absent: bool = True
    loops: bool = True
    check: bool = False


ALL = Switches()
"""Everything on."""

VARIANTS = {
    field.name: replace(ALL, **{field.name: not getattr(ALL, field.name)}) for field in fields(Switches)
}
"""Each optimisation switched off alone, and the check switched on, by the name of the switch."""
