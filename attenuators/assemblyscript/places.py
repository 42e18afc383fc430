# SPDX-License-Identifier: MIT
"""From where the compiler says something is to a place in a text of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from munition.attenuators.assemblyscript.faults import START
from munition.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Places:
    """The texts of a program and what the compiler said of its imports.

    Attributes:
        entry: how the compiler calls the script.
        files: the texts by the names the compiler calls them.
        imports: where imported functions are declared: `module`, `name`, `file`, `start`, `end`.
    """

    entry: str
    files: Mapping[str, Source]
    imports: Sequence[Mapping[str, Any]] = ()

    def span(self, place: Mapping[str, Any]) -> tuple[Span, Source | None] | None:
        """A place of the compiler as a span and, unless it is in the script, its text; None if it is in no file of ours.

        The compiler counts UTF-16 units; a span counts bytes.
        """
        source = self.files.get(str(place.get("file")))
        if source is None:
            return None
        start, end = (_byte_offset(source.text, place.get(key)) for key in ("start", "end"))
        return self.outside(str(place["file"]), Span(start, max(start, end)))

    def outside(self, file: str, span: Span) -> tuple[Span, Source | None]:
        """A span, and the text it is of unless that is the script's."""
        return span, None if file == self.entry else self.files[file]

    def of_import(self, module: str, name: str) -> tuple[Span, Source | None]:
        """Where an import is declared; the start of the script if the compiler did not say."""
        for place in self.imports:
            if place.get("module") == module and place.get("name") == name:
                return self.span(place) or (START, None)
        last = re.escape(name.rpartition(".")[2].encode("utf-8", "replace"))
        for file, source in self.files.items():
            match = re.search(rb"\bdeclare\b[^\n;]*?\b(" + last + rb")\b", source.text) if last else None
            if match:
                return self.outside(file, Span(*match.span(1)))
        return START, None


def _byte_offset(text: bytes, units: object) -> int:
    if not isinstance(units, int) or units < 0:
        return 0
    if text.isascii():
        return min(units, len(text))
    wide = text.decode("utf-8", "replace").encode("utf-16-le", "surrogatepass")
    return len(wide[: 2 * units].decode("utf-16-le", "ignore").encode())
