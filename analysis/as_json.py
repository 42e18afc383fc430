# SPDX-License-Identifier: MIT
"""A report as plain data for JSON. The shape has a version and only grows within it (docs/inference.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from munition.capability.taxonomy_labels import label_of

if TYPE_CHECKING:
    from munition.analysis.compare import Difference
    from munition.analysis.model import ImportReport, Path, Report
    from munition.analysis.policy import Violation

VERSION: Final = "munition-analysis/1"


def report_object(report: Report) -> dict[str, Any]:
    """Everything in a report."""
    return {
        "version": VERSION,
        "form": report.form.value,
        "size": report.size,
        "sha256": report.sha256,
        "toolchain": report.toolchain,
        "required": sorted(report.required),
        "declared": None if report.manifest is None else list(report.manifest.capabilities.spellings()),
        "labels": [_label(label, label in report.labels_reachable) for label in report.labels],
        "imports": [import_object(item) for item in report.imports],
        "exports": [
            {
                "name": e.name,
                "function": e.function,
                "labels": list(e.labels),
                "labels_if_tables_private": list(e.labels_private),
                "imports": list(e.imports),
            }
            for e in report.exports
        ],
        "payloads": [
            {"name": p.name, "kind": p.kind, "message": p.message, "evidence": list(p.evidence)}
            for p in report.payloads
        ],
        "notes": [{"code": n.code, "severity": n.severity, "message": n.message} for n in report.notes],
        "shape": {
            "functions": report.shape.functions,
            "reached": report.shape.reached,
            "tables_visible": report.shape.tables_visible,
            "bodies_read": report.shape.bodies_read,
            "features": list(report.shape.features),
        },
        "embedded": [{"name": e.name, "report": report_object(e.report)} for e in report.embedded],
    }


def _label(name: str, reachable: bool) -> dict[str, Any]:
    about = label_of(name)
    return {
        "label": name,
        "capability": about.catalogue,
        "risk": about.risk.name.lower(),
        "summary": about.summary,
        "reachable": reachable,
    }


def import_object(item: ImportReport) -> dict[str, Any]:
    """One import."""
    return {
        "index": item.index,
        "module": item.module,
        "name": item.name,
        "kind": item.kind,
        "type": item.type,
        "family": item.family,
        "labels": list(item.labels),
        "needs": list(item.names),
        "reachable": item.reachable,
        "path": None if item.path is None else path_object(item.path),
        "arguments": [
            {"position": a.position, "name": a.name, "values": None if a.values is None else list(a.values)}
            for a in item.arguments
        ],
        "hints": [{"source": h.source, "text": h.text, "labels": list(h.labels)} for h in item.hints],
        "flags": list(item.flags),
        "note": item.note,
    }


def path_object(path: Path) -> dict[str, Any]:
    """A way from outside to an import."""
    return {
        "entry": path.entry.value,
        "export": path.export,
        "through": list(path.through),
        "steps": [
            {"function": s.function, "name": s.name, "edge": s.edge.value, "offset": s.offset}
            for s in path.steps
        ],
    }


def difference_object(found: Difference) -> dict[str, Any]:
    """The difference of two reports."""
    return {
        "version": VERSION,
        "gained": list(found.gained),
        "lost": list(found.lost),
        "became_reachable": list(found.became_reachable),
        "became_unreachable": list(found.became_unreachable),
        "imports_added": [import_object(i) for i in found.imports_added],
        "imports_removed": [import_object(i) for i in found.imports_removed],
        "relabelled": [import_object(i) for i in found.relabelled],
        "exports_moved": [
            {
                "name": m.name,
                "before": None if m.before is None else list(m.before),
                "after": None if m.after is None else list(m.after),
            }
            for m in found.moved
        ],
        "payloads_added": list(found.payloads_added),
        "payloads_removed": list(found.payloads_removed),
    }


def violation_object(found: Violation) -> dict[str, Any]:
    """One violation of a policy."""
    return {
        "label": found.label,
        "export": found.export,
        "message": found.message,
        "imports": [import_object(item) for item in found.imports],
    }
