# SPDX-License-Identifier: MIT
"""What the compiler finds wrong, in our words: code, place, and a hint where one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from munition.attenuators.assemblyscript.faults import START
from munition.attenuators.assemblyscript.hints import hint_for
from munition.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from munition.attenuators.assemblyscript.places import Places

_SEVERITIES: Final = {2: Severity.WARNING, 3: Severity.ERROR}
_FIRST_OF_TYPESCRIPT: Final = 1000
_MAX_MESSAGE: Final = 600


def tell(found: Iterable[Mapping[str, Any]], places: Places) -> tuple[Diagnostic, ...]:
    """The compiler's diagnostics as ours; remarks about its library are its own business and left out."""
    out: dict[tuple[object, ...], Diagnostic] = {}
    for item in found:
        severity = _SEVERITIES.get(item["category"])
        if severity is None:
            continue
        place = places.span(item) or places.span(item.get("related") or {})
        if place is None and severity is not Severity.ERROR:
            continue
        diagnostic = _diagnostic(item, severity, places)
        out.setdefault((diagnostic.code, diagnostic.message, diagnostic.span), diagnostic)
    return tuple(out.values())


def code_of(number: int) -> str:
    """How the compiler writes the code of a diagnostic."""
    return f"AS{number}" if number < _FIRST_OF_TYPESCRIPT else f"TS{number}"


def _diagnostic(item: Mapping[str, Any], severity: Severity, places: Places) -> Diagnostic:
    span, source = places.span(item) or places.span(item.get("related") or {}) or (START, None)
    text = (source or places.files[places.entry]).text
    code = code_of(item["code"])
    message = str(item["message"]).rstrip(".")[:_MAX_MESSAGE]
    help_ = hint_for(code, message, text, span)
    return Diagnostic(code, message, span, severity, help=help_, source=source)
