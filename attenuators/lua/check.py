# SPDX-License-Identifier: MIT
"""The capability check: which uses of the standard library a program may not have, and what its module must hold.

Nothing is granted by itself. A call that can be seen to need an undeclared or ungrantable power is a fault of the
source; what cannot be seen finds nil at run time, because the module does not hold the function. The check can therefore
miss a call, and never lets one through.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from munition.attenuators.lua import faults
from munition.attenuators.lua.bundle import Part
from munition.attenuators.lua.hint_words import ADVICE, REPLACEMENTS, SLIPS
from munition.attenuators.lua.library import (
    ENTRIES,
    GLOBALS,
    LIBRARIES,
    MEMBERS,
    MODULES,
    Entry,
    Sort,
    Status,
    entry_of,
    is_available,
    library_of,
    standard_name,
)
from munition.attenuators.lua.mentions import LibraryUse, Mention, together
from munition.diagnostics import Diagnostic, Severity
from munition.source import Span


class Checked(Struct, frozen=True, eq=False):
    """The result of the check.

    Attributes:
        diagnostics: refusals and remarks, in source order; only errors stop a compilation.
        uses: what the program uses of the standard library.
        reached: full names of the standard library that the module must hold: a superset of what the program can
            reach at run time, without what is not available under the declared capabilities.
        capabilities: the names of the capabilities behind what is reached.
        denied_calls: under `denied=runtime`, for each part and each refused call (by `Call.at`) the error that it
            raises instead.
    """

    diagnostics: tuple[Diagnostic, ...]
    uses: LibraryUse
    reached: frozenset[str]
    capabilities: frozenset[str]
    denied_calls: tuple[Mapping[int, str], ...]


def check(parts: Sequence[Part], declared: frozenset[str], *, denied_at_runtime: bool = False) -> Checked:
    """Check a program against the capability names that were declared.

    Args:
        parts: the files of the program, the script first.
        declared: capability names.
        denied_at_runtime: refusals of calls become warnings, and the calls raise errors that name the power.
    """
    uses = _with_required(together([part.uses for part in parts]))
    severity = Severity.WARNING if denied_at_runtime else Severity.ERROR
    found = [_check_part(part, uses, declared, severity) for part in parts]
    reached = reachable(uses, declared)
    capabilities = frozenset(
        c for name in reached if (e := entry_of(name)) is not None and (c := e.capability) is not None
    )
    denied = tuple(calls if denied_at_runtime else {} for _, calls in found)
    return Checked(tuple(d for ds, _ in found for d in ds), uses, reached, capabilities, denied)


def _check_part(
    part: Part, uses: LibraryUse, declared: frozenset[str], severity: Severity
) -> tuple[list[Diagnostic], dict[int, str]]:
    """What is wrong in one file, and the calls that are refused there."""
    mentions = part.uses.mentions
    refusals = _refusals(mentions, uses, declared, severity)
    denied = {m.call: d.message for d, ms in refusals if d.code in _DENIALS for m in ms if m.call is not None}
    shown = [faults.with_others(d, len({(m.start, m.end) for m in ms}) - 1) for d, ms in refusals]
    every = sorted((*shown, *_remarks(part, uses)), key=lambda d: d.span.start)
    source = None if part.module is None else part.source
    return [dataclasses.replace(d, source=source) for d in every], denied


def _refusals(
    mentions: tuple[Mention, ...], uses: LibraryUse, declared: frozenset[str], severity: Severity
) -> list[tuple[Diagnostic, list[Mention]]]:
    """One diagnostic per name, with every place it applies to: what helps against the first, helps against all."""
    found: dict[str, tuple[Diagnostic, list[Mention]]] = {}
    for mention in mentions:
        if not _is_refused(mention, uses, declared):
            continue
        if mention.name not in found:
            entry = _judged(mention)
            assert entry is not None  # what is refused is known
            found[mention.name] = _refusal(entry, mention.name, _span(mention), severity), []
        found[mention.name][1].append(mention)
    return list(found.values())


_DENIALS: Final = frozenset(("C101", "C102", "C103"))


# --- what is refused ---


def _judged(mention: Mention) -> Entry | None:
    return entry_of(mention.name.partition(":")[0])


def _is_refused(mention: Mention, uses: LibraryUse, declared: frozenset[str]) -> bool:
    name = standard_name(mention.name)
    entry = _judged(mention)
    if entry is None or mention.is_guarded or is_available(entry, declared) or _is_overridden(name, uses):
        return False
    return mention.call is not None if entry.sort is Sort.FUNCTION else ":" in mention.name


def _refusal(entry: Entry, shown: str, span: Span, severity: Severity) -> Diagnostic:
    capability, reason = entry.capability or "", entry.reason or ""
    match entry.status:
        case Status.SUPPORTED:
            return faults.undeclared(shown, capability, span, severity)
        case Status.UNGRANTABLE:
            return faults.ungrantable(shown, capability, reason, span, severity, ADVICE.get(entry.name))
        case Status.LEFT_OUT:
            return faults.left_out(shown, reason, span, severity, ADVICE.get(entry.name))
        case _:
            assert_never(entry.status)


def _is_overridden(name: str, uses: LibraryUse) -> bool:
    """The program gives the name, or the library it belongs to, a value of its own somewhere."""
    return bool(uses.assigned & {name, library_of(name), GLOBALS})


def _span(mention: Mention) -> Span:
    return Span(mention.start, mention.end)


# --- what must be there ---


def reachable(uses: LibraryUse, declared: frozenset[str]) -> frozenset[str]:
    """The available standard names that a program with these uses can get hold of, tables left out."""
    names = {name for mention in uses.mentions if entry_of(name := standard_name(mention.name)) is not None}
    for table in uses.whole:
        names.update(_everything() if table == GLOBALS else MEMBERS.get(table, ()))
    names.update(f"string.{name}" for name in uses.string_names)
    if uses.has_dynamic_index or "getmetatable" in names:  # getmetatable("").__index is the string library
        names.update(MEMBERS["string"])
    if "package.loaded" in names:
        names.update(_everything())
    entries = [entry for name in names if (entry := entry_of(name)) is not None]
    entries += [ENTRIES[implied] for entry in entries for implied in entry.implies]
    return frozenset(e.name for e in entries if e.sort is not Sort.TABLE and is_available(e, declared))


def _with_required(uses: LibraryUse) -> LibraryUse:
    """With the libraries that a `require` of a computed name finds: those the program names, each of them whole."""
    if not uses.has_dynamic_require:
        return uses
    named = {mention.name.partition(".")[0] for mention in uses.mentions}
    named |= {"string"} if uses.string_names or uses.has_dynamic_index else set()
    return replace(uses, whole=uses.whole | uses.spelled | (named & set(LIBRARIES)))


def _everything() -> set[str]:
    return {*MEMBERS[GLOBALS], *(name for library in (*LIBRARIES, *MODULES) for name in MEMBERS[library])}


# --- what is probably a mistake ---

_PROVIDED: Final = frozenset(("arg",))  # globals that come from outside of the script
_MAX_REMARKS: Final = 20


def _remarks(part: Part, uses: LibraryUse) -> list[Diagnostic]:
    mentions = part.uses.mentions
    return [*_undefined(part, uses), *_slips(mentions, uses), *_useless(mentions, uses)]


def _useless(mentions: tuple[Mention, ...], uses: LibraryUse) -> list[Diagnostic]:
    """`package.path = package.path .. ";..."`, which other hosts of Lua heed."""
    read = [mention for mention in mentions if mention.name == "package.path"]
    return [faults.path_is_fixed(_span(m)) for m in read[:1]] if "package.path" in uses.assigned else []


def _slips(mentions: tuple[Mention, ...], uses: LibraryUse) -> list[Diagnostic]:
    """`null` and the like: globals that are nil only because nothing defines them."""
    if GLOBALS in uses.whole:
        return []
    first = {m.name: m for m in reversed(mentions) if m.name in SLIPS and not _is_overridden(m.name, uses)}
    return [faults.undefined_value(m.name, SLIPS[m.name], _span(m)) for m in first.values()]


def _undefined(part: Part, uses: LibraryUse) -> list[Diagnostic]:
    """Calls of globals and library members that nothing defines. With `_G` in other hands, anything may."""
    if GLOBALS in uses.whole:
        return []
    read = {mention.name for mention in uses.mentions if mention.call is None}
    calls = {m.name: m for m in reversed(part.uses.mentions) if m.call is not None and ":" not in m.name}
    suspects = [
        mention
        for name, mention in sorted(calls.items(), key=lambda item: item[1].start)
        if entry_of(name) is None
        and name not in read
        and name not in _PROVIDED
        and not _may_be_defined(name, uses)
    ]
    return [
        faults.undefined_function(m.name, _advice(m.name, part, uses), _span(m))
        for m in suspects[:_MAX_REMARKS]
    ]


def _may_be_defined(name: str, uses: LibraryUse) -> bool:
    return _is_overridden(name, uses) or name.partition(".")[0] in uses.whole


def _advice(name: str, part: Part, uses: LibraryUse) -> str:
    if name in REPLACEMENTS:
        return REPLACEMENTS[name]
    full = [known for known in ENTRIES if known.endswith("." + name)]
    if len(full) == 1:
        return f"it is {full[0]}"
    locals_ = {variable.name for variable in part.resolved.variables}
    if name in locals_:
        return f"the local '{name}' is visible only below its declaration, inside its block: declare it further up"
    import difflib  # only a program with a mistake pays for it

    known = sorted({*ENTRIES, *uses.assigned, *locals_})
    near = difflib.get_close_matches(name[:64], known, n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else "define it before this call runs, or correct its name"
