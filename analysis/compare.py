# SPDX-License-Identifier: MIT
"""What changed between two versions of a module: capabilities gained and lost, exports that moved, imports that came and went."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.capability.taxonomy_labels import by_risk

if TYPE_CHECKING:
    from munition.analysis.model import ExportReport, ImportReport, Report


@dataclass(frozen=True, slots=True)
class Moved:
    """An export whose capabilities changed, or that is only in one of the two.

    Attributes:
        name: the export.
        before: its labels in the old module; None if it is not there.
        after: the same in the new one.
    """

    name: str
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two reports.

    Attributes:
        gained: labels only the new one has.
        lost: labels only the old one has.
        became_reachable: labels both have that something leads to only in the new one.
        became_unreachable: the reverse.
        imports_added: imports only the new one has.
        imports_removed: imports only the old one has.
        relabelled: imports both have, as the new one has them, whose labels changed.
        moved: exports whose labels changed, and exports that came or went.
        payloads_added: names of payloads only the new one has.
        payloads_removed: names of payloads only the old one has.
    """

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    became_reachable: tuple[str, ...]
    became_unreachable: tuple[str, ...]
    imports_added: tuple[ImportReport, ...]
    imports_removed: tuple[ImportReport, ...]
    relabelled: tuple[ImportReport, ...]
    moved: tuple[Moved, ...]
    payloads_added: tuple[str, ...]
    payloads_removed: tuple[str, ...]

    @property
    def capabilities_differ(self) -> bool:
        """Whether the two can do different things, as a whole, through some export, or by what is reachable."""
        return bool(
            self.gained
            or self.lost
            or self.became_reachable
            or self.became_unreachable
            or self.payloads_added
            or self.payloads_removed
            or any(m.before is not None and m.after is not None for m in self.moved)
        )


def compare(old: Report, new: Report) -> Difference:
    """What `new` has that `old` has not, and the reverse.

    The hash that wasm-bindgen puts at the end of a name changes with every version of it and is left out of account.
    """
    before, after = _by_key(old.imports), _by_key(new.imports)
    both = before.keys() & after.keys()
    common = set(old.labels) & set(new.labels)
    reach_old, reach_new = set(old.labels_reachable), set(new.labels_reachable)
    payloads_old, payloads_new = {p.name for p in old.payloads}, {p.name for p in new.payloads}
    return Difference(
        gained=by_risk(set(new.labels) - set(old.labels)),
        lost=by_risk(set(old.labels) - set(new.labels)),
        became_reachable=by_risk(common & (reach_new - reach_old)),
        became_unreachable=by_risk(common & (reach_old - reach_new)),
        imports_added=tuple(i for key, i in after.items() if key not in before),
        imports_removed=tuple(i for key, i in before.items() if key not in after),
        relabelled=tuple(i for key, i in after.items() if key in both and i.labels != before[key].labels),
        moved=tuple(_moved(old.exports, new.exports)),
        payloads_added=tuple(sorted(payloads_new - payloads_old)),
        payloads_removed=tuple(sorted(payloads_old - payloads_new)),
    )


_HASH: Final = re.compile(r"_[0-9a-f]{16}\Z")


def _by_key(imports: tuple[ImportReport, ...]) -> dict[tuple[str, str, str, int], ImportReport]:
    """Imports by what makes them the same in two versions; of equal ones the first is the first."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found: dict[tuple[str, str, str, int], ImportReport] = {}
    for item in imports:
        name = _HASH.sub("", item.name) if item.family == "wasm-bindgen" else item.name
        key = (item.module, name, item.kind)
        found[(*key, seen[key])] = item
        seen[key] += 1
    return found


def _moved(old: tuple[ExportReport, ...], new: tuple[ExportReport, ...]) -> list[Moved]:
    before, after = {e.name: e.labels for e in old}, {e.name: e.labels for e in new}
    names = [*before, *(name for name in after if name not in before)]
    return [Moved(n, before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)]
