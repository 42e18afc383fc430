# SPDX-License-Identifier: MIT
"""A person's judgement laid over a report: visible, with its reason, and never by the analyzer's own doing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from munition.analysis.model import Note
from munition.analysis.naming import shown
from munition.capability.taxonomy_labels import by_risk, catalogue_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.analysis.model import ExportReport, ImportReport, Report
    from munition.analysis.settings import Override


def with_overrides(report: Report, overrides: Sequence[Override]) -> Report:
    """The report as overrides change it; a note (N20) says so for each import that one applies to.

    Labels no import carries (such as `payload`) stay.
    """
    fitting = {(o.module, o.name): o for o in overrides if not o.sha256 or o.sha256 == report.sha256}
    changed = {i.index: fitting[i.module, i.name] for i in report.imports if (i.module, i.name) in fitting}
    embedded = tuple(replace(e, report=with_overrides(e.report, overrides)) for e in report.embedded)
    if not changed:
        return replace(report, embedded=embedded)
    imports = tuple(_judged(i, changed[i.index]) if i.index in changed else i for i in report.imports)
    own = {label for item in report.imports for label in item.labels}
    rest = set(report.labels) - own
    labels = by_risk({label for item in imports for label in item.labels} | rest)
    reachable = by_risk({label for item in imports if item.reachable for label in item.labels} | rest)
    notes = tuple(_note(report.imports[index], override) for index, override in changed.items())
    return replace(
        report,
        imports=imports,
        labels=labels,
        labels_reachable=reachable,
        required=catalogue_names(labels),
        exports=tuple(_export(export, imports) for export in report.exports),
        notes=report.notes + notes,
        embedded=embedded,
    )


def _judged(item: ImportReport, override: Override) -> ImportReport:
    return replace(
        item,
        labels=override.labels,
        names=tuple(sorted(catalogue_names(override.labels))),
        note=f"overridden: {shown(override.reason)}",
    )


def _export(export: ExportReport, imports: tuple[ImportReport, ...]) -> ExportReport:
    if not export.imports:  # nothing, or too many to be listed
        return export
    labels = by_risk(label for index in export.imports for label in imports[index].labels)
    added = set(labels) - set(export.labels)
    return replace(
        export, labels=labels, labels_private=by_risk((set(export.labels_private) & set(labels)) | added)
    )


def _note(item: ImportReport, override: Override) -> Note:
    who = f" by {shown(override.by)}" if override.by else ""
    was = ", ".join(item.labels) or "nothing"
    now = ", ".join(override.labels) or "nothing"
    return Note(
        "N20",
        "note",
        f"{shown(item.module)}.{shown(item.name)} counts as {shown(now)} instead of {shown(was)}{who}: {shown(override.reason)}",
    )
