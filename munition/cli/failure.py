# SPDX-License-Identifier: MIT
"""A command that ends early: which kind it is, what to say, and how it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from munition.diagnostics import Diagnostic
    from munition.source import Source


class CommandError(Exception):
    """Raised by commands only, caught by the entry point, which shows it and turns its kind into the exit code.

    Attributes:
        kind: a kind of `munition.cli.exits`.
        reason: what refines it, or the empty string.
        message: one sentence.
        help: what to do about it.
        code: a code `munition explain` knows.
        diagnostics: faults of a source, shown instead of the message.
        source: the text they are about.
        extra: what a command's JSON object says besides.
    """

    def __init__(
        self,
        kind: str,
        reason: str,
        message: str,
        *,
        help: str | None = None,
        code: str | None = None,
        diagnostics: tuple[Diagnostic, ...] = (),
        source: Source | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Keep everything the entry point shows."""
        super().__init__(message)
        self.kind = kind
        self.reason = reason
        self.message = message
        self.help = help
        self.code = code
        self.diagnostics = diagnostics
        self.source = source
        self.extra = extra or {}
