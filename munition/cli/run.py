# SPDX-License-Identifier: MIT
"""`munition run`: a script or a module, from start to end."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from munition.cli import options
from munition.cli.compiling import Job, compile_within, job_of
from munition.cli.firing import Manner, Shot, fire_and_show
from munition.cli.inputs import read_either

if TYPE_CHECKING:
    from pathlib import Path

    from munition.engine.limits import Limits
    from munition.host.options import HostOptions


@click.command("run", context_settings=options.NEGATIVE_ARGUMENTS)
@click.argument("program", metavar="SCRIPT|MODULE")
@click.argument("arguments", nargs=-1)
@options.caps
@options.hosting
@options.limits
@options.denied
@options.max_source
@options.path
@options.raw
@options.as_json
@options.loudness
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    program: str,
    arguments: tuple[str, ...],
    caps: tuple[str, ...],
    fuel: int,
    memory: int,
    timeout: float,
    limit: tuple[str, ...],
    denied: str,
    max_source: int,
    path: tuple[Path, ...],
    raw: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **hosting: Any,
) -> int:
    """Run a script (- for standard input), or the start of a module.

    What it prints goes to standard output as it comes; then, if it returned values, one line of JSON with them. Everything
    else goes to standard error. ARGUMENTS arrive as strings in `...` and `arg`; put -- before one that begins with a dash.
    For a script --caps declares and grants, for a module it grants.
    """
    began = time.monotonic()
    options.refuse_unknown(ctx, arguments)
    granted = options.granted(caps)
    host = options.host_options(hosting)
    limits = options.limits_of(fuel, memory, timeout, limit)
    manner = Manner(as_json, raw, verbose, quiet)
    found = read_either(program, max_source)
    if found.is_module:
        shot = Shot(found.data, None, arguments, granted, limits, host=host)
        return fire_and_show(shot, manner)
    job = job_of(found, granted, denied, max_source, path)
    return _run_script(job, arguments, limits, manner, began, host)


def _run_script(
    job: Job, arguments: tuple[str, ...], limits: Limits, manner: Manner, began: float, host: HostOptions
) -> int:
    """Compile and fire under one timeout: compiling uses up some of it."""
    from munition.engine.machine import warm

    warm()  # the engine's child gets ready while our own compiler works
    module = compile_within(job, limits.timeout, quiet=manner.quiet or manner.as_json)
    left = round(max(0.001, limits.timeout - (time.monotonic() - began)), 3)
    rest = replace(limits, timeout=left)
    sources = (module.source, *module.modules)
    shot = Shot(module, None, arguments, job.options.declared, rest, sources, host, limits.timeout - left)
    return fire_and_show(shot, manner)
