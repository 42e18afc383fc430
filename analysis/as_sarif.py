# SPDX-License-Identifier: MIT
"""Reports as a SARIF 2.1.0 log (OASIS standard): one rule per label, level by risk, ways as code flows over byte offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from munition.analysis.as_text import import_text, step_text
from munition.analysis.naming import shown
from munition.capability.names import Risk
from munition.capability.taxonomy_labels import HOST_PREFIX, LABELS, label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.analysis.model import ImportReport, Path, Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {
    Risk.OUTPUT: "none",
    Risk.OBSERVE: "note",
    Risk.READ: "note",
    Risk.CHANGE: "warning",
    Risk.REACH: "warning",
    Risk.CONTROL: "error",
    Risk.UNKNOWN: "error",
}
_MAX_RESULTS: Final = 25_000
"""What common readers of SARIF take in one run."""


def sarif_log(reports: Sequence[tuple[str, Report]], version: str) -> dict[str, Any]:
    """A log with one run over all reports, each given with the path of its file."""
    rules = list(LABELS)
    numbers = {name: position for position, name in enumerate(rules)}
    results: list[dict[str, Any]] = []
    for uri, report in reports:
        results += _results(uri, report, numbers)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "munition",
                        "version": version,
                        "rules": [_rule(name) for name in rules],
                    }
                },
                "artifacts": [
                    {"location": {"uri": _uri(uri)}, "length": r.size, "hashes": {"sha-256": r.sha256}}
                    for uri, r in reports
                ],
                "columnKind": "unicodeCodePoints",
                "results": results[:_MAX_RESULTS],
            }
        ],
    }


def _rule(name: str) -> dict[str, Any]:
    about = label_of(name)
    return {
        "id": name,
        "name": "".join(part.capitalize() for part in name.replace(":", ".").split(".")),
        "shortDescription": {"text": about.summary},
        "fullDescription": {"text": f"The module can {about.summary}."},
        "help": {"text": f"A hostile module would: {about.hostile}"},
        "defaultConfiguration": {"level": _LEVELS[about.risk]},
        "properties": {"capability": about.catalogue or "none", "risk": about.risk.name.lower()},
    }


def _results(uri: str, report: Report, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """One result per import and label; the modules in a component import nothing that its world does not."""
    return [_result(uri, item, label, numbers) for item in report.imports for label in item.labels]


def _result(uri: str, item: ImportReport, label: str, numbers: dict[str, int]) -> dict[str, Any]:
    rule = "host" if label.startswith(HOST_PREFIX) else label
    text = f"can {label_of(label).summary}: imports {import_text(item)}"
    location = _location(uri, item.path.steps[-1].offset if item.path else None)
    location["logicalLocations"] = [
        {"fullyQualifiedName": f"{shown(item.module)}.{shown(item.name)}", "kind": "function"}
    ]
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        "level": _LEVELS[label_of(label).risk],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"import/v1": f"{shown(item.module)}.{shown(item.name)}/{label}"},
        "properties": {"label": shown(label), "reachable": item.reachable},
    }
    if item.path is not None:
        result["codeFlows"] = [{"threadFlows": [{"locations": _flow(uri, item.path)}]}]
    return result


def _flow(uri: str, path: Path) -> list[dict[str, Any]]:
    return [
        {
            "location": {
                **_location(uri, step.offset),
                "message": {"text": f"{step_text(step)} ({step.edge})"},
                "logicalLocations": [{"name": step_text(step), "kind": "function"}],
            }
        }
        for step in path.steps
    ]


def _location(uri: str, offset: int | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(uri)}}
    if offset is not None:
        physical["region"] = {"byteOffset": offset, "byteLength": 1}
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    return quote(path.replace("\\", "/"), safe="/:._-~+@")
