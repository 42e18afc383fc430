# SPDX-License-Identifier: MIT
"""The options several commands share, and how their values are read."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from munition.errors import UsageError

if TYPE_CHECKING:
    from munition.capability.model import CapabilitySet
    from munition.engine.limits import Limits
    from munition.host.options import HostOptions

_F = TypeVar("_F", bound=Callable[..., Any])

DEFAULT_FUEL: Final = "30_000_000_000"
DEFAULT_MEMORY: Final = "64MiB"
DEFAULT_TIMEOUT: Final = "10"
_MAX_FUEL: Final = (1 << 63) - 1
_MAX_MEMORY: Final = 4 << 30
_MAX_TIMEOUT: Final = 1e6
_UNITS: Final = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
_SIZE: Final = re.compile(r"([0-9]+(?:_[0-9]+)*)\s*([A-Za-z]*)", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]+(?:_[0-9]+)*", re.ASCII)
_MAX_DIGITS: Final = 30


def fuel_of(text: str) -> int:
    """A positive number of fuel units below 2^63; underscores may group digits.

    Raises:
        click.BadParameter: it is anything else.
    """
    if not _WHOLE.fullmatch(text) or len(text) > _MAX_DIGITS or not 0 < int(text) <= _MAX_FUEL:
        raise click.BadParameter(f"{text[:60]!r} is not a whole number from 1 to 2^63-1")
    return int(text)


def size_of(text: str) -> int:
    """A size in bytes, `KiB`, `MiB` or `GiB`, at most 4 GiB.

    Raises:
        click.BadParameter: it is anything else.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found or len(text) > _MAX_DIGITS or found.group(2).lower() not in _UNITS:
        raise click.BadParameter(
            f"{text[:60]!r} is not a size; write bytes, or a number with KiB, MiB or GiB"
        )
    size = int(found.group(1)) * _UNITS[found.group(2).lower()]
    if not 0 < size <= _MAX_MEMORY:
        raise click.BadParameter(f"{text!r} is not between 1 byte and 4GiB")
    return size


def seconds_of(text: str) -> float:
    """A positive, finite number of seconds.

    Raises:
        click.BadParameter: it is anything else.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= _MAX_TIMEOUT:  # NaN compares false
        raise click.BadParameter(f"{text[:60]!r} is not a number of seconds above 0 and at most a million")
    return seconds


def size_text(size: int) -> str:
    """A size as `--memory` takes it: `64MiB`, or bytes when no unit fits."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size and size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)


caps = click.option(
    "--caps",
    multiple=True,
    metavar="LIST",
    help="Capabilities, separated by commas; may be repeated. None unless given.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Write one JSON object to standard output.")
own_map = click.option("--map", "own_map", metavar="FILE", help="Your own map of imports (TOML).")
overrides = click.option(
    "--overrides", multiple=True, metavar="FILE", help="Judgements of single imports (TOML); may be repeated."
)
workers = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Processes for many files. [default: one per processor]",
)
raw = click.option("--raw", is_flag=True, help="Pass control characters to the terminal unescaped.")
denied = click.option(
    "--denied",
    type=click.Choice(["compile", "runtime"]),
    default="compile",
    show_default=True,
    help="Refuse what was not granted when compiling, or turn it into an error when it is reached.",
)
max_source = click.option(
    "--max-source",
    type=size_of,
    default="1MiB",
    show_default=True,
    metavar="SIZE",
    help="Largest source accepted.",
)
path = click.option(
    "--path",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder with modules the script may require; may be repeated. None unless given.",
)
broad_roots = click.option(
    "--broad-roots",
    is_flag=True,
    help="Let filesystem_read open /, /proc, /sys, /dev, or what holds a home directory.",
)
one_filesystem = click.option(
    "--no-xdev", is_flag=True, help="Let filesystem_read see nothing that is mounted beneath its directory."
)
stub_denied = click.option(
    "--stub-denied",
    is_flag=True,
    help="Link functions that are not granted to something that fails when it is called.",
)
environment = click.option(
    "--env",
    multiple=True,
    metavar="NAME=VALUE",
    help="An environment variable for a WASI program; may be repeated. None unless given.",
)
ca_file = click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Certificates (PEM) to trust for https instead of the system's.",
)
fuel = click.option(
    "--fuel", type=fuel_of, default=DEFAULT_FUEL, show_default=True, metavar="N", help="Fuel limit."
)
memory = click.option(
    "--memory", type=size_of, default=DEFAULT_MEMORY, show_default=True, metavar="SIZE", help="Memory limit."
)
timeout = click.option(
    "--timeout",
    type=seconds_of,
    default=DEFAULT_TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="Time limit.",
)
verbose = click.option("-v", "--verbose", is_flag=True, help="Say on standard error what was done and used.")
quiet = click.option("-q", "--quiet", is_flag=True, help="No warnings on standard error.")


limit = click.option(
    "--limit",
    multiple=True,
    metavar="NAME=N",
    help="Another limit, such as output=1MiB or handles=8; may be repeated. An unknown NAME lists them.",
)


def limits(command: _F) -> _F:
    """The options `--fuel`, `--memory`, `--timeout` and `--limit`."""
    return fuel(memory(timeout(limit(command))))


def limits_of(fuel: int, memory: int, timeout: float, others: tuple[str, ...]) -> Limits:
    """The limits these options stand for.

    Raises:
        UsageError: an unknown name, a name given twice, or a number out of range.
    """
    from munition.engine.limits import Limits

    known = sorted({field.name for field in fields(Limits)} - {"fuel", "memory", "timeout"})
    found: dict[str, Any] = {}
    for text in others:
        name, equals, number = text.partition("=")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"--limit {text[:60]!a}: {name[:40]!a} is no limit; {hint}")
        if not equals or name in found:
            raise UsageError(f"--limit {text[:60]!a}: write NAME=N, each name once")
        found[name] = _amount(number)
    return Limits(fuel=fuel, memory=memory, timeout=timeout, **found)


def _amount(text: str) -> int:
    """A whole number, with a unit of size perhaps; what is in range the limits themselves say."""
    found = _SIZE.fullmatch(text.strip())
    if not found or len(text) > _MAX_DIGITS or found.group(2).lower() not in _UNITS:
        raise UsageError(f"--limit: {text[:60]!a} is not a whole number, nor one with KiB, MiB or GiB")
    return int(found.group(1)) * _UNITS[found.group(2).lower()]


def hosting(command: _F) -> _F:
    """The options that `host_options` reads."""
    return broad_roots(one_filesystem(stub_denied(environment(ca_file(command)))))


def host_options(given: dict[str, Any]) -> HostOptions:
    """How host functions behave.

    Args:
        given: the values of the options of `hosting`, by their names in Python.

    Raises:
        UsageError: an environment variable that is none.
    """
    from munition.errors import UsageError
    from munition.host.options import HostOptions

    pairs = [text.partition("=") for text in given["env"]]
    for name, sign, _ in pairs:
        if not sign:
            raise UsageError(
                f"--env takes NAME=VALUE, not {name[:40]!a}; nothing is copied from this environment"
            )
    return HostOptions(
        broad_roots=given["broad_roots"],
        one_filesystem=given["no_xdev"],
        stub_denied=given["stub_denied"],
        environment=tuple((name, value) for name, _, value in pairs),
        ca_file=given["ca_file"],
    )


def loudness(command: _F) -> _F:
    """The options `-v` and `-q`."""
    return verbose(quiet(command))


NEGATIVE_ARGUMENTS: Final[dict[str, Any]] = {"ignore_unknown_options": True}
"""Settings of commands whose arguments may be negative numbers; `refuse_unknown` refuses the rest."""


def refuse_unknown(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Refuse what looks like an option and is none: a word that begins with a dash and is no number, before any `--`.

    Raises:
        click.NoSuchOption: with the options it may have been meant for.
    """
    literal: int = ctx.obj or 0
    for word in arguments[: len(arguments) - literal]:
        if _LIKE_AN_OPTION.match(word):
            name = word.partition("=")[0]
            known = [name for param in ctx.command.params for name in param.opts if name.startswith("-")]
            raise click.NoSuchOption(name, possibilities=difflib.get_close_matches(name, known), ctx=ctx)


_LIKE_AN_OPTION: Final = re.compile(r"-[^0-9.]")


def declared(lists: tuple[str, ...]) -> CapabilitySet:
    """What `--caps` declares, all its occurrences together.

    Raises:
        UsageError: an unknown capability, or one that cannot be granted.
    """
    from munition.capability.parse import parse

    return parse(_items(lists))


def granted(lists: tuple[str, ...]) -> CapabilitySet:
    """What `--caps` grants, all its occurrences together.

    Raises:
        UsageError: as `declared`, and for a capability without the parameter a grant needs.
    """
    from munition.capability.parse import parse_grants

    return parse_grants(_items(lists))


def _items(lists: tuple[str, ...]) -> list[str]:
    from munition.capability.parse import split

    return [item for text in lists for item in split(text)]
