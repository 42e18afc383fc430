# SPDX-License-Identifier: MIT
"""What to write instead, for what people used to JavaScript and TypeScript write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from munition.source import Span


def hint_for(code: str, message: str, text: bytes, span: Span) -> str | None:
    """A hint for one diagnostic, if there is one."""
    return None
