# SPDX-License-Identifier: MIT
"""What a reader should know beside the capabilities; one function per note, one stable code each (docs/inference.md)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from munition.analysis.model import Note
from munition.analysis.naming import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from munition.analysis.model import ImportReport, Payload, Shape
    from munition.capability.manifest import Manifest
    from munition.wasm.module import Module

_NOTE, _WARNING = "note", "warning"
_MAX_NAMED: Final = 5
_GO_FLOOR: Final = 18


def unread_code(why: str) -> Note:
    """The bodies could not be read."""
    return Note(
        "N01", _WARNING, f"the code could not be read, so every import counts as reachable: {shown(why)}"
    )


def notes_on(
    module: Module,
    imports: tuple[ImportReport, ...],
    payloads: tuple[Payload, ...],
    manifest: Manifest | None,
    shape: Shape,
    *,
    readable_names: bool,
) -> tuple[Note, ...]:
    """All notes on a module, by code."""
    found = [
        *_linking(module),
        *_shared(imports),
        *(Note("N05", _WARNING, f"it {payload.message}") for payload in payloads),
        *_toolchain_floor(module, imports),
        *_odd_names(imports),
        *_manifest(manifest, imports),
        *_entry(module),
        *_unreachable(imports),
        *_tables(shape),
        *_minified(imports),
    ]
    if module.custom("name") is not None and not readable_names:
        found.append(Note("N14", _NOTE, "the name section cannot be read; functions are shown by number"))
    return tuple(sorted(found, key=lambda note: (note.code, note.message)))


def notes_on_component(
    imports: tuple[ImportReport, ...], payloads: tuple[Payload, ...], why: str, *, carries: bool
) -> tuple[Note, ...]:
    """All notes on a component, by code; `why` says why it was not followed, if it was not."""
    found = [
        *(Note("N05", _WARNING, f"a module inside {payload.message}") for payload in payloads),
        *_odd_names(imports),
        *_unreachable(imports),
    ]
    if why:
        found.append(
            Note("N15", _WARNING, f"every import counts as reachable from every export: {shown(why)}")
        )
    if carries:
        found.append(
            Note(
                "N16",
                _WARNING,
                "it exports modules or components, which others can link with imports of their own",
            )
        )
    return tuple(sorted(found, key=lambda note: (note.code, note.message)))


def _linking(module: Module) -> Iterator[Note]:
    if module.custom("dylink.0") or module.custom("dylink"):
        yield Note(
            "N02",
            _WARNING,
            "it is a side module: what it is linked with while running is not in this file, and more may be linked in",
        )


def _shared(imports: tuple[ImportReport, ...]) -> Iterator[Note]:
    for kind, code, text in (
        (
            "memory",
            "N03",
            "its memory comes from outside: whoever supplies it can read and change everything in it",
        ),
        ("table", "N04", "its table comes from outside: it may call functions that are not in this file"),
    ):
        found = [item for item in imports if item.kind == kind]
        if found:
            yield Note(code, _WARNING, f"{text} ({_named(found)})")


def _toolchain_floor(module: Module, imports: tuple[ImportReport, ...]) -> Iterator[Note]:
    section = module.custom("producers")
    wasi = sum(item.family == "wasi-preview1" for item in imports)
    if section is not None and b"\x02Go" in section.content and wasi >= _GO_FLOOR:
        yield Note(
            "N06",
            _NOTE,
            "programs of this toolchain import the same functions whether they use them or not; the analysis cannot tell",
        )


def _odd_names(imports: tuple[ImportReport, ...]) -> Iterator[Note]:
    repeated = Counter((item.module, item.name, item.kind) for item in imports)
    twice = [key for key, count in repeated.items() if count > 1]
    if twice:
        names = ", ".join(f"{shown(m)}.{shown(n)}" for m, n, _ in twice[:_MAX_NAMED])
        yield Note("N07", _NOTE, f"{len(twice)} imports stand there more than once: {names}")
    odd = [item for item in imports if item.flags]
    if odd:
        flags = sorted({shown(flag) for item in odd for flag in item.flags})[:_MAX_NAMED]
        yield Note(
            "N08", _WARNING, f"names of {len(odd)} imports are odd ({', '.join(flags)}): {_named(odd)}"
        )


def _manifest(manifest: Manifest | None, imports: tuple[ImportReport, ...]) -> Iterator[Note]:
    if manifest is None:
        return
    more = sorted({name for item in imports for name in item.names} - manifest.capabilities.names)
    if more:
        yield Note("N09", _WARNING, f"its manifest does not declare what it imports: {', '.join(more)}")


def _entry(module: Module) -> Iterator[Note]:
    if module.start is not None:
        yield Note("N10", _NOTE, "it has a start function, which runs before any export is called")


def _unreachable(imports: tuple[ImportReport, ...]) -> Iterator[Note]:
    idle = [item for item in imports if not item.reachable]
    if idle:
        yield Note(
            "N11",
            _NOTE,
            f"{len(idle)} imports are declared but nothing leads to them; they count as required all the same: {_named(idle)}",
        )


def _tables(shape: Shape) -> Iterator[Note]:
    if shape.tables_visible and shape.bodies_read:
        yield Note(
            "N12", _NOTE, "the host can call functions through tables or references, beside the exports"
        )


def _minified(imports: tuple[ImportReport, ...]) -> Iterator[Note]:
    count = sum(item.family == "emscripten-minified" for item in imports)
    if count:
        yield Note(
            "N13",
            _NOTE,
            f"the names of {count} imports are minified; the JavaScript beside the module may tell more (--glue)",
        )


def _named(imports: list[ImportReport]) -> str:
    more = f" and {len(imports) - _MAX_NAMED} more" if len(imports) > _MAX_NAMED else ""
    return ", ".join(f"{shown(i.module)}.{shown(i.name)}" for i in imports[:_MAX_NAMED]) + more
