# SPDX-License-Identifier: MIT
"""Does a module keep within a policy?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from munition.capability.taxonomy_labels import HOST_PREFIX, by_risk, label_of

if TYPE_CHECKING:
    from munition.analysis.model import ImportReport, Report
    from munition.analysis.settings import Policy


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing a policy does not allow.

    Attributes:
        label: the capability; empty for a warning.
        export: the export it was found for; empty for the whole module.
        imports: what brings it in.
        message: one sentence.
    """

    label: str
    export: str
    imports: tuple[ImportReport, ...]
    message: str


def violations(report: Report, policy: Policy) -> tuple[Violation, ...]:
    """Everything in `report` that `policy` does not allow, by risk."""
    labels = report.labels_reachable if policy.reachable_only else report.labels
    found = [
        Violation(label, "", report.uses(label), _DENIED if _named(label, policy.deny) else _NOT_ALLOWED)
        for label in labels
        if _named(label, policy.deny) or not _allowed(label, policy.allow)
    ]
    for export in report.exports:
        allowed = (policy.exports or {}).get(export.name)
        for label in () if allowed is None else by_risk(export.labels):
            if not _allowed(label, allowed or frozenset()):
                carriers = tuple(
                    report.imports[i] for i in export.imports if label in report.imports[i].labels
                )
                found.append(
                    Violation(label, export.name, carriers, "the policy for this export does not allow it")
                )
    missing = sorted(set(policy.exports or {}) - {e.name for e in report.exports})
    found += [Violation("", name, (), "the policy names an export that is not there") for name in missing]
    if policy.warnings:
        found += [
            Violation("", "", (), f"{n.code}: {n.message}") for n in report.notes if n.severity == "warning"
        ]
    return tuple(found)


_DENIED = "the policy denies it"
_NOT_ALLOWED = "the policy does not allow it"


def _allowed(label: str, terms: frozenset[str]) -> bool:
    """Whether a list allows a label; what stands for no capability needs no permission."""
    return label_of(label).catalogue is None or _named(label, terms)


def _named(label: str, terms: frozenset[str]) -> bool:
    """Whether a list names a label: itself, the family before its dot, its name in the catalogue, or `host:` as far as it goes."""
    if label.startswith(HOST_PREFIX):
        return any(label == term or _within(label, term) for term in terms) or "opaque" in terms
    family, _, _ = label.partition(".")
    return not terms.isdisjoint({label, family, label_of(label).catalogue})


def _within(label: str, term: str) -> bool:
    return term.startswith(HOST_PREFIX) and label.startswith(term if term == HOST_PREFIX else term + ".")
