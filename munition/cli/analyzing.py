# SPDX-License-Identifier: MIT
"""Analysing many files: which ones, in worker processes, with a progress bar on a terminal."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

from munition.cli.failure import CommandError
from munition.cli.inputs import MAX_MODULE, STDIN, read, require_module
from munition.cli.terminal import is_terminal
from munition.errors import InvalidModuleError, MunitionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from munition.analysis.analyze import Options
    from munition.analysis.model import Report
    from munition.analysis.settings import Override

COMPONENT: Final = b"\0asm\x0d\x00\x01\x00"
_MANY: Final = 4
_MAX_FILES: Final = 100_000
_MAX_SETTINGS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no report, in a form that travels between processes."""

    kind: str
    reason: str
    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Analysed:
    """A file and what came of it: a report, or why there is none."""

    name: str
    report: Report | None
    failure: Failure | None = None

    @property
    def error(self) -> CommandError | None:
        """The failure as commands show it."""
        failure = self.failure
        if failure is None:
            return None
        return CommandError(failure.kind, failure.reason, failure.message, code=failure.code)


@dataclass(frozen=True, slots=True)
class Task:
    """What to do with every file."""

    options: Options
    overrides: tuple[Override, ...] = ()


def find_modules(paths: Sequence[str]) -> list[str]:
    """The files named, and the `.wasm` files under the directories named, each once, in order of name within a directory.

    Raises:
        UsageError: a directory cannot be read or holds none.
    """
    found: dict[str, None] = {}
    for path in paths:
        if path == STDIN or not Path(path).is_dir():
            found[path] = None
            continue
        inside = sorted(str(p) for p in Path(path).rglob("*.wasm") if p.is_file())[: _MAX_FILES + 1]
        if not inside:
            raise UsageError(f"no .wasm file under {path}")
        found.update(dict.fromkeys(inside))
    if len(found) > _MAX_FILES:
        raise UsageError(f"more than {_MAX_FILES} files")
    return list(found)


def analyse_file(path: str, task: Task) -> Report:
    """Read and analyse one file.

    Raises:
        CommandError: it is too large.
        MunitionError: it cannot be read or decoded.
    """
    from munition.analysis.analyze import analyze
    from munition.analysis.overriding import with_overrides

    if path != STDIN and Path(path).exists() and not Path(path).is_file() and not _endless(path):
        raise InvalidModuleError(f"{path} is no regular file", code="E201")
    found = read(path, MAX_MODULE, reason="compile")
    if not found.data.startswith(COMPONENT):
        require_module(found)
    try:
        report = analyze(found.data, task.options)
    except InvalidModuleError as error:
        raise InvalidModuleError(f"{found.name}: {error}", code=error.code) from None
    return with_overrides(report, task.overrides) if task.overrides else report


def _endless(path: str) -> bool:
    """A character device can be read up to the limit; a pipe without a writer would wait for ever."""
    return Path(path).is_char_device()


def analyse_all(paths: Sequence[str], task: Task, workers: int) -> list[Analysed]:
    """One result per file, in the order given; files that fail do not stop the others."""
    if len(paths) < _MANY or workers == 1 or STDIN in paths:
        with _progress(len(paths)) as step:
            return [step(_attempt(path, task)) for path in paths]
    # `spawn`: a forked child of a threaded parent could deadlock, and inherits what it has no use for.
    with (
        ProcessPoolExecutor(min(workers, len(paths)), get_context("spawn"), _quiet) as pool,
        _progress(len(paths)) as step,
    ):
        jobs = [pool.submit(_attempt, path, task) for path in paths]
        return [step(_outcome(path, job)) for path, job in zip(paths, jobs, strict=True)]


def _outcome(path: str, job: Future[Analysed]) -> Analysed:
    try:
        return job.result()
    except BrokenProcessPool:
        return Analysed(path, None, Failure("host_fault", "worker", f"a worker died before {path} was done"))


def _quiet() -> None:
    """Leave Ctrl-C to the parent."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _attempt(path: str, task: Task) -> Analysed:
    name = "<stdin>" if path == STDIN else path
    try:
        return Analysed(name, analyse_file(path, task))
    except CommandError as error:
        return Analysed(name, None, Failure(error.kind, error.reason, error.message, error.code))
    except InvalidModuleError as error:
        return Analysed(name, None, Failure("invalid", "module", str(error), error.code))
    except MunitionError as error:
        return Analysed(name, None, Failure("usage", "", str(error), error.code))


@contextmanager
def _progress(count: int) -> Generator[Callable[[Analysed], Analysed]]:
    """A bar on standard error if a person is looking and there is something to wait for."""
    if count < _MANY or not is_terminal(sys.stderr):
        yield lambda result: result
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("analysing", total=count)

        def step(result: Analysed) -> Analysed:
            bar.advance(task)
            return result

        yield step


def default_workers() -> int:
    """As many as there are processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def settings_text(path: str) -> str:
    """The text of a settings file.

    Raises:
        UsageError: it cannot be read or is not UTF-8.
    """
    try:
        return read(path, _MAX_SETTINGS).data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8") from None


def options_of(glue: str | None, own_map: str | None, *, exports: bool) -> Options:
    """The options of an analysis from the files named on the command line.

    Raises:
        UsageError: one cannot be read or is not what it should be.
    """
    from munition.analysis.analyze import Options
    from munition.analysis.glue import MAX_GLUE
    from munition.analysis.settings import read_map
    from munition.capability.taxonomy import NO_MAP

    text = "" if glue is None else read(glue, MAX_GLUE).data.decode("utf-8", "replace")
    own = NO_MAP if own_map is None else read_map(settings_text(own_map), own_map)
    return Options(glue=text, own=own, exports=exports)


def overrides_of(paths: Iterable[str]) -> tuple[Override, ...]:
    """The overrides of the files named on the command line.

    Raises:
        UsageError: one cannot be read or is not what it should be.
    """
    from munition.analysis.settings import read_overrides

    return tuple(override for path in paths for override in read_overrides(settings_text(path), path))


def first_error(results: Sequence[Analysed]) -> CommandError | None:
    """The first failure, if any."""
    return next((result.error for result in results if result.error is not None), None)
