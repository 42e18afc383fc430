# SPDX-License-Identifier: MIT
"""Reading capability lists as people write them: `log,time`, `filesystem_read:./data`, `http:POST@api.example.com`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from munition.capability.model import NOTHING, Capability, CapabilitySet
from munition.capability.names import GRANTABLE, NAMES, is_grantable, name_of
from munition.capability.parameter import Directory
from munition.errors import UsageError, UsageTypeError

_MAX_ITEMS: Final = 256
_SEPARATOR: Final = re.compile(r"(?<!\\),")


def split(text: str) -> list[str]:
    r"""The items of a comma-separated list; `\,` stands for a comma inside an item, an empty list has none."""
    return [item.replace("\\,", ",") for item in _SEPARATOR.split(text)] if text.strip() else []


def join(items: Iterable[str]) -> str:
    """The list that `split` reads back as `items`."""
    return ",".join(item.replace(",", "\\,") for item in items)


def parse_one(text: str) -> Capability:
    """Read `NAME[:PARAM]`.

    Raises:
        UsageError: an unknown name (with the nearest known one), or a parameter the name does not take.
    """
    name, colon, rest = text.strip().partition(":")
    entry = name_of(name)
    if entry is None:
        raise UsageError(f"unknown capability {name!r}{_hint(name)}")
    if not colon:
        return Capability(name)
    if entry.parameter is None:
        raise UsageError(f"the capability {name!r} takes no parameter, but {text.strip()!r} gives one")
    return Capability(name, entry.parameter(rest))


def _item(text: object) -> Capability:
    if not isinstance(text, str):
        raise UsageTypeError(f"a capability must be a string, not {type(text).__name__}")
    return parse_one(text)


def _hint(name: str) -> str:
    lowered = name.strip().lower().replace("-", "_")
    near = (
        [lowered]
        if lowered in NAMES
        else difflib.get_close_matches(lowered[:64], sorted(NAMES), n=1, cutoff=0.5)
    )
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(GRANTABLE))}"


def parse(items: str | Iterable[str] | CapabilitySet | None) -> CapabilitySet:
    """Read a declaration: one comma-separated string, or strings of one capability each.

    Raises:
        UsageError: see `parse_one`; also a name that cannot be granted.
        UsageTypeError: an item that is not a string.
    """
    if items is None:
        return NOTHING
    if isinstance(items, CapabilitySet):
        found = items
    else:
        texts: list[object] = list(split(items)) if isinstance(items, str) else list(items)
        if len(texts) > _MAX_ITEMS:
            raise UsageError(f"more than {_MAX_ITEMS} capabilities in one list")
        found = CapabilitySet(frozenset(_item(text) for text in texts))
    for item in found.items:
        if not is_grantable(item.name):
            raise UsageError(
                f"the capability {item.name!r} cannot be granted: munition has nothing behind it"
            )
    return found


def parse_grants(items: str | Iterable[str] | CapabilitySet | None) -> CapabilitySet:
    """Read a grant: as `parse`, but a capability that can be bounded must be.

    Raises:
        UsageError: also for a bare `http` or `filesystem_read`, or two directories under one name.
        UsageTypeError: see `parse`.
    """
    found = parse(items)
    roots: dict[str, Directory] = {}
    for item in found:
        entry = name_of(item.name)
        if entry is not None and entry.parameter is not None and item.parameter is None:
            raise UsageError(f"a grant of {item.name!r} needs a parameter: write {item.name}:{entry.form}")
        if isinstance(item.parameter, Directory):
            other = roots.setdefault(item.parameter.root, item.parameter)
            if other != item.parameter:
                seen = f"/{item.parameter.root}"
                raise UsageError(
                    f"two directories are granted as {seen}: {other.path!r} and {item.parameter.path!r}"
                )
    return found
