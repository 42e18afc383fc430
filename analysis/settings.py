# SPDX-License-Identifier: MIT
"""Files people write for the analyzer, in TOML and read strictly: a map of imports, a policy, and overrides of single findings.

They are three files on purpose. The map says what an interface means, for everyone who uses it; the policy says what is allowed;
an override is a person's judgement of one import of one module, with a reason, and never lives in a generated file.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from munition.capability.names import NAMES
from munition.capability.taxonomy import UserMap, UserRule
from munition.capability.taxonomy_labels import HOST_PREFIX, LABELS, by_risk
from munition.capability.taxonomy_model import Meaning
from munition.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SETTINGS: Final = 1 << 20
_MAX_ENTRIES: Final = 10_000
_MAX_PARTS: Final = 32
"""Parts of a dotted key; reading one takes the square of their number."""

_NO_KEYS: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*")
"""Strings and comments, whose dots part nothing."""

_MAX_TEXT: Final = 500
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Override:
    """A person's judgement of one import.

    Attributes:
        module: import module, exact.
        name: import name, exact.
        labels: what it is to count as.
        reason: why; shown with the finding.
        sha256: of the module it is about; empty for any.
        by: who says so; may be empty.
    """

    module: str
    name: str
    labels: tuple[str, ...]
    reason: str
    sha256: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed.

    Attributes:
        allow: labels and names of the catalogue; a family (`fs`) stands for all of it.
        deny: the same, and stronger than `allow`.
        exports: what single exports may lead to, by export name, under the sound assumption.
        reachable_only: whether imports that nothing leads to are left out of account.
        warnings: whether notes of severity `warning` are violations too.
    """

    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()
    exports: Mapping[str, frozenset[str]] | None = None
    reachable_only: bool = False
    warnings: bool = False


def read_map(text: str, source: str) -> UserMap:
    """A map of imports.

    `replace = true` leaves the built-in families out; each `[[import]]` has `module` and `name` (exact) or `module-pattern` and
    `name-pattern` (expressions, matched whole), `labels`, and perhaps `opened`, `opener`, `callback`, `note`.

    Raises:
        UsageError: it is no such file; the message names `source` and the entry.
    """
    top = _table(_toml(text, source), {"replace", "import"}, source)
    rules = tuple(
        _rule(entry, f"{source}: import {number}") for number, entry in _entries(top, "import", source)
    )
    return UserMap(rules, _flag(top, "replace", source))


def _rule(entry: Mapping[str, object], where: str) -> UserRule:
    keys = {
        "module",
        "module-pattern",
        "name",
        "name-pattern",
        "labels",
        "opened",
        "opener",
        "callback",
        "note",
    }
    _table(entry, keys, where)
    meaning = Meaning(
        _labels(entry, "labels", where),
        _labels(entry, "opened", where) if "opened" in entry else (),
        _flag(entry, "opener", where),
        _flag(entry, "callback", where),
        _text(entry, "note", where) if "note" in entry else "",
    )
    return UserRule(_expression(entry, "module", where), _expression(entry, "name", where), meaning)


def _expression(entry: Mapping[str, object], key: str, where: str) -> re.Pattern[str]:
    pattern = f"{key}-pattern"
    if (key in entry) == (pattern in entry):
        raise UsageError(f"{where}: give either {key} or {pattern}")
    if key in entry:
        return re.compile(re.escape(_text(entry, key, where)))
    try:
        return re.compile(_text(entry, pattern, where))
    except re.error as error:
        raise UsageError(f"{where}: {pattern} is no expression: {error}") from None


def read_policy(text: str, source: str) -> Policy:
    """A policy: `allow` and `deny` lists, `reachable-only`, `warnings`, and a table `[exports.NAME]` with `allow` for each export.

    Raises:
        UsageError: it is no such file.
    """
    top = _table(_toml(text, source), {"allow", "deny", "reachable-only", "warnings", "exports"}, source)
    exports = top.get("exports", {})
    if not isinstance(exports, dict):
        raise UsageError(f"{source}: exports must be a table")
    by_export: dict[str, frozenset[str]] = {}
    for name, entry in cast("dict[str, object]", exports).items():
        where = f"{source}: exports.{name[:80]}"
        by_export[name] = terms(_texts(_table(entry, {"allow"}, where), "allow", where), where)
    return Policy(
        terms(_texts(top, "allow", source) if "allow" in top else (), source),
        terms(_texts(top, "deny", source) if "deny" in top else (), source),
        by_export or None,
        _flag(top, "reachable-only", source),
        _flag(top, "warnings", source),
    )


def terms(items: tuple[str, ...], where: str) -> frozenset[str]:
    """What a policy may name: labels, families of labels, names of the catalogue, `host:` with anything behind it.

    Raises:
        UsageError: one is none of these.
    """
    families = {label.split(".")[0] for label in LABELS}
    for item in items:
        if (
            item not in LABELS
            and item not in NAMES
            and item not in families
            and not item.startswith(HOST_PREFIX)
        ):
            raise UsageError(f"{where}: {item[:80]!r} is no capability; `munition explain` lists them")
    return frozenset(items)


def read_overrides(text: str, source: str) -> tuple[Override, ...]:
    """Overrides: each `[[override]]` has `module`, `name`, `labels` and `reason`, and perhaps `sha256` and `by`.

    Raises:
        UsageError: it is no such file, or an override has no reason.
    """
    top = _table(_toml(text, source), {"override"}, source)
    found: list[Override] = []
    for number, entry in _entries(top, "override", source):
        where = f"{source}: override {number}"
        _table(entry, {"module", "name", "labels", "reason", "sha256", "by"}, where)
        reason = _text(entry, "reason", where)
        sha256 = _text(entry, "sha256", where) if "sha256" in entry else ""
        if not reason.strip():
            raise UsageError(f"{where}: a reason is needed")
        if sha256 and not _SHA256.fullmatch(sha256):
            raise UsageError(f"{where}: sha256 must be 64 hexadecimal digits")
        by = _text(entry, "by", where) if "by" in entry else ""
        labels = _labels(entry, "labels", where)
        found.append(
            Override(_text(entry, "module", where), _text(entry, "name", where), labels, reason, sha256, by)
        )
    return tuple(found)


def _toml(text: str, source: str) -> dict[str, Any]:
    if len(text) > MAX_SETTINGS:
        raise UsageError(f"{source} is longer than {MAX_SETTINGS} characters")
    if any(line.count(".") > _MAX_PARTS for line in _NO_KEYS.sub("", text).splitlines()):
        raise UsageError(f"{source}: a key has more than {_MAX_PARTS} parts")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: an integer of thousands of digits, too
        raise UsageError(f"{source} is not TOML: {error}") from None


def _table(value: object, keys: set[str], where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: a table is expected")
    table = cast("dict[str, object]", value)
    odd = sorted(table.keys() - keys)
    if odd:
        raise UsageError(f"{where}: unknown key {odd[0][:80]!r}; known are {', '.join(sorted(keys))}")
    return table


def _entries(top: Mapping[str, object], key: str, source: str) -> list[tuple[int, Mapping[str, object]]]:
    value = top.get(key, [])
    if not isinstance(value, list) or len(cast("list[object]", value)) > _MAX_ENTRIES:
        raise UsageError(f"{source}: write [[{key}]] for each entry, at most {_MAX_ENTRIES}")
    items = cast("list[object]", value)
    return [(n, cast("dict[str, object]", e) if isinstance(e, dict) else {}) for n, e in enumerate(items, 1)]


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise UsageError(f"{where}: {key} must be a text of at most {_MAX_TEXT} characters")
    return value


def _texts(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key)
    items = cast("list[object]", value) if isinstance(value, list) else []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in items):
        raise UsageError(f"{where}: {key} must be a list of texts")
    return tuple(str(item) for item in items)


def _labels(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    items = _texts(table, key, where)
    for item in items:
        if item not in LABELS and not (item.startswith(HOST_PREFIX) and len(item) > len(HOST_PREFIX)):
            raise UsageError(f"{where}: {item[:80]!r} is no label; `munition explain` lists them")
    return by_risk(items)


def _flag(table: Mapping[str, object], key: str, where: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise UsageError(f"{where}: {key} must be true or false")
    return value
