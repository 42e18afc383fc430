# SPDX-License-Identifier: MIT
"""How the end of a fire is shown: results on standard output, everything else on standard error, or one JSON object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, assert_never

from munition.cli.json_values import dumps, encode
from munition.cli.show import SCHEMA
from munition.cli.terminal import complain, note, put_line
from munition.host.log import Entry, Record, Text

if TYPE_CHECKING:
    from munition.engine.outcome import Crash, Frame, Outcome
    from munition.source import Source

_STREAMS = {1: "stdout", 2: "stderr"}
_MAX_FRAMES = 10


def outcome_object(outcome: Outcome) -> dict[str, Any]:
    """The JSON object of `run --json` and `fire --json`; docs/errors.md describes it."""
    fired = outcome.fired
    return {
        "schema": SCHEMA,
        "kind": outcome.kind,
        "reason": outcome.reason,
        "values": [encode(value) for value in outcome.values],
        "error": None if outcome.crash is None else _crash_object(outcome.crash),
        "fuel_used": outcome.fuel_used,
        "fuel_exact": outcome.fuel_exact,
        "elapsed": round(outcome.elapsed, 6),
        "peak_memory": outcome.peak_memory,
        "log": [_entry_object(entry) for entry in outcome.log],
        "module": fired.sha256,
        "caps": {
            "declared": None if fired.declared is None else list(fired.declared),
            "required": list(fired.required),
            "granted": list(fired.granted),
        },
    }


def _crash_object(crash: Crash) -> dict[str, Any]:
    found: dict[str, Any] = {"message": crash.message, "help": crash.help}
    if crash.error is not None:
        found |= {
            "value": encode(crash.error.value),
            "line": crash.error.line,
            "file": crash.error.file,
            "traceback": crash.error.traceback,
        }
    if crash.capabilities:
        found["capabilities"] = list(crash.capabilities)
    found["frames"] = [
        {"function": f.function, "name": f.name, "offset": f.offset, "line": f.line} for f in crash.frames
    ]
    return found


def _entry_object(entry: Entry) -> dict[str, Any]:
    match entry:
        case Text(stream=stream, data=data):
            return {"stream": _STREAMS[stream], "text": encode(_text_of(data))}
        case Record(level=level, message=message, fields=fields):
            return {"level": level, "message": message, "fields": encode(fields) if fields else {}}
        case _:
            assert_never(entry)


def _text_of(data: bytes) -> str | bytes:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def show_values(outcome: Outcome) -> None:
    """One line of JSON with the results, if there are any."""
    if outcome.values:
        put_line(dumps([encode(value) for value in outcome.values]))


def show_records(outcome: Outcome) -> None:
    """The structured records, one line each, on standard error."""
    for entry in outcome.log:
        if isinstance(entry, Record):
            fields = f" {dumps(encode(entry.fields))}" if entry.fields else ""
            complain(f"{entry.level}: {_one_line(entry.message)}{fields}")


def _one_line(text: str) -> str:
    return text.replace("\n", "\\n").replace("\t", "\\t")


def show_crash(outcome: Outcome, sources: tuple[Source, ...]) -> None:
    """What went wrong, where, what was used, and what to do about it, on standard error."""
    crash = outcome.crash
    if crash is None:
        return
    lines = [f"error[{outcome.kind}]: {crash.message or crash.reason}"]
    lines += _excerpt(crash, sources)
    if (
        crash.error is not None
        and crash.error.value is not None
        and not isinstance(crash.error.value, (str, bytes))
    ):
        lines.append(f"  = value: {dumps(encode(crash.error.value))}")
    if crash.error is not None and crash.error.traceback:
        lines += crash.error.traceback.rstrip("\n").split("\n")
    else:
        placed = [frame for frame in crash.frames if frame.line] or crash.frames
        lines += ["  in " + _frame(frame) for frame in placed[:_MAX_FRAMES]]
    if outcome.kind not in {"denied", "invalid"}:
        lines.append(f"  = used: {_used(outcome)}")
    if crash.help:
        lines.append(f"  = help: {crash.help}")
    complain("\n".join(lines))


def _excerpt(crash: Crash, sources: tuple[Source, ...]) -> list[str]:
    """The source line the error points at, marked as compile errors mark theirs."""
    source, line = _place(crash, sources)
    if source is None or not line or line > len(source.line_starts):
        return []
    from munition.diagnostics import Diagnostic, render
    from munition.source import Span

    start = source.line_starts[line - 1]
    raw = source.line_bytes(line).rstrip()
    indent = len(raw) - len(raw.lstrip())
    shown = render(Diagnostic("", "", Span(start + indent, start + len(raw))), source)
    return shown.split("\n")[1:]


def _place(crash: Crash, sources: tuple[Source, ...]) -> tuple[Source | None, int | None]:
    """Where it went wrong: in the script, which is the first source, or in a module, which messages and frames name."""
    if not sources:
        return None, None
    if crash.error is None:
        frame = next((f for f in crash.frames if f.line), None)
        if frame is None:
            return None, None
        if frame.file is None:
            return sources[0], frame.line
        return next((s for s in sources[1:] if s.name == frame.file), None), frame.line
    if crash.error.line:
        file = crash.error.file
        return next((s for s in sources if file is None or s.name == file), None), crash.error.line
    # An error of a library function may have no position; then the innermost function of the script tells.
    for text in (crash.error.message, *crash.error.traceback.split("\n\t")):
        for source in sources:
            found = re.match(rf"{re.escape(source.name)}:([0-9]{{1,9}}):", text)
            if found:
                return source, int(found.group(1))
    return None, None


def _frame(frame: Frame) -> str:
    name = frame.name or f"function {frame.function}"
    file = f" of {frame.file}" if frame.file else ""
    place = f", line {frame.line}{file}" if frame.line else ""
    offset = "" if frame.offset is None else f" at byte {frame.offset:#x}"
    return f"{name}{place}{offset}"


def _used(outcome: Outcome) -> str:
    least = "" if outcome.fuel_exact else "at least "
    memory = f"{outcome.peak_memory >> 10:,} KiB of memory"
    return f"{least}{outcome.fuel_used:,} fuel, {memory}, {outcome.elapsed:.3f} s"


def show_summary(outcome: Outcome) -> None:
    """What `-v` asks for: how it ended, what it used, what it needed and was given."""
    fired = outcome.fired
    needs = ", ".join(fired.required) or "nothing"
    given = ", ".join(fired.granted) or "nothing"
    note(f"{outcome.kind}: used {_used(outcome)}")
    note(f"module {fired.sha256[:16]}: needs {needs}; granted {given}")
