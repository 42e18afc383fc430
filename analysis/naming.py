# SPDX-License-Identifier: MIT
"""Names that a module's author chose: made safe to print, and looked at for tricks. No name ever lowers a verdict."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from munition.capability.taxonomy import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SHOWN: Final = 120

# Letters of other scripts that look like Latin ones; compatibility forms and accents are undone by normalisation.
_LOOKS: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u0261\u0131\u0237\u03bf\u03b1\u03bd\u03c1\u03b9"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u01c0\u2010\u2011\u2012\u2013\u2212\uff3f\u2024",
    "aeopcyxijsdwgijoavpiABEKMHOPCTXl-----_.",
)


def shown(text: str, limit: int = MAX_SHOWN) -> str:
    """`text` on one line, with everything but printable ASCII escaped, cut to `limit` characters."""
    cut = text if len(text) <= limit else text[:limit] + "..."
    return cut if cut.isascii() and cut.isprintable() else ascii(cut)[1:-1]


def skeleton(text: str) -> str:
    """What a name looks like to a reader: lower case, Latin letters for their doubles, nothing invisible."""
    if text.isascii() and text.isprintable():
        return text.replace(" ", "").lower()
    plain = unicodedata.normalize("NFKD", text).translate(_LOOKS)
    kept = "".join(c for c in plain if unicodedata.category(c) not in _INVISIBLE)
    return kept.casefold().translate(_LOOKS)


_INVISIBLE: Final = frozenset({"Mn", "Me", "Cc", "Cf", "Zs", "Zl", "Zp"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]+")


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Skeletons of the import modules and of the functions that are spelled out in the taxonomy."""
    modules = {
        skeleton(plain): plain
        for family in FAMILIES
        for plain in re.split(r"\|", family.modules)
        if re.fullmatch(r"[A-Za-z0-9_:/-]+", plain)
    }
    names = {skeleton(name): name for family in FAMILIES for row in family.rows for name in row.names}
    return modules, names


def name_flags(module: str, name: str, family: str) -> tuple[str, ...]:
    """What is odd about the two names of an import: stable words, see `ImportReport.flags`.

    Args:
        module: the import module.
        name: the import name.
        family: what recognised it; only for `unknown` ones are doubles of known names looked for.
    """
    found: list[str] = []
    if not module and family != "component-shim":
        found.append("empty-module")
    if not name:
        found.append("empty")
    both = module + name
    plain = both.isascii() and both.isprintable()
    if not plain and any(unicodedata.category(c) in {"Cc", "Cf"} for c in both):
        found.append("control-character")
    if not plain and not both.isascii():
        found.append("non-ascii")
    if family == "unknown":
        found.extend(_doubles(module, name))
    return tuple(found)


def _doubles(module: str, name: str) -> Iterable[str]:
    near = _near_module(module) if len(module) <= MAX_SHOWN else None
    if near is not None:
        yield f"lookalike:{near}"
    double = _known()[1].get(skeleton(name)) if len(name) <= MAX_SHOWN else None
    if double is not None and double != name:
        yield f"lookalike:{double}"


@lru_cache(maxsize=1024)
def _near_module(module: str) -> str | None:
    """The known import module that `module` could be taken for."""
    modules, _ = _known()
    look = skeleton(module)
    double = modules.get(look)
    if double is not None:
        return double if double != module else None
    for known in modules.values():
        if len(known) > _LONG and abs(len(known) - len(look)) <= 1 and _one_edit(look, known.lower()):
            return known
    return None


_LONG: Final = 8
"""Shorter module names are too alike by chance."""


def _one_edit(one: str, other: str) -> bool:
    """Whether a single inserted, missing or different character tells the two apart."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return one[start + (len(one) >= len(other)) :] == other[start + (len(other) >= len(one)) :]
