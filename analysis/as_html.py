# SPDX-License-Identifier: MIT
"""Reports as one self-contained page: no script, nothing loaded, call paths drawn as SVG.

Every name is escaped twice over: control characters by `shown`, markup by `html.escape`.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from munition.analysis.as_text import import_text, step_text
from munition.analysis.model import Edge, Entry
from munition.analysis.naming import shown
from munition.capability.taxonomy_labels import label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.analysis.model import ExportReport, ImportReport, Path, Report

_MAX_DRAWN: Final = 8
_MAX_EXPORTS: Final = 500
_BOX_HEIGHT, _GAP, _LETTER, _ROW = 30, 42, 8.0, 46
_WIDTH: Final = 980
_LETTERS, _END_LETTERS = 40, 90

_STYLE: Final = """
:root{--ink:#1c2024;--soft:#60646c;--line:#d9d9e0;--page:#fcfcfd;--card:#fff;--low:#30a46c;--mid:#d97706;--high:#ce2c31;--box:#f0f0f3}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--line:#363a3f;--page:#111113;--card:#18191b;--box:#212225}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);margin:0 auto;max-width:1060px;padding:24px}
h1{font-size:1.5em;margin:0 0 4px}h2{font-size:1.15em;margin:28px 0 8px;overflow-wrap:anywhere}p{margin:4px 0}.soft{color:var(--soft)}
code,svg text,td{font-family:ui-monospace,monospace;font-size:13px}code{overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 18px;margin:12px 0}
section h3{margin:0 0 2px;font-size:1.02em}.risk{float:right;font-size:12px;padding:1px 9px;border-radius:9px;color:#fff;background:var(--low)}
.read,.change,.reach{background:var(--mid)}.control,.unknown{background:var(--high)}
svg{display:block;max-width:100%;height:auto;margin:8px 0}svg rect{fill:var(--box);stroke:var(--line)}svg .end{stroke:var(--high)}
svg text{fill:var(--ink)}svg path{stroke:var(--soft);fill:none;stroke-width:1.4}svg .indirect{stroke-dasharray:5 4}svg .callback{stroke-dasharray:2 3}
svg marker path{fill:var(--soft);stroke:none}table{border-collapse:collapse;width:100%}td,th{border-top:1px solid var(--line);padding:4px 8px;text-align:left;vertical-align:top;overflow-wrap:anywhere}
ul{margin:6px 0;padding-left:20px}summary{cursor:pointer}
"""

_ENTRIES: Final = {Entry.START: "at start", Entry.TABLE: "table element", Entry.REFERENCE: "reference"}


def report_page(reports: Sequence[tuple[str, Report]]) -> str:
    """The page for one or more reports, each given with the name of its file."""
    title = "What the module can do" if len(reports) == 1 else f"What {len(reports)} modules can do"
    body = "".join(_report(name, report) for name, report in reports)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        '<p class="soft">Solid arrows are direct calls, dashed ones indirect, dotted ones calls back from the host.'
        " Function names are claims of the module's author.</p>"
        f"{body}</body></html>\n"
    )


def _text(value: str, limit: int = 120) -> str:
    return escape(shown(value, limit))


def _report(name: str, report: Report) -> str:
    needs = ", ".join(sorted(report.required)) or "no capability"
    made = f" · {_text(report.toolchain)}" if report.toolchain else ""
    parts = [
        f"<h2>{_text(name)}</h2>",
        f"<p>Needs <b>{escape(needs)}</b>.</p>",
        f'<p class="soft">{report.form} · {report.size:,} bytes · {report.shape.functions:,} functions · {len(report.imports)} imports'
        f" · sha256 <code>{report.sha256}</code>{made}</p>",
        *(_capability(report, label) for label in reversed(report.labels)),
    ]
    if report.notes:
        notes = "".join(f"<li><b>{note.code}</b> {escape(note.message)}</li>" for note in report.notes)
        parts.append(f"<section><h3>Notes</h3><ul>{notes}</ul></section>")
    parts += [_exports(report), _imports(report)]
    parts += [_report(f"{name} / {e.name}", e.report) for e in report.embedded]
    return "".join(parts)


def _capability(report: Report, label: str) -> str:
    about = label_of(label)
    users = [item for item in report.imports if label in item.labels]
    drawn = sorted((i for i in users if i.path), key=lambda i: (len(i.path.steps) if i.path else 0, i.index))
    pictures = "".join(_drawing(i.path) for i in drawn[:_MAX_DRAWN] if i.path)
    rest = f'<p class="soft">and {len(drawn) - _MAX_DRAWN} more ways</p>' if len(drawn) > _MAX_DRAWN else ""
    others = "".join(f"<li><code>{escape(import_text(i))}</code></li>" for i in users if not i.path)
    return (
        f'<section><span class="risk {about.risk.name.lower()}">{about.risk.name.lower()}</span>'
        f"<h3>{_text(label)}</h3><p>It can {escape(about.summary)}.</p>"
        f'<p class="soft">A hostile module would: {escape(about.hostile)}</p>{pictures}{rest}'
        f"{f'<ul>{others}</ul>' if others else ''}</section>"
    )


def _exports(report: Report) -> str:
    if not report.exports:
        return ""
    rows = "".join(_export_row(export) for export in report.exports[:_MAX_EXPORTS])
    more = len(report.exports) - _MAX_EXPORTS
    tail = f'<p class="soft">and {more} more</p>' if more > 0 else ""
    return (
        f"<section><details><summary>Exports ({len(report.exports)})</summary><table><tr><th>export</th>"
        "<th>if the host may call every table element it can reach</th><th>if it never does</th></tr>"
        f"{rows}</table>{tail}</details></section>"
    )


def _export_row(export: ExportReport) -> str:
    sound, private = (
        ", ".join(_text(x) for x in labels) or "nothing" for labels in (export.labels, export.labels_private)
    )
    return f"<tr><td>{_text(export.name)}</td><td>{sound}</td><td>{private}</td></tr>"


def _imports(report: Report) -> str:
    rows = "".join(_import_row(item) for item in report.imports[:_MAX_EXPORTS])
    return (
        f"<section><details><summary>Imports ({len(report.imports)})</summary><table><tr><th>import</th><th>labels</th>"
        f"<th>interface</th></tr>{rows}</table></details></section>"
    )


def _import_row(item: ImportReport) -> str:
    labels = ", ".join(_text(x) for x in item.labels) or "harmless"
    note = f'<br><span class="soft">{escape(item.note)}</span>' if item.note else ""
    return (
        f"<tr><td>{escape(import_text(item))}</td><td>{labels}{note}</td><td>{_text(item.family)}</td></tr>"
    )


def _drawing(path: Path) -> str:
    """One way, left to right, in as many rows as it takes."""
    entry = f"export {path.export}" if path.export is not None else _ENTRIES.get(path.entry, str(path.entry))
    texts = [*path.through, entry, *(step_text(step) for step in path.steps)]
    edges = [*([Edge.ROOT] * (len(path.through) + 1)), *(step.edge for step in path.steps)]
    boxes: list[str] = []
    x, y = 4.0, 6.0
    for position, (text, edge) in enumerate(zip(texts, edges, strict=True)):
        cut = shown(text, _END_LETTERS if position == len(texts) - 1 else _LETTERS)
        width = len(cut) * _LETTER + 20
        if position:
            line, x, y = _arrow(x, y, width, edge)
            boxes.append(line)
        end = ' class="end"' if position == len(texts) - 1 else ""
        boxes.append(
            f'<rect{end} x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{_BOX_HEIGHT}" rx="6"/>'
        )
        boxes.append(f'<text x="{x + 10:.0f}" y="{y + 20:.0f}">{escape(cut)}</text>')
        x += width
    height = y + _BOX_HEIGHT + 6
    label = escape(f"call path from {shown(entry)} to {shown(texts[-1])}")
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" role="img" aria-label="{label}"><defs><marker id="tip" viewBox="0 0 8 8"'
        ' refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{''.join(boxes)}</svg>"
    )


def _arrow(x: float, y: float, width: float, edge: Edge) -> tuple[str, float, float]:
    """An arrow to the next box, and where that box goes: on this row if it fits."""
    style = {Edge.INDIRECT: ' class="indirect"', Edge.CALLBACK: ' class="callback"'}.get(edge, "")
    middle = y + _BOX_HEIGHT / 2
    if x + _GAP + width <= _WIDTH - 4:
        line = f'<path{style} marker-end="url(#tip)" d="M{x + 3:.0f} {middle:.0f}H{x + _GAP - 4:.0f}"/>'
        return line, x + _GAP, y
    below = y + _ROW
    line = f'<path{style} marker-end="url(#tip)" d="M{x + 3:.0f} {middle:.0f}h10v{_ROW / 2 + 1:.0f}H16v{_ROW / 2 - 1:.0f}H34"/>'
    return line, 38.0, below
