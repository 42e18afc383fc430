# SPDX-License-Identifier: MIT
"""`munition infer`: what modules can do, read from their bytes, with evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from munition.cli import options
from munition.cli.analyzing import (
    Analysed,
    Task,
    analyse_all,
    default_workers,
    find_modules,
    first_error,
    options_of,
    overrides_of,
)
from munition.cli.exits import EXITS
from munition.cli.json_values import dumps
from munition.cli.show import SCHEMA, error_object, show_failure
from munition.cli.terminal import harmless, put_bytes, put_line
from munition.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.analysis.model import Report

    Found = list[tuple[str, Report]]


@click.command("infer")
@click.argument("modules", nargs=-1, required=True, metavar="FILE...")
@options.as_json
@click.option("--sarif", is_flag=True, help="Write a SARIF 2.1.0 log to standard output.")
@click.option(
    "--html", is_flag=True, help="Write a self-contained page, call paths drawn, to standard output."
)
@click.option("--per-export", is_flag=True, help="Say what each export can lead to.")
@click.option(
    "--why", metavar="CAPABILITY", help="Show every import behind a capability or label, and the way to it."
)
@click.option(
    "--against",
    type=click.Choice(["manifest"]),
    help="Compare with what the module's manifest declares; exit 3 if it needs more.",
)
@click.option(
    "--glue", metavar="FILE", help="JavaScript beside the module, for hints about minified imports."
)
@options.own_map
@options.overrides
@options.workers
def command(
    modules: tuple[str, ...],
    *,
    as_json: bool,
    sarif: bool,
    html: bool,
    per_export: bool,
    why: str | None,
    against: str | None,
    glue: str | None,
    own_map: str | None,
    overrides: tuple[str, ...],
    workers: int | None,
) -> int:
    """Say which capabilities modules and components need: files, and directories of .wasm files.

    The bytes alone are believed. Names, manifests and JavaScript are shown as claims and hints; what nobody has described is
    opaque.
    """
    if sum((as_json, sarif, html, why is not None)) > 1:
        raise UsageError("--json, --sarif, --html and --why exclude one another")
    _check_why(why)
    task = Task(options_of(glue, own_map, exports=per_export or as_json or html), overrides_of(overrides))
    results = analyse_all(find_modules(modules), task, workers or default_workers())
    failed = first_error(results)
    if len(results) == 1 and failed is not None:
        raise failed
    reports = [(result.name, result.report) for result in results if result.report is not None]
    missing = {name: _undeclared(report) for name, report in reports} if against else {}
    exceeded = any(missing.values())
    if as_json:
        put_line(dumps(_object(results, missing, exceeded=exceeded)))
    elif sarif:
        _put_sarif(reports)
    elif html:
        from munition.analysis.as_html import report_page

        put_bytes(report_page(reports).encode("utf-8"))
    else:
        put_line(harmless(_text(reports, why, per_export=per_export, missing=missing)))
    for result in results:
        if result.error is not None and not as_json:
            show_failure(result.error)
    if failed is not None:
        return EXITS[failed.kind].code
    return EXITS["denied"].code if exceeded else 0


def _check_why(why: str | None) -> None:
    """Refuse a capability nothing could ever carry.

    Raises:
        UsageError: it is neither a label, nor a family of labels, nor a name of the catalogue.
    """
    if why is not None:
        from munition.analysis.settings import terms

        terms((why,), "--why")


def _put_sarif(reports: Found) -> None:
    from munition._version import __version__
    from munition.analysis.as_sarif import sarif_log

    put_line(dumps(sarif_log(reports, __version__)))


def _undeclared(report: Report) -> tuple[str, ...]:
    """What a module needs beyond its manifest; everything, where it has none."""
    declared: frozenset[str] = frozenset() if report.manifest is None else report.manifest.capabilities.names
    return tuple(sorted(report.required - declared))


def _object(
    results: Sequence[Analysed], missing: dict[str, tuple[str, ...]], *, exceeded: bool
) -> dict[str, Any]:
    from munition.analysis.as_json import report_object

    failed = first_error(results)
    kind = failed.kind if failed else "denied" if exceeded else "ok"
    files: list[dict[str, Any]] = []
    for result in results:
        entry: dict[str, Any] = {"file": result.name}
        if result.report is not None:
            entry |= report_object(result.report)
        elif result.error is not None:
            entry |= {"error": error_object(result.error)}
        if result.name in missing:
            entry["undeclared"] = list(missing[result.name])
        files.append(entry)
    return {"schema": SCHEMA, "kind": kind, "reason": failed.reason if failed else "", "files": files}


def _text(reports: Found, why: str | None, *, per_export: bool, missing: dict[str, tuple[str, ...]]) -> str:
    from munition.analysis.as_text import report_text, why_text

    parts: list[str] = []
    for name, report in reports:
        text = why_text(name, report, why) if why else report_text(name, report, per_export=per_export)
        if name in missing:
            beyond = ", ".join(missing[name])
            text += f"\n\n{'it needs more than its manifest declares: ' + beyond if beyond else 'its manifest declares all it needs'}"
        parts.append(text)
    return "\n\n".join(parts)
