# SPDX-License-Identifier: MIT
"""Mentions of standard names: what a walk over a program collects, and the state of that walk (see uses.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from munition.attenuators.lua.library import (
    GLOBALS,
    REQUIRABLE,
    WRITES,
    Sort,
    entry_of,
    for_writing,
    host_capability,
    standard_name,
)
from munition.attenuators.lua.resolved import Resolved
from munition.attenuators.lua.syntax import Binary, Call, Expression, Nil, Paren, String

NO_NAMES: Final = frozenset[str]()


class Mention(Struct, frozen=True, eq=False):
    """One use of a standard name, or of a global or library member that looks like one.

    Attributes:
        name: in full: `os.time`, `print`, `foo`; for a method of a standard value `io.stderr:write`; for a call that asks
            for more than the name says `io.open for writing`.
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


class Required(Struct, frozen=True, eq=False):
    """One `require` of a constant name.

    Attributes:
        name: the module's name, as bytes.
        start: byte offset of the name's literal.
        end: byte offset after it.
        is_optional: it is written so that the program goes on without the module (`pcall(require, "x")`).
        at_load: it stands on the level of the file, so it runs when the file does.
    """

    name: bytes
    start: int
    end: int
    is_optional: bool
    at_load: bool


class LibraryUse(Struct, frozen=True, eq=False):
    """What a program uses of the standard library.

    Attributes:
        mentions: every use of a name, in source order.
        assigned: standard names, and names that look like members of a library, that the program assigns somewhere.
        whole: library tables used other than by constant names (`pairs(os)`, `string[k]`): all they hold can be
            reached. `_G` stands for the globals, and then for everything.
        string_names: names of the string library that may be read from a string value (`s:rep(3)`, `s.len`).
        has_dynamic_index: something unknown is indexed with a key that may be a string, which would find any method
            of a string.
        required: modules that are required by constant names, in source order.
        has_dynamic_require: `require` may be called with any other name.
        keeps_file: the result of `io.write`, which is a file object, is used.
        spelled: libraries whose names the program has as strings.
    """

    mentions: tuple[Mention, ...]
    assigned: frozenset[str]
    whole: frozenset[str]
    string_names: frozenset[str]
    has_dynamic_index: bool
    required: tuple[Required, ...] = ()
    has_dynamic_require: bool = False
    keeps_file: bool = False
    spelled: frozenset[str] = NO_NAMES


def together(uses: Sequence[LibraryUse]) -> LibraryUse:
    """What several files of one program use; offsets are those of each one's own source."""
    return LibraryUse(
        tuple(mention for use in uses for mention in use.mentions),
        NO_NAMES.union(*(use.assigned for use in uses)),
        NO_NAMES.union(*(use.whole for use in uses)),
        NO_NAMES.union(*(use.string_names for use in uses)),
        any(use.has_dynamic_index for use in uses),
        tuple(required for use in uses for required in use.required),
        any(use.has_dynamic_require for use in uses),
        any(use.keeps_file for use in uses),
        NO_NAMES.union(*(use.spelled for use in uses)),
    )


class Known(Struct, frozen=True, eq=False):
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


class Walk(Struct, eq=False):
    """What a walk over a program has found so far.

    Attributes:
        resolved: the program.
        mentions: see `LibraryUse`; so are `assigned`, `whole`, `string_names`, `has_dynamic_index`, `required`,
            `has_dynamic_require`, `keeps_file` and `spelled`.
        has_computed_index: something unknown is indexed with the result of an operator, which is a number unless a
            metamethod made it.
        aliases: the standard names of variables that are bound once to one.
        guards: for each name, how many enclosing conditions vouch for it.
        numbers: variables that always hold a number.
        known: what is known about the value of each name.
        functions: how many functions enclose the place.
        protected: how many of them are called by `pcall` or `xpcall` where they are written.
        dropped: the call whose results the present statement drops.
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
    required: list[Required] = field(default_factory=list[Required])
    has_dynamic_require: bool = False
    keeps_file: bool = False
    spelled: set[str] = field(default_factory=set[str])
    functions: int = 0
    protected: int = 0
    dropped: Expression | None = None

    def named(self, name: str) -> Known:
        """What is known about the value of a standard name or global."""
        found = self.known.get(name)
        if found is None:
            true = frozenset((name,)) if entry_of(name) is not None else NO_NAMES
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
        is_guarded = self.guards.get(standard_name(name), 0) > 0
        self.mentions.append(Mention(name, node.start, node.end, call, is_guarded))

    def require(self, name: Expression | None, node: Expression, *, is_optional: bool) -> Known:
        """Note a `require`. A literal names one module; anything else may be the name of any."""
        if type(name) is not String:
            self.has_dynamic_require = True
            return NOTHING
        library = name.value.decode("latin-1")
        if library in REQUIRABLE or host_capability(library) is not None:
            self.mention(library, node)
            return self.named(library)
        at_load = self.functions == 0
        self.required.append(Required(name.value, name.start, name.end, is_optional, at_load))
        return NOTHING


def is_table(name: str | None) -> bool:
    """Whether a standard name is a library, or the globals."""
    entry = None if name is None else entry_of(name)
    return entry is not None and entry.sort is Sort.TABLE


def member(table: str, key: bytes) -> str:
    """The full name of a field of such a table."""
    name = key.decode("latin-1")
    return name if table == GLOBALS else f"{table}.{name}"


def asked(name: str, call: Call) -> str:
    """What a call is noted as: opening a file to change it asks for another power than the function's name does."""
    mode = call.args[1] if len(call.args) > 1 else None
    while type(mode) is Paren:
        mode = mode.inner
    if type(mode) is not String or mode.value not in WRITES:
        return name
    return for_writing(name) or name


def compared(node: Binary, left: Expression, known: Known, right: Known) -> Known:
    """What `x == nil` and `type(x) == "function"` say about `x`."""
    if type(node.right) is Nil:
        return Known(None, NO_NAMES, known.if_true)
    if type(left) is Nil:
        return Known(None, NO_NAMES, right.if_true)
    if type(node.right) is String:
        is_nil = node.right.value == b"nil"
        return Known(None, NO_NAMES, known.type_of) if is_nil else Known(None, known.type_of)
    return NOTHING
