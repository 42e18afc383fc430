# SPDX-License-Identifier: MIT
"""Mentions of standard names: what a walk over a program collects, and the state of that walk (see uses.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from munition.attenuators.lua.library import ENTRIES, GLOBALS, Sort
from munition.attenuators.lua.resolved import Resolved
from munition.attenuators.lua.syntax import Expression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mention:
    """One use of a standard name, or of a global or library member that looks like one.

    Attributes:
        name: in full: `os.time`, `print`, `foo`; for a method of a standard value `io.stderr:write`.
        start: byte offset where the expression (for a call, the whole callee) begins.
        end: byte offset after it.
        call: the `at` of the call that it is the callee of, None where it is only read.
        is_guarded: it stands where the same name is known to be true.
    """

    name: str
    start: int
    end: int
    call: int | None
    is_guarded: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LibraryUse:
    """What a program uses of the standard library.

    Attributes:
        mentions: every use of a name, in source order.
        assigned: standard names, and names that look like members of a library, that the program assigns somewhere.
        whole: library tables used other than by constant names (`pairs(os)`, `string[k]`): all they hold can be
            reached. `_G` stands for the globals, and then for everything.
        string_names: names of the string library that may be read from a string value (`s:rep(3)`, `s.len`).
        has_dynamic_index: something unknown is indexed with a key that may be a string, which would find any method
            of a string.
    """

    mentions: tuple[Mention, ...]
    assigned: frozenset[str]
    whole: frozenset[str]
    string_names: frozenset[str]
    has_dynamic_index: bool


NO_NAMES: Final = frozenset[str]()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Known:
    """What is known about a value.

    Attributes:
        name: the standard name (or global) that it is the value of.
        if_true: names that are not nil if the value is true.
        if_false: names that are not nil if the value is false or nil.
        type_of: names whose type, as text, the value is.
    """

    name: str | None
    if_true: frozenset[str] = NO_NAMES
    if_false: frozenset[str] = NO_NAMES
    type_of: frozenset[str] = NO_NAMES


NOTHING: Final = Known(None)


@dataclass(slots=True, eq=False, repr=False)
class Walk:
    """What a walk over a program has found so far.

    Attributes:
        resolved: the program.
        mentions: see `LibraryUse`; so are `assigned`, `whole`, `string_names` and `has_dynamic_index`.
        has_computed_index: something unknown is indexed with the result of an operator, which is a number unless a
            metamethod made it.
        aliases: the standard names of variables that are bound once to one.
        guards: for each name, how many enclosing conditions vouch for it.
        numbers: variables that always hold a number.
        known: what is known about the value of each name.
    """

    resolved: Resolved
    mentions: list[Mention] = field(default_factory=list[Mention])
    assigned: set[str] = field(default_factory=set[str])
    whole: set[str] = field(default_factory=set[str])
    string_names: set[str] = field(default_factory=set[str])
    has_dynamic_index: bool = False
    has_computed_index: bool = False
    aliases: dict[int, str] = field(default_factory=dict[int, str])
    guards: dict[str, int] = field(default_factory=dict[str, int])
    numbers: set[int] = field(default_factory=set[int])
    known: dict[str, Known] = field(default_factory=dict[str, Known])

    def named(self, name: str) -> Known:
        """What is known about the value of a standard name or global."""
        found = self.known.get(name)
        if found is None:
            true = frozenset((name,)) if name in ENTRIES else NO_NAMES
            found = self.known[name] = Known(name, true)
        return found

    def guard(self, names: frozenset[str]) -> None:
        """Enter a place where `names` are known not to be nil."""
        for name in names:
            self.guards[name] = self.guards.get(name, 0) + 1

    def unguard(self, names: frozenset[str]) -> None:
        """Leave such a place."""
        for name in names:
            self.guards[name] -= 1

    def mention(self, name: str, node: Expression, call: int | None = None) -> None:
        """Note a use of `name` by `node`; `call` as in `Mention`."""
        is_guarded = self.guards.get(name.partition(":")[0], 0) > 0
        self.mentions.append(Mention(name, node.start, node.end, call, is_guarded))


def is_table(name: str | None) -> bool:
    """Whether a standard name is a library, or the globals."""
    return name is not None and name in ENTRIES and ENTRIES[name].sort is Sort.TABLE


def member(table: str, key: bytes) -> str:
    """The full name of a field of such a table."""
    name = key.decode("latin-1")
    return name if table == GLOBALS else f"{table}.{name}"
