# SPDX-License-Identifier: MIT
"""A report for a person at a terminal. Names from the module are escaped and cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.analysis.model import Edge, Entry
from munition.analysis.naming import shown
from munition.capability.taxonomy_labels import label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from munition.analysis.compare import Difference
    from munition.analysis.model import ExportReport, ImportReport, Path, Report, Step

_MAX_LISTED: Final = 12
_ARROWS: Final = {Edge.ROOT: "", Edge.DIRECT: "-> ", Edge.INDIRECT: "~> ", Edge.CALLBACK: "<~ "}
_ENTRIES: Final = {
    Entry.START: "when it starts",
    Entry.TABLE: "table element",
    Entry.REFERENCE: "function reference",
}


def report_text(name: str, report: Report, *, per_export: bool = False) -> str:
    """The whole report: first what it needs, then each capability with its imports and the shortest way to one of them."""
    lines = [f"{shown(name)} needs {', '.join(_names(report)) or 'no capability'}"]
    lines += [f"  {report.form}, {report.size:,} bytes, sha256 {report.sha256[:16]}{_made_by(report)}"]
    for label in reversed(report.labels):
        lines += ["", *_capability(report, label)]
    harmless = [i for i in report.imports if not i.labels]
    if harmless:
        lines += ["", f"harmless by the conventions of their interface: {len(harmless)} imports"]
    if per_export:
        lines += ["", *exports_text(report)]
    if report.notes:
        lines += ["", *(f"{note.severity} {note.code}: {note.message}" for note in report.notes)]
    if report.manifest is not None:
        claim = report.manifest
        declared = ", ".join(claim.capabilities.spellings()) or "none"
        lines += [
            "",
            f"Its manifest declares: {declared} ({shown(claim.attenuator)}, {shown(claim.source_name)})",
        ]
    for embedded in report.embedded:
        lines += [
            "",
            f"inside it: {shown(embedded.name)}",
            *_indented(report_text(embedded.name, embedded.report)),
        ]
    return "\n".join(lines)


def _names(report: Report) -> list[str]:
    from munition.capability.names import NAMES

    return sorted(report.required, key=lambda name: (NAMES[name].risk, name))


def _made_by(report: Report) -> str:
    return f", seems to be {shown(report.toolchain)}" if report.toolchain else ""


def _indented(text: str) -> list[str]:
    return ["    " + line if line else "" for line in text.split("\n")]


def _capability(report: Report, label: str) -> Iterator[str]:
    about = label_of(label)
    name = f" = {about.catalogue}" if about.catalogue and about.catalogue != label else ""
    yield f"{shown(label)}{name} ({about.risk.name.lower()}): {about.summary}"
    users = [item for item in report.imports if label in item.labels]
    for item in users[:_MAX_LISTED]:
        yield f"  {import_text(item)}"
    if len(users) > _MAX_LISTED:
        yield f"  and {len(users) - _MAX_LISTED} more"
    shortest = min((i.path for i in users if i.path), key=lambda p: len(p.steps), default=None)
    if shortest is not None:
        yield f"  way: {path_text(shortest)}"


def import_text(item: ImportReport) -> str:
    """One import on one line."""
    kind = "" if item.kind == "func" else f" ({item.kind})"
    said = "".join(f", {a.name} = {' or '.join(map(str, a.values))}" for a in item.arguments if a.values)
    idle = "" if item.reachable else ", nothing leads to it"
    hints = "".join(f", {hint.source} says: {hint.text}" for hint in item.hints)
    flags = f", odd name: {', '.join(map(shown, item.flags))}" if item.flags else ""
    return f"{shown(item.module)} {shown(item.name)}{kind}{said}{idle}{flags}{hints}"


def path_text(path: Path) -> str:
    """A way as one line; `->` is a direct call, `~>` an indirect one, `<~` a call back from the host."""
    first = (
        f"export {shown(path.export)}" if path.export is not None else _ENTRIES.get(path.entry, path.entry)
    )
    steps = "".join(f" {_ARROWS[step.edge]}{step_text(step)}" for step in path.steps)
    around = "".join(f"{shown(part)} / " for part in path.through)
    return f"{around}[{first}]{steps}"


def step_text(step: Step) -> str:
    """A function by its name, which is a claim, or by its number."""
    if step.function < 0:
        return f"({step.name})"
    return shown(step.name, 60) if step.name else f"f{step.function}"


def exports_text(report: Report) -> Iterator[str]:
    """What each export can lead to, exports with the same answer together."""
    yield "Exports (if the host may call every table element it can reach / if it never does):"
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[ExportReport]] = {}
    for export in report.exports:
        groups.setdefault((export.labels, export.labels_private), []).append(export)
    for (sound, private), exports in groups.items():
        more = f" and {len(exports) - _MAX_LISTED} more" if len(exports) > _MAX_LISTED else ""
        names = ", ".join(shown(e.name) for e in exports[:_MAX_LISTED]) + more
        yield f"  {names}"
        yield f"    {', '.join(map(shown, sound)) or 'nothing'}"
        if private != sound:
            yield f"    never through tables: {', '.join(map(shown, private)) or 'nothing'}"


def why_text(name: str, report: Report, capability: str) -> str:
    """Everything that brings one capability in, each import with its way."""
    users = _carriers(report, capability)
    lines = [f"{shown(name)}: {len(users)} imports carry {shown(capability)}"]
    for item in users:
        lines.append(f"{import_text(item)}: {', '.join(map(shown, item.labels))}")
        if item.note:
            lines.append(f"  {item.note}")
        if item.path is not None:
            lines.append(f"  way: {path_text(item.path)}")
            lines += [f"    {_place(step)}" for step in item.path.steps]
        elif not item.reachable:
            lines.append("  nothing leads to it")
    for embedded in report.embedded:
        if _carriers(embedded.report, capability):
            lines += ["", *_indented(why_text(embedded.name, embedded.report, capability))]
    return "\n".join(lines)


def _carriers(report: Report, capability: str) -> list[ImportReport]:
    by_label = {item.index for item in report.uses(capability)}
    return [item for item in report.imports if item.index in by_label or capability in item.names]


def _place(step: Step) -> str:
    where = "" if step.offset is None else f" by the instruction at byte {step.offset:#x}"
    how = {Edge.ROOT: "called from outside", Edge.DIRECT: "called", Edge.INDIRECT: "called indirectly"}.get(
        step.edge, "called back"
    )
    return f"{step_text(step)}: {how}{where}"


def difference_text(old: str, new: str, found: Difference) -> str:
    """The difference of two reports for a person."""
    lines = [f"{shown(old)} -> {shown(new)}"]
    for sign, labels, text in (
        ("+", found.gained, "gained"),
        ("-", found.lost, "lost"),
        ("+", found.became_reachable, "now reachable"),
        ("-", found.became_unreachable, "no longer reachable"),
    ):
        lines += [f"{sign} {shown(label)} ({text}): {label_of(label).summary}" for label in labels]
    lines += [f"+ payload {name}" for name in found.payloads_added]
    lines += [f"- payload {name}" for name in found.payloads_removed]
    lines += _listed("+ import", [import_text(i) for i in found.imports_added])
    lines += _listed("- import", [import_text(i) for i in found.imports_removed])
    lines += _listed(
        "~ import", [f"{import_text(i)}: now {', '.join(i.labels) or 'harmless'}" for i in found.relabelled]
    )
    lines += _moved(found)
    if len(lines) == 1:
        lines.append("the same capabilities, imports and exports")
    return "\n".join(lines)


def _listed(head: str, items: list[str]) -> list[str]:
    more = [f"{head}s: {len(items) - _MAX_LISTED} more"] if len(items) > _MAX_LISTED else []
    return [f"{head} {item}" for item in items[:_MAX_LISTED]] + more


def _moved(found: Difference) -> list[str]:
    """Exports whose capabilities changed, those with the same change together."""
    groups: dict[str, list[str]] = {}
    for moved in found.moved:
        groups.setdefault(_change(moved.before, moved.after), []).append(shown(moved.name))
    return [
        f"~ {len(names)} export{'s' if len(names) > 1 else ''} {change}: {', '.join(names[:_MAX_LISTED])}"
        f"{f' and {len(names) - _MAX_LISTED} more' if len(names) > _MAX_LISTED else ''}"
        for change, names in groups.items()
    ]


def _change(before: tuple[str, ...] | None, after: tuple[str, ...] | None) -> str:
    if after is None:
        return "gone"
    if before is None:
        return f"new, can {', '.join(map(shown, after)) or 'do nothing'}"
    gained = [shown(label) for label in after if label not in before]
    lost = [shown(label) for label in before if label not in after]
    return ", ".join(
        [*(["gained " + ", ".join(gained)] if gained else []), *(["lost " + ", ".join(lost)] if lost else [])]
    )
