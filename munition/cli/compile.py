# SPDX-License-Identifier: MIT
"""`munition compile`: a script in, a module out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from munition.cli import options
from munition.cli.compiling import Job, compile_within, deadline, job_of, refusals
from munition.cli.files import write_result
from munition.cli.inputs import STDIN, read
from munition.cli.json_values import dumps
from munition.cli.show import SCHEMA, diagnostic_object
from munition.cli.terminal import harmless, is_terminal, note, put_line
from munition.errors import UsageError

if TYPE_CHECKING:
    from munition.module import Module


@click.command("compile")
@click.argument("script")
@options.caps
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where to write: SCRIPT with .wasm unless given; - for standard output.",
)
@click.option("--emit", metavar="STAGE", help="Print an intermediate form instead: tokens, ast, ir or wat.")
@options.denied
@options.max_source
@options.path
@options.timeout
@options.as_json
@options.loudness
def command(
    *,
    script: str,
    caps: tuple[str, ...],
    output: str | None,
    emit: str | None,
    denied: str,
    max_source: int,
    path: tuple[Path, ...],
    timeout: float,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Compile SCRIPT (a file, or - for standard input) to a WebAssembly module that can only do what --caps declares."""
    declared = options.declared(caps)
    target = _target(script, output) if emit is None else output or STDIN
    if as_json and target == STDIN:
        raise UsageError("--json and a result on standard output exclude each other; give -o FILE")
    job = job_of(read(script, max_source, "--max-source"), declared, denied, max_source, path)
    if emit is not None:
        write_result(target, _stage(job, emit, timeout).encode("utf-8", "backslashreplace"))
        return
    extra: dict[str, Any] = {"caps": {"declared": list(declared.spellings())}}
    module = compile_within(job, timeout, quiet=quiet or as_json, extra=extra)
    write_result(target, module.wasm)
    if as_json:
        put_line(dumps(_object(module, target)))
    if verbose:
        note(harmless(_summary(module, target)))


def _target(script: str, output: str | None) -> str:
    if output is None:
        if script == STDIN:
            raise UsageError(
                "a script from standard input has no name to derive the module's from; give -o FILE"
            )
        if not Path(script).name:
            raise UsageError(f"a script must be a file, which {script!r} is not")
        output = str(Path(script).with_suffix(".wasm"))
    if output == STDIN and is_terminal(sys.stdout):
        raise UsageError("a module is binary: it is not written to a terminal; give -o FILE")
    if STDIN not in {output, script} and _same(script, output):
        raise UsageError(f"the module would replace its own source {script}; give another -o FILE")
    return output


def _same(script: str, output: str) -> bool:
    try:
        return Path(script).samefile(output)
    except (OSError, ValueError):
        return False


def _stage(job: Job, stage: str, seconds: float) -> str:
    known = (*job.attenuator.stages, "wat")
    if stage not in known:
        raise UsageError(f"no stage {stage!r} to emit; {job.attenuator.name} has {', '.join(known)}")
    with refusals(job.source), deadline(seconds):
        if stage != "wat":
            text = job.attenuator.show(job.source, job.options, stage)
        else:
            from munition.wasm.printer import print_module

            text = print_module(job.attenuator.compile(job.source, job.options).wasm)
    return text if text.endswith("\n") else text + "\n"


def _needs(module: Module) -> list[str]:
    from munition.analysis.infer import infer_capabilities

    return sorted(infer_capabilities(module.wasm))


def _object(module: Module, target: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kind": "ok",
        "reason": "",
        "output": target,
        "bytes": len(module.wasm),
        "module": module.sha256,
        "caps": {
            "declared": list(module.manifest.capabilities.spellings()),
            "required": _needs(module),
        },
        "exports": [e.name for e in module.manifest.exports],
        "diagnostics": [diagnostic_object(item, module.source) for item in module.diagnostics],
    }


def _summary(module: Module, target: str) -> str:
    needs = ", ".join(_needs(module)) or "nothing"
    exports = ", ".join(e.name for e in module.manifest.exports) or "only the chunk"
    return (
        f"{module.source.name} -> {target}: {len(module.wasm)} bytes, needs {needs}, can be fired: {exports}"
    )
