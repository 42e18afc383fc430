# SPDX-License-Identifier: MIT
"""What the compiler finds wrong, in our words: code, place, and a hint where one is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from munition.attenuators.assemblyscript.faults import START
from munition.attenuators.assemblyscript.gate import blanked
from munition.attenuators.assemblyscript.hints import hint_for
from munition.diagnostics import Diagnostic, Severity
from munition.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from munition.attenuators.assemblyscript.places import Places
    from munition.source import Source

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
        if _FOLLOWS.match(str(item["message"])):
            continue
        diagnostic = _diagnostic(item, severity, places)
        out.setdefault((diagnostic.code, diagnostic.message, diagnostic.span), diagnostic)
    return tuple(out.values())


def code_of(number: int) -> str:
    """How the compiler writes the code of a diagnostic."""
    return f"AS{number}" if number < _FIRST_OF_TYPESCRIPT else f"TS{number}"


def _diagnostic(item: Mapping[str, Any], severity: Severity, places: Places) -> Diagnostic:
    code = code_of(item["code"])
    message = _in_our_words(str(item["message"]).rstrip(".")[:_MAX_MESSAGE])
    found = places.span(item) or places.span(item.get("related") or {}) or _named_in(message, places)
    span, source = found or (START, None)
    if found is None and item.get("file"):
        message += f" ({item['file']})"
    text = (source or places.files[places.entry]).text
    help_ = hint_for(code, message, text, span)
    return Diagnostic(code, message, span, severity, help=help_, source=source)


def _in_our_words(message: str) -> str:
    walked = _WALKED.match(message)
    if walked:
        return f"for-of walks over arrays, strings, maps and sets, not over {walked[1]}"
    user = _USER.match(message)
    return user[1] if user else message


def _named_in(message: str, places: Places) -> tuple[Span, Source | None] | None:
    """Where the text names what the message is about, if the message begins with such a name."""
    name = _NAME.match(message)
    if name is None:
        return None
    wanted = re.compile(rb"\b" + re.escape(name[0].encode()) + rb"\b")
    for file, source in places.files.items():
        match = wanted.search(blanked(source.text))
        if match:
            return places.outside(file, Span(*match.span()))
    return None


# What else is wrong with a loop over something that cannot be walked over.
_FOLLOWS: Final = re.compile(r"Property '(?:munition\$(?:at|next)|length)' does not exist on type 'auto'")
_WALKED: Final = re.compile(r"Property 'munition\$items' does not exist on type '(.*)'")
_USER: Final = re.compile(r"(?:User-defined: )?[\"'](.*)[\"']\Z")
_NAME: Final = re.compile(r"[A-Za-z_]\w*\.\w+(?= is not available)")
