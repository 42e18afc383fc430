# SPDX-License-Identifier: MIT
"""The exceptions a caller of munition can see. One root; each is also the built-in kind a Python author expects.

Faults of the guest are never exceptions: they are `Outcome` values. Faults of a source text are `Diagnostic` values,
carried by `CompileError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from munition.diagnostics import Diagnostic


class MunitionError(Exception):
    """The root of every exception munition raises on purpose.

    Attributes:
        code: a stable code such as `E201`; `munition explain CODE` describes it.
    """

    code: str = "E000"


class UsageError(MunitionError, ValueError):
    """A caller gave a value that can never be right (unknown capability, fuel of zero, timeout of NaN)."""

    code = "E100"


class UsageTypeError(MunitionError, TypeError):
    """A caller gave a value of the wrong type (True as a number, text for bytes)."""

    code = "E101"


class InvalidModuleError(MunitionError, ValueError):
    """Bytes that are not a module munition accepts.

    Attributes:
        code: stable code of the fault.
        offset: byte offset of the fault in the input, where there is one.
    """

    code = "E200"

    def __init__(self, message: str, *, code: str = "E200", offset: int | None = None) -> None:
        """Keep the message, the stable code and the byte offset."""
        super().__init__(message if offset is None else f"{message} (at byte {offset:#x})")
        self.code = code
        self.offset = offset


class CompileError(MunitionError, ValueError):
    """A source text that was refused.

    Attributes:
        diagnostics: everything found, errors and warnings, in source order.
    """

    code = "E300"

    def __init__(self, message: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Keep the rendered message and the diagnostics."""
        super().__init__(message)
        self.diagnostics = diagnostics


class MissingToolError(MunitionError, RuntimeError):
    """A tool this operation needs is not installed; the message says what to install."""

    code = "E400"
