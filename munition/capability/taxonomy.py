# SPDX-License-Identifier: MIT
"""What each import of a foreign module means: the lookup over all families, and a user's own rules before them.

Import modules and names are compared exactly, or with expressions that match the whole; nothing is guessed from a part of a
name, and what no row describes is `opaque`. Names are chosen by a module's author and given meaning by its host: a label says
what the function does *by the conventions of its family*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from munition.capability.imports import Imported
from munition.capability.taxonomy_emscripten import EMSCRIPTEN_FAMILIES
from munition.capability.taxonomy_hosts import HOST_FAMILIES
from munition.capability.taxonomy_labels import HOST_PREFIX, by_risk
from munition.capability.taxonomy_languages import LANGUAGE_FAMILIES
from munition.capability.taxonomy_model import OPAQUE, VERSION, Family, Meaning
from munition.capability.taxonomy_wasi import WASI_FAMILIES

FAMILIES: Final = (*WASI_FAMILIES, *HOST_FAMILIES, *EMSCRIPTEN_FAMILIES, *LANGUAGE_FAMILIES)
"""All families; where several describe an import, the first wins."""

_KINDS: Final = {
    "table": Meaning(("host.table",), opener=True),
    "memory": Meaning(("host.memory",)),
    "global": Meaning(("host.global",)),
    "tag": Meaning(("host.tag",)),
    "component": Meaning(("dyn.link",), opener=True),
    "module": Meaning(("dyn.link",), opener=True),
    "value": Meaning(("host.global",)),
    "instance": Meaning(),
    "type": Meaning(),
    "unknown": OPAQUE,
}
"""What is imported that is no function; an instance without functions, and a type, give no power by themselves."""

_MAX_LABEL_NAME: Final = 100
_OPENING: Final = frozenset({"js.any", "opaque", "dyn.link", "host.table"})


@dataclass(frozen=True, slots=True)
class Signature:
    """An import with its type in text form, such as `(i32, i64) -> ()`; empty for what is no function."""

    item: Imported
    type: str = ""


@dataclass(frozen=True, slots=True)
class Classified:
    """What an import means, and where that stands.

    Attributes:
        family: key of the family; `unknown` where none describes it, `user` for a rule of the user's own.
        meaning: what it says.
    """

    family: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class UserRule:
    """A rule of the user's own: it stands before all families.

    Attributes:
        module: an expression for the import module (without `@version`), matched whole.
        name: an expression for the import name, matched whole.
        meaning: what such imports mean.
    """

    module: re.Pattern[str]
    name: re.Pattern[str]
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class UserMap:
    """A user's own map.

    Attributes:
        rules: the first that matches wins.
        replace: whether the built-in families are left out.
    """

    rules: tuple[UserRule, ...] = ()
    replace: bool = False


NO_MAP: Final = UserMap()


@dataclass(frozen=True, slots=True)
class _Table:
    """A family made ready for lookups: exact names, then one expression with a group for each pattern row."""

    family: Family
    modules: re.Pattern[str]
    needs: re.Pattern[str] | None
    exact: dict[str, Meaning]
    pattern: re.Pattern[str] | None
    meanings: tuple[Meaning, ...]

    def meaning(self, module: str, name: str) -> Meaning | None:
        """What `name` means in this family; None if it does not say."""
        found = self.exact.get(name)
        if found is not None:
            return found
        match = self.pattern.fullmatch(name) if self.pattern else None
        if match is not None and match.lastgroup is not None:
            return self.meanings[int(match.lastgroup[1:])]
        if self.family.host:
            prefix = self.family.host.replace("{module}", module)
            return Meaning((f"{HOST_PREFIX}{prefix}.{name[:_MAX_LABEL_NAME]}",), opener=True)
        return self.family.rest


@cache
def _tables() -> tuple[_Table, ...]:
    return tuple(_table(family) for family in FAMILIES)


def _table(family: Family) -> _Table:
    patterns = [(row.pattern, row.meaning) for row in family.rows if row.pattern]
    exact: dict[str, Meaning] = {}
    for row in family.rows:
        for name in row.names:
            exact.setdefault(name, row.meaning)
    return _Table(
        family,
        re.compile(family.modules),
        re.compile(family.needs) if family.needs else None,
        exact,
        re.compile(
            "|".join(f"(?P<r{number}>{pattern})" for number, (pattern, _) in enumerate(patterns)), re.DOTALL
        )
        if patterns
        else None,
        tuple(meaning for _, meaning in patterns),
    )


def classify(
    imports: Sequence[Signature], sections: Iterable[str] = (), own: UserMap = NO_MAP
) -> tuple[Classified, ...]:
    """What each import of one module means, in order.

    Args:
        imports: all imports of the module; some families are recognised by what stands beside an import.
        sections: names of its custom sections.
        own: rules of the user's own.
    """
    present = frozenset(sections)
    texts = [
        f"{VERSION.sub('', i.item.module)}.{i.item.name}:{i.type}" for i in imports if i.item.kind == "func"
    ]
    tables = [] if own.replace else [t for t in _tables() if _applies(t, texts, present)]
    candidates: dict[str, list[_Table]] = {}
    known: dict[tuple[str, str, str], Classified] = {}
    found: list[Classified] = []
    for entry in imports:
        key = (entry.item.module, entry.item.name, entry.item.kind)
        if key not in known:
            module = VERSION.sub("", key[0])
            if module not in candidates:
                candidates[module] = [t for t in tables if t.modules.fullmatch(module)]
            known[key] = _one(module, key[1], key[2], candidates[module], own)
        found.append(known[key])
    return tuple(found)


def _applies(table: _Table, functions: Sequence[str], sections: frozenset[str]) -> bool:
    """Whether a family is there at all; `functions` are the imported ones as `Family.needs` describes them."""
    family, needs = table.family, table.needs
    if family.section and sections.isdisjoint(family.section):
        return False
    return needs is None or any(map(needs.match, functions))


def _one(module: str, name: str, kind: str, tables: list[_Table], own: UserMap) -> Classified:
    for rule in own.rules:
        if rule.module.fullmatch(module) and rule.name.fullmatch(name):
            return Classified("user", rule.meaning)
    if kind != "func":
        linking = [t.family for t in tables if t.family.rest and t.family.section and kind == "global"]
        if linking:
            return Classified(linking[0].key, linking[0].rest or OPAQUE)
        return Classified(tables[0].family.key if tables else "unknown", _KINDS[kind])
    for table in tables:
        meaning = table.meaning(module, name)
        if meaning is not None:
            return Classified(table.family.key, meaning)
    return Classified("unknown", OPAQUE)


def labels_of(classified: Iterable[Classified]) -> tuple[tuple[str, ...], ...]:
    """The labels of each import of one module: what some only mean where something can open files is settled here.

    The host is assumed to start a module with nothing open but directories and the standard streams.
    """
    items = tuple(classified)
    opens = any(item.meaning.opener or any(map(_may_open, item.meaning.labels)) for item in items)
    return tuple(by_risk(item.meaning.labels + (item.meaning.opened if opens else ())) for item in items)


def _may_open(label: str) -> bool:
    """Whether what carries this label may hand the module an open file."""
    return label in _OPENING or label.startswith(HOST_PREFIX)
