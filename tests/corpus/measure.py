# SPDX-License-Identifier: MIT
"""How good the analysis is, layer by layer: shapes, traces, hand labels, speed; and the table of the corpus for the docs.

    python -m tests.corpus.measure [FOLDER] [--table]

Ends with 1 when a requirement is missed: recall below 1 on shapes or traces, precision below 0.9 on shapes.
"""

from __future__ import annotations

import csv
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import wasmtime

from munition.analysis import Options, Report, analyze
from munition.analysis.model import Form
from munition.analysis.naming import shown
from tests.corpus import fetch
from tests.corpus.trace import traced
from tests.unit.analysis.component_shapes import COMPONENT_SHAPES
from tests.unit.analysis.shapes import SHAPES

HERE = Path(__file__).parent


def say(text: str) -> None:
    """One line of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def score(right: int, wrong: int, missed: int) -> str:
    """Precision and recall as text."""
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return f"precision {precision:.3f} ({right} right, {wrong} wrong), recall {recall:.3f} ({missed} missed)"


def shapes() -> bool:
    """Reachable imports of the modules whose truth is known by construction."""
    right = wrong = missed = 0
    for shape in SHAPES:
        report = analyze(bytes(wasmtime.wat2wasm(shape.wat)))
        said = {i.name for i in report.imports if i.kind == "func" and i.reachable} & {"a", "b", "c"}
        truth = set(shape.truth.split())
        right, wrong, missed = (
            right + len(said & truth),
            wrong + len(said - truth),
            missed + len(truth - said),
        )
    say(f"shapes: {len(SHAPES)} modules, reachable imports: {score(right, wrong, missed)}")
    return missed == 0 and right / (right + wrong) >= 0.9


def components() -> bool:
    """What each export of the components whose truth is known by construction leads to."""
    right = wrong = missed = 0
    for shape in COMPONENT_SHAPES:
        report = analyze(bytes(wasmtime.wat2wasm(shape.text)))
        names = {i.index: i.name for i in report.imports if i.kind == "func"}
        for export in report.exports:
            listed = export.imports if report.shape.bodies_read else names
            said = {names[i] for i in listed if i in names} & {"a", "b", "c"}
            truth = set(shape.exports[export.name].split())
            right += len(said & truth)
            wrong += len(said - truth)
            missed += len(truth - said)
    say(f"components: {len(COMPONENT_SHAPES)}, imports each export leads to: {score(right, wrong, missed)}")
    return missed == 0 and right / (right + wrong) >= 0.9


def traces(reports: dict[str, tuple[bytes, Report]]) -> bool:
    """What runs touched against what was called reachable."""
    runs = touched = missed = static = 0
    for name, (data, report) in reports.items():
        seen = traced(data)
        if seen is None:
            continue
        runs += 1
        reachable = {(i.module, i.name) for i in report.imports if i.reachable}
        static += len(reachable)
        touched += len(seen)
        for pair in sorted(seen - reachable):
            missed += 1
            say(f"  MISSED in {name}: {pair}")
    say(
        f"traces: {runs} modules run, {touched} imports exercised of {static} reachable, {missed} outside the reachable set"
    )
    return missed == 0


def labels(reports: dict[str, tuple[bytes, Report]]) -> None:
    """Names of the catalogue against hand labels; `opaque` is an abstention that covers everything."""
    right = wrong = missed = abstained = modules = 0
    errors: dict[str, int] = {}
    packages = {row.file: row.package for row in fetch.rows()}
    shares: dict[str, list[float]] = {}
    with (HERE / "labels.tsv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            if row["file"] not in reports:
                continue
            modules += 1
            said, truth = set(reports[row["file"]][1].required), set(row["capabilities"].split())
            abstained += "opaque" in said
            missed += 0 if "opaque" in said else len(truth - said)
            said.discard("opaque")
            right, wrong = right + len(said & truth), wrong + len(said - truth)
            if said:
                shares.setdefault(packages[row["file"]], []).append(len(said & truth) / len(said))
            for name in said - truth:
                errors[name] = errors.get(name, 0) + 1
    say(
        f"labels: {modules} modules, {abstained} of them opaque in part; other names: {score(right, wrong, missed)}"
    )
    each = [statistics.mean(found) for found in shares.values()]
    say(f"  precision with every package counting once: {statistics.mean(each):.3f} ({len(each)} packages)")
    say("  said without need: " + ", ".join(f"{name} {count}" for name, count in sorted(errors.items())))


def speed(reports: dict[str, tuple[bytes, Report]]) -> None:
    """Processor time of the analysis and of the engine's validation, best of three, same file, same process."""
    engine = wasmtime.Engine()
    rates: list[float] = []
    ratios: list[float] = []
    whole: list[float] = []
    for data, report in reports.values():
        ours = best(lambda d=data: analyze(d, Options(exports=False)))
        if report.form is Form.COMPONENT:  # the engine's bindings for Python validate modules only
            whole.append(len(data) / 1e6 / ours)
            continue
        theirs = best(lambda d=data: validate(engine, d))
        if len(data) >= 100_000:
            rates.append(len(data) / 1e6 / ours)
            ratios.append(ours / theirs)
    say(
        f"speed: {len(rates)} modules of 0.1 MB and more: median {statistics.median(rates):.1f} MB/s, slowest {min(rates):.1f} MB/s,"
        f" {1048.576 / statistics.median(rates):.0f} ms per MiB; against validation median {statistics.median(ratios):.1f}x, worst {max(ratios):.1f}x,"
        f" above 8x {sum(r > 8 for r in ratios)}"
    )
    if whole:
        say(f"  {len(whole)} components: {min(whole):.1f} to {max(whole):.1f} MB/s")


def validate(engine: wasmtime.Engine, data: bytes) -> None:
    """The engine's own check; what it refuses counts too."""
    try:
        wasmtime.Module.validate(engine, data)
    except wasmtime.WasmtimeError:
        return


def best(run: Any) -> float:
    """The shortest of three runs."""
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return max(min(times), 1e-6)


def table(reports: dict[str, tuple[bytes, Report]]) -> None:
    """The corpus as a Markdown table."""
    say("| module | size | made by | labels | exports with less (sound / private tables) |")
    say("|---|---|---|---|---|")
    for name, (data, report) in reports.items():
        smaller = sum(e.labels != report.labels for e in report.exports)
        private = sum(e.labels_private != report.labels for e in report.exports)
        said = ", ".join(map(shown, report.labels)) or "none"
        say(
            f"| {name} | {len(data):,} | {shown(report.toolchain, 60)} | {said} | {smaller} / {private} of {len(report.exports)} |"
        )


def main() -> int:
    """All layers."""
    words = [word for word in sys.argv[1:] if word != "--table"]
    place = Path(words[0]) if words else fetch.folder()
    reports: dict[str, tuple[bytes, Report]] = {}
    for row in fetch.rows():
        path = place / row.file
        if path.is_file():
            data = path.read_bytes()
            reports[row.file] = (data, analyze(data))
    if "--table" in sys.argv:
        table(reports)
        return 0
    say(
        f"corpus: {len(reports)} of {len(fetch.rows())} modules analysed, {sum(len(d) for d, _ in reports.values()) / 1e6:.1f} MB"
    )
    fine = shapes()
    fine = components() and fine
    if reports:
        fine = traces(reports) and fine
        labels(reports)
        speed(reports)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
