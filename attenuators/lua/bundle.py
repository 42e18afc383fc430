# SPDX-License-Identifier: MIT
"""The files of one program: the script, and what it requires by constant names, and so on.

Each file is parsed and resolved for itself. All faults of all files are reported together, each with the text it is
about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, assert_never

from msgspec import Struct, field

from munition.attenuators.lua import faults
from munition.attenuators.lua.limits import DEFAULT_LIMITS, SourceLimits
from munition.attenuators.lua.mentions import LibraryUse, Required
from munition.attenuators.lua.parse import parse
from munition.attenuators.lua.resolve import resolve
from munition.attenuators.lua.resolved import Resolved
from munition.attenuators.lua.roots import (
    Found,
    NotAName,
    NotThere,
    Outside,
    find_module,
    near_module,
    read_module,
)
from munition.attenuators.lua.uses import library_uses
from munition.diagnostics import Diagnostic, Severity
from munition.source import Source, Span


class Part(Struct, frozen=True, eq=False):
    """One file of a program that was parsed and resolved.

    Attributes:
        source: its text, under the name that messages call it by.
        resolved: its tree and tables.
        uses: what it uses of the standard library, and what it requires.
        module: the name `require` knows it by; None for the script itself.
    """

    source: Source
    resolved: Resolved
    uses: LibraryUse
    module: str | None = None


class Bundle(Struct, frozen=True, eq=False):
    """The parts of a program, the script first, and what is wrong with them; no parts if the script has errors."""

    parts: tuple[Part, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


class _State(Struct, eq=False):
    roots: tuple[Path, ...]
    bytes_left: int
    files: dict[bytes, Part | None] = field(default_factory=dict[bytes, "Part | None"])
    faults: list[Diagnostic] = field(default_factory=list[Diagnostic])
    missing: list[Diagnostic] = field(default_factory=list[Diagnostic])


MAX_MODULES: Final = 500


def bundle(
    source: Source,
    roots: tuple[Path, ...] = (),
    limits: SourceLimits = DEFAULT_LIMITS,
    *,
    missing_at_runtime: bool = False,
) -> Bundle:
    """Collect the files of a program.

    Args:
        source: the script.
        roots: where to look for what it requires, in order.
        limits: of each file; `source_bytes` is for all of them together.
        missing_at_runtime: modules that are not found are warnings, and errors when they are required.
    """
    found = _part(source, None, limits)
    if not isinstance(found, Part):
        return Bundle((), found)
    state = _State(roots, limits.source_bytes - len(source.text))
    parts = [found]
    at = 0
    while at < len(parts):
        parts += _require_all(state, parts[at], limits)
        at += 1
    if not _finds_for_itself(parts):
        severity = Severity.WARNING if missing_at_runtime else Severity.ERROR
        state.faults += (replace(fault, severity=severity) for fault in state.missing)
    state.faults += _circles(state, parts)
    return Bundle(tuple(parts), tuple(state.faults))


def _part(source: Source, module: str | None, limits: SourceLimits) -> Part | tuple[Diagnostic, ...]:
    parsed = parse(source, limits)
    if parsed.chunk is None:
        return parsed.diagnostics
    resolution = resolve(parsed.chunk, source, limits)
    if resolution.resolved is None:
        return resolution.diagnostics
    return Part(source, resolution.resolved, library_uses(resolution.resolved), module)


def _require_all(state: _State, part: Part, limits: SourceLimits) -> Iterator[Part]:
    for required in part.uses.required:
        if required.name in state.files:
            continue
        state.files[required.name] = None
        found = _load(state, part, required, limits)
        if isinstance(found, Part):
            state.files[required.name] = found
            yield found


def _load(state: _State, part: Part, required: Required, limits: SourceLimits) -> Part | None:
    place = find_module(required.name, state.roots)
    span = Span(required.start, required.end)
    name = required.name.decode("latin-1")
    about = None if part.module is None else part.source
    match place:
        case Found():
            text = _read(state, place, limits)
            if isinstance(text, Diagnostic):
                state.faults.append(replace(text, span=span, source=about))
                return None
            return _parsed(state, Source(place.shown, text), required.name, limits)
        case NotAName():
            fault = faults.no_module_name(name, span)
        case NotThere():
            near = near_module(name, state.roots) if state.roots else None
            fault = faults.no_module(name, place.looked, near, span, has_roots=bool(state.roots))
        case Outside():
            state.faults.append(replace(faults.module_outside(name, place.shown, span), source=about))
            return None
        case _:
            assert_never(place)
    if not required.is_optional:
        state.missing.append(replace(fault, source=about))
    return None


def _read(state: _State, place: Found, limits: SourceLimits) -> bytes | Diagnostic:
    if len(state.files) > MAX_MODULES:
        return faults.too_many_modules(MAX_MODULES, Span(0, 0))
    try:
        text = read_module(place, state.bytes_left)
    except OSError as error:
        return faults.unreadable_module(place.shown, error.strerror or str(error), Span(0, 0))
    state.bytes_left -= len(text)
    if state.bytes_left < 0:
        state.bytes_left = 0
        return faults.modules_too_long(place.shown, limits.source_bytes, Span(0, 0))
    return text


def _parsed(state: _State, source: Source, name: bytes, limits: SourceLimits) -> Part | None:
    found = _part(source, name.decode("utf-8"), limits)
    if isinstance(found, Part):
        return found
    state.faults += (replace(d, source=source) for d in found)
    return None


def _finds_for_itself(parts: list[Part]) -> bool:
    """The program puts modules in place itself, so what is missing here may be there at run time."""
    own = {"package.loaded", "package.preload"}
    return any(
        "require" in part.uses.assigned
        or "package" in part.uses.whole
        or any(mention.name in own for mention in part.uses.mentions)
        for part in parts
    )


# --- circles ---


def _circles(state: _State, parts: list[Part]) -> Iterator[Diagnostic]:
    """Files that require each other while they are loaded: the first could never get what it asks for.

    Depth-first, without recursion; one fault for each `require` that leads back to a file being loaded.
    """
    done: set[int] = set()
    for first in parts:
        path: list[tuple[Part, Iterator[Required]]] = []
        pending: Part | None = first
        while pending is not None or path:
            if pending is not None and id(pending) not in done:
                done.add(id(pending))
                path.append((pending, iter(pending.uses.required)))
            pending = None
            if not path:
                break
            part, rest = path[-1]
            required = next((r for r in rest if r.at_load), None)
            if required is None:
                path.pop()
                continue
            pending = state.files.get(required.name)
            chain = [p for p, _ in path]
            if pending is not None and pending in chain:
                names = [p.module or p.source.name for p in chain[chain.index(pending) :]]
                yield _circle(part, required, (*names, names[0]))
                pending = None


def _circle(part: Part, required: Required, names: tuple[str, ...]) -> Diagnostic:
    fault = faults.modules_in_a_circle(names, Span(required.start, required.end))
    return replace(fault, source=None if part.module is None else part.source)
