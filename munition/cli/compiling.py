# SPDX-License-Identifier: MIT
"""What `compile` and `run` share: from a script that was read to a module, under a deadline."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from munition.attenuator import Options, language_of, load
from munition.cli.alarm import within
from munition.cli.failure import CommandError
from munition.cli.inputs import source_of
from munition.cli.show import show_diagnostics
from munition.cli.terminal import harmless, is_terminal
from munition.errors import CompileError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from munition.attenuator import Attenuator
    from munition.capability.model import CapabilitySet
    from munition.cli.inputs import Input
    from munition.module import Module
    from munition.source import Source


@dataclass(frozen=True, slots=True)
class Job:
    """One compilation that is about to happen."""

    attenuator: Attenuator
    source: Source
    options: Options


def job_of(
    found: Input, declared: CapabilitySet, denied: str, max_source: int, path: tuple[Path, ...] = ()
) -> Job:
    """The front end for a script and what it is told.

    Raises:
        UsageError: no front end claims the file's suffix.
        InvalidModuleError: the file is called `.wasm` and holds text.
    """
    source = source_of(found)
    options = Options(declared, "runtime" if denied == "runtime" else "compile", max_source, path)
    return Job(load(language_of(source.name)), source, options)


def compile_within(job: Job, seconds: float, *, quiet: bool, extra: dict[str, Any] | None = None) -> Module:
    """Compile; show warnings unless `quiet`.

    Raises:
        CommandError: the source was refused, or the time ran out; `extra` goes into its JSON object.
    """
    with refusals(job.source, extra), deadline(seconds), waiting(job.source, quiet=quiet):
        module = job.attenuator.compile(job.source, job.options)
    if not quiet:
        show_diagnostics(module.diagnostics, job.source)
    return module


_LONG: Final = 100_000  # bytes; what is shorter is compiled before anybody wonders


@contextlib.contextmanager
def waiting(source: Source, *, quiet: bool) -> Generator[None]:
    """A sign of life on standard error while a long source is compiled, if a person is looking."""
    if quiet or len(source.text) < _LONG or not is_terminal(sys.stderr):
        yield
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(f"compiling {harmless(source.name)}")):
        yield


@contextlib.contextmanager
def refusals(source: Source, extra: dict[str, Any] | None = None) -> Generator[None]:
    """A refused source as a command that ends early, with the text its diagnostics are about."""
    try:
        yield
    except CompileError as error:
        raise CommandError(
            kind_of(error), "source", str(error), diagnostics=error.diagnostics, source=source, extra=extra
        ) from None


def kind_of(error: CompileError) -> str:
    """The kind a refused source ends as: what is wrong with it counts before what it is not allowed to do."""
    from munition.diagnostics import Severity

    kinds = {item.kind for item in error.diagnostics if item.severity is Severity.ERROR}
    return next((kind for kind in ("host_fault", "limit", "invalid", "denied") if kind in kinds), "invalid")


def deadline(seconds: float) -> AbstractContextManager[None]:
    """Interrupt the block after `seconds` of wall time.

    Raises:
        CommandError: of kind `timeout`, from the block.
    """
    told = f"compiling took longer than {seconds:g} s"
    advice = "raise the limit with --timeout SECONDS"
    return within(seconds, CommandError("timeout", "compile", told, help=advice))
