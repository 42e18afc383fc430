# SPDX-License-Identifier: MIT
"""How an early end is shown: rustc-like on standard error, or as a JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from munition.cli.terminal import complain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from munition.cli.failure import CommandError
    from munition.diagnostics import Diagnostic
    from munition.source import Source

SCHEMA: Final = "munition/1"
_MAX_SHOWN: Final = 20


def show_failure(error: CommandError) -> None:
    """Tell a person on standard error what went wrong and what to do about it."""
    if error.diagnostics and error.source is not None:
        show_diagnostics(error.diagnostics, error.source)
        return
    code = f"[{error.code}]" if error.code else ""
    lines = [f"error{code}: {error.message}"]
    if error.help:
        lines.append(f"  = help: {error.help}")
    complain("\n".join(lines))


def show_diagnostics(diagnostics: Iterable[Diagnostic], source: Source) -> None:
    """Show faults of a source as rustc does: the first few, then how many more there are and what to do next."""
    from munition.diagnostics import Severity, render

    items = list(diagnostics)
    for item in items[:_MAX_SHOWN]:
        complain(render(item, source) + "\n")
    if len(items) > _MAX_SHOWN:
        complain(f"note: {len(items) - _MAX_SHOWN} more are not shown")
    errors = [item for item in items if item.severity is Severity.ERROR]
    if errors:
        plural = "s" if len(errors) > 1 else ""
        complain(
            f"error: {source.name}: {len(errors)} error{plural}; `munition explain {errors[0].code}` tells more"
        )


def error_object(error: CommandError) -> dict[str, Any]:
    """The JSON object of an early end."""
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": error.kind,
        "reason": error.reason,
        "error": {"message": error.message, "code": error.code, "help": error.help},
    }
    if error.diagnostics:
        found["diagnostics"] = [diagnostic_object(item, error.source) for item in error.diagnostics]
    return found | error.extra


def diagnostic_object(item: Diagnostic, source: Source | None) -> dict[str, Any]:
    """One fault of a source: code, severity, message, help, capability, and its place where the text is at hand."""
    found: dict[str, Any] = {
        "code": item.code,
        "severity": item.severity.value,
        "message": item.message,
        "help": item.help,
        "capability": item.capability,
        "start": item.span.start,
        "end": item.span.end,
    }
    source = item.source or source
    if source is not None:
        place = source.position(item.span.start)
        found |= {"file": source.name, "line": place.line, "column": place.column}
    return found
