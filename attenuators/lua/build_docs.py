# SPDX-License-Identifier: MIT
"""Bring the table of standard names in docs/lua.md up to date: `python -m munition.attenuators.lua.build_docs FILE`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, assert_never

from munition.attenuators.lua.library import (
    ENTRIES,
    GLOBALS,
    LIBRARIES,
    MEMBERS,
    MODULES,
    VARIANTS,
    Entry,
    Sort,
    Status,
    library_of,
    standard_name,
)

BEGIN: Final = "<!-- begin: standard names, generated from library.py -->\n"
END: Final = "<!-- end: standard names -->\n"


def with_names(page: str) -> str:
    """The page with the present table between its marks.

    Raises:
        ValueError: the page lacks a mark.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the table of standard names")
    return f"{before}{BEGIN}{names_table()}{END}{after}"


def names_table() -> str:
    """One table per library, every standard name in it."""
    sections = (_section(library) for library in (GLOBALS, *LIBRARIES, *MODULES))
    return "".join(f"\n{section}" for section in sections) + "\n"


def _section(library: str) -> str:
    title = "Basic functions" if library == GLOBALS else f"`{library}`"
    shown = [ENTRIES[name] for name in MEMBERS[library] if name not in LIBRARIES]
    shown += [entry for name, entry in VARIANTS.items() if library_of(standard_name(name)) == library]
    shown.sort(key=lambda entry: entry.name)
    works = ", ".join(f"`{e.name}`" for e in shown if _is_free(e))
    rows = [f"| `{e.name}` | {_status(e)} |\n" for e in shown if not _is_free(e)]
    lines = [f"### {title}\n", "\n"]
    lines += [f"Always there: {works}.\n"] if works else []
    if rows:
        lines += ["\n"] if works else []
        lines += ["| name | |\n", "|---|---|\n", *rows]
    return "".join(lines)


def _is_free(entry: Entry) -> bool:
    return entry.status is Status.SUPPORTED and entry.capability is None


def _status(entry: Entry) -> str:
    match entry.status:
        case Status.SUPPORTED:
            return f"with the capability `{entry.capability}`"
        case Status.UNGRANTABLE:
            return f"refused, needs `{entry.capability}`, which cannot be granted: {entry.reason}"
        case Status.LEFT_OUT:
            return f"{'refused' if entry.sort is Sort.FUNCTION else 'absent'}: {entry.reason}"
        case _:
            assert_never(entry.status)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(with_names(target.read_text(encoding="utf-8")), encoding="utf-8")
