# SPDX-License-Identifier: MIT
"""The gate: what the finished module imports, against what was declared. The compiler has no say in it.

Whatever a source did (`@external`, `export declare`, a cast), an import in the bytes is let through only if module, name
and type are those of the catalogue and its capability was declared.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from munition.attenuators.assemblyscript import faults
from munition.capability.catalogue import BY_IMPORT
from munition.diagnostics import Severity
from munition.engine.facts import Signature, read_facts
from munition.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.attenuators.assemblyscript.places import Places
    from munition.diagnostics import Diagnostic
    from munition.engine.facts import Facts


def check_imports(
    wasm: bytes, declared: frozenset[str], files: Mapping[str, Source], places: Places
) -> tuple[Diagnostic, ...]:
    """What the module imports beyond `declared`.

    Args:
        wasm: the final bytes.
        declared: names of capabilities.
        files: the texts of the program, for showing where.
        places: where the compiler says that functions are declared.

    Raises:
        InvalidModuleError: the bytes are no module.
    """
    facts = read_facts(wasm)
    found: dict[tuple[str, str], Diagnostic] = {}
    for module, name, why in _refused(facts, declared):
        item = f"{module}.{name}"
        if why in _CAPABILITIES:
            key = ("C101", why)
            used = _first_use(why, files)
            place = places.of_import(module, name) if used is None else places.outside(used[1], used[2])
            what = item if used is None else used[0]
            found.setdefault(key, faults.not_declared(what, why, *place))
        else:
            found.setdefault(
                ("C102", item), faults.foreign_import(item, why, *places.of_import(module, name))
            )
    return tuple(found.values())


def warn_of_uses(
    declared: frozenset[str], files: Mapping[str, Source], places: Places
) -> tuple[Diagnostic, ...]:
    """What will be refused at run time, as far as the text shows it."""
    out: list[Diagnostic] = []
    for capability in sorted(_USES.keys() - declared):
        used = _first_use(capability, files)
        if used is not None:
            fault = faults.not_declared(used[0], capability, *places.outside(used[1], used[2]))
            out.append(replace(fault, severity=Severity.WARNING))
    return tuple(out)


def _refused(facts: Facts, declared: frozenset[str]) -> list[tuple[str, str, str]]:
    """Module, name, and why: a capability that is missing, or a sentence."""
    out: list[tuple[str, str, str]] = []
    for item, signature in zip(facts.imports, facts.signatures, strict=True):
        function = BY_IMPORT.get((item.module, item.name))
        if function is None or item.kind != "func":
            what = "function" if item.kind == "func" else item.kind
            out.append((item.module, item.name, f"no capability gives such a {what}"))
            continue
        wanted = Signature(function.params, function.results)
        if signature != wanted:
            out.append((item.module, item.name, f"its type is {wanted}, not {signature}"))
        elif function.capability not in declared:
            out.append((item.module, item.name, function.capability))
    return out


_CAPABILITIES: Final = frozenset(function.capability for function in BY_IMPORT.values())

# What in a source leads to which capability: for showing the place, never for deciding.
_USES: Final = {
    "time": rb"\bDate\s*\.\s*now\b|\bperformance\s*\.\s*now\b|\bprocess\s*\.\s*(?:hr)?time\b|\btime\s*\.\s*\w+",
    "random": rb"\bMathf?\s*\.\s*random\b|\bcrypto\s*\.\s*getRandomValues\b|\brandom\s*\.\s*\w+",
    "log": rb"\bconsole\s*\.\s*\w+|\btrace\s*(?=\()|\blog\s*\.\s*\w+",
    "filesystem_read": rb"\bfs\s*\.\s*\w+",
    "http": rb"\bhttp\s*\.\s*\w+",
}
_BLANK: Final = re.compile(rb"""//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)


def blanked(text: bytes) -> bytes:
    """The text with comments and quoted strings made spaces, so that a search finds code; offsets stay."""
    return _BLANK.sub(lambda match: b" " * len(match[0]), text)


def _first_use(capability: str, files: Mapping[str, Source]) -> tuple[str, str, Span] | None:
    """What is used, in which file, where; None if no text shows it."""
    pattern = _USES.get(capability)
    for name, source in files.items():
        match = pattern and re.search(pattern, blanked(source.text))
        if match:
            what = b"".join(match[0].split()).decode("utf-8", "replace")
            return what, name, Span(*match.span())
    return None
