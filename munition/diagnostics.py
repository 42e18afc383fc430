# SPDX-License-Identifier: MIT
"""Faults of a source text as values: a stable code, a place, a message, and what to do about it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from munition.source import Source, Span


class Severity(enum.Enum):
    """How bad a diagnostic is. Only `ERROR` stops a compilation."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to tell the author of a source file.

    Attributes:
        code: stable code such as `L101`; codes never change meaning.
        message: one sentence without a final stop, in terms of the source.
        span: the bytes it is about.
        severity: whether it stops the compilation.
        help: what to do about it, where there is something to do.
        capability: the capability that was denied, where one was.
        kind: the outcome kind the refusal belongs to: `invalid`, `denied`, `limit` or `host_fault`.
        source: the text the span is of, where it is not the one that was compiled but one that it brought in.
    """

    code: str
    message: str
    span: Span
    severity: Severity = Severity.ERROR
    help: str | None = None
    capability: str | None = None
    kind: str = "invalid"
    source: Source | None = None


def render(diagnostic: Diagnostic, source: Source) -> str:
    """The diagnostic as rustc shows one: code, place, the source line with carets, help.

    `source` is what was compiled; a diagnostic about another text brings that along. Source text is shown with control characters escaped, so that a script cannot drive the reader's terminal.
    """
    source = diagnostic.source or source
    start = source.position(diagnostic.span.start)
    line = source.line_text(start.line)
    gutter = len(str(start.line))
    shown, caret = _window(line, start.column - 1, _caret_width(diagnostic.span, source, line, start.column))
    pad = " " * gutter
    out = [
        f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}",
        f"{pad}--> {source.name}:{start.line}:{start.column}",
        f"{pad} |",
        f"{start.line} | {shown}",
        f"{pad} | {caret}",
    ]
    if diagnostic.help:
        out.append(f"{pad} = help: {diagnostic.help}")
    return "\n".join(out)


_WINDOW = 100  # characters of a source line that are shown at most: one-line megabyte sources exist


def _caret_width(span: Span, source: Source, line: str, column: int) -> int:
    covered = source.text[span.start : span.end].split(b"\n", 1)[0].decode("utf-8", "replace")
    return max(1, min(len(covered), len(line) - column + 1))


def _window(line: str, at: int, width: int) -> tuple[str, str]:
    first = max(0, at - _WINDOW // 2) if len(line) > _WINDOW else 0
    text = line[first : first + _WINDOW]
    before, after = ("…" if first else ""), ("…" if first + _WINDOW < len(line) else "")
    # A tab stays a tab in both lines, so that the carets stand under what they mark wherever tab stops are.
    lead = "".join("\t" if c == "\t" else " " for c in text[: at - first])
    shown = "".join(c if c == "\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    carets = "^" * max(1, min(width, len(text) - (at - first)))
    return f"{before}{shown}{after}", f"{' ' * len(before)}{lead}{carets}"
