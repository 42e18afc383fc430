# SPDX-License-Identifier: MIT
"""What `run` and `fire` share: one fire, its output passed on as it comes, its end shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from munition.cli.json_values import dumps
from munition.cli.outcomes import outcome_object, show_crash, show_records, show_summary, show_values
from munition.cli.terminal import ByteSink, OutputError, put_line
from munition.engine.outcome import EXIT_CODES

if TYPE_CHECKING:
    from munition.capability.model import CapabilitySet
    from munition.engine.limits import Limits
    from munition.engine.outcome import Outcome
    from munition.host.options import HostOptions
    from munition.module import Module
    from munition.source import Source


@dataclass(frozen=True, slots=True)
class Shot:
    """One fire that is about to happen.

    Attributes:
        module: what to fire; a `Module` when it was just compiled here.
        function: the function to call, or None for the chunk alone.
        arguments: what it is called with.
        granted: what it may do.
        limits: what it may use.
        sources: the script and the modules it requires, for showing the line of an error.
        host: how host functions behave.
        before: seconds of the time limit that compiling the script used up.
    """

    module: Module | bytes
    function: str | None
    arguments: Sequence[Any]
    granted: CapabilitySet
    limits: Limits
    sources: tuple[Source, ...] = ()
    host: HostOptions | None = None
    before: float = 0.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How the end is told: the options `--json`, `--raw`, `-v` and `-q`."""

    as_json: bool
    raw: bool
    verbose: bool
    quiet: bool


def fire_and_show(shot: Shot, manner: Manner) -> int:
    """Fire, pass the output on, show the end.

    Returns:
        The exit code.

    Raises:
        OutputError: standard output cannot be written.
        UsageError: what the engine says of the arguments.
    """
    from munition.engine.fire import fire

    out, err = ByteSink(sys.stdout, raw=manner.raw), ByteSink(sys.stderr, raw=manner.raw)

    def pass_on(stream: int, data: bytes) -> None:
        (out if stream == 1 else err).write(data)
        if out.failed:  # nobody reads any more: end the guest
            raise OutputError(OSError("the reader is gone"))

    outcome = fire(
        shot.module,
        shot.function,
        shot.arguments,
        capabilities=shot.granted,
        limits=shot.limits,
        output=None if manner.as_json else pass_on,
        host=shot.host,
    )
    outcome = _with_compiling(outcome, shot)
    if manner.as_json:
        put_line(dumps(outcome_object(outcome)))
    else:
        _show(outcome, shot.sources, manner, out, err)
    return EXIT_CODES[outcome.kind]


def _with_compiling(outcome: Outcome, shot: Shot) -> Outcome:
    """The end with the whole time limit named, where the engine got what compiling had left of it."""
    crash, left = outcome.crash, f"the time limit of {shot.limits.timeout:g} s"
    if not shot.before or crash is None or left not in crash.message:
        return outcome
    whole = f"the time limit of {round(shot.limits.timeout + shot.before, 3):g} s"
    told = f"{crash.message.replace(left, whole)}: compiling the script had taken {shot.before:.2f} s of it"
    return replace(outcome, crash=replace(crash, message=told))


def _show(
    outcome: Outcome, sources: tuple[Source, ...], manner: Manner, out: ByteSink, err: ByteSink
) -> None:
    out.finish()
    err.settle()
    show_values(outcome)
    if not manner.quiet:
        show_records(outcome)
    show_crash(outcome, sources)
    if manner.verbose:
        show_summary(outcome)
