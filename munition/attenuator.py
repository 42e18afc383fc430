# SPDX-License-Identifier: MIT
"""Front ends: what one must offer, and how one is found.

An attenuator turns source text into a module that can do no more than was declared. Installed distributions announce
theirs as entry points of the group `munition.attenuators`; nothing is looked up in the working directory, so a folder
with hostile files in it cannot bring a compiler of its own. The name of an entry point is the language; the object is
loaded only when a source of that language is compiled.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, cast

from munition.capability.model import NOTHING, CapabilitySet
from munition.errors import MissingToolError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from munition.module import Module
    from munition.source import Source

GROUP: Final = "munition.attenuators"
Denied: TypeAlias = Literal["compile", "runtime"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile.

    Attributes:
        declared: the capabilities the module may need; what goes beyond them is refused.
        denied: what becomes of a use that was not declared: `compile` refuses it, `runtime` warns and makes it a
            run-time error that names the power.
        max_source: the largest source accepted, in bytes; what it requires counts too.
        path: the folders in which modules are looked for, in order; none unless given.
    """

    declared: CapabilitySet = NOTHING
    denied: Denied = "compile"
    max_source: int = 1 << 20
    path: tuple[Path, ...] = ()


class Attenuator(Protocol):
    """A front end."""

    @property
    def name(self) -> str:
        """The language, as written in manifests."""
        ...

    @property
    def stages(self) -> tuple[str, ...]:
        """The intermediate forms `show` can print, first to last (for Lua: tokens, ast, ir)."""
        ...

    @property
    def explanations(self) -> Mapping[str, str]:
        """For each diagnostic code it can give: a title line, then what it means and what to do, in Markdown."""
        ...

    def compile(self, source: Source, options: Options) -> Module:
        """Compile `source`.

        Raises:
            CompileError: with everything that is wrong with it.
        """
        ...

    def show(self, source: Source, options: Options, stage: str) -> str:
        """The text of one of `stages`, for people and tests.

        Raises:
            CompileError: when the stage cannot be reached.
        """
        ...


# Which language a file suffix means. The names are entry points; whether one is installed shows when it is loaded.
SUFFIXES: Final[Mapping[str, str]] = {".lua": "lua", ".ts": "assemblyscript", ".pony": "pony"}
# The front ends of this distribution need no look-up of entry points, which costs tens of milliseconds.
_OWN: Final[Mapping[str, str]] = {
    "lua": "munition.attenuators.lua.attenuator:ATTENUATOR",
    "assemblyscript": "munition.attenuators.assemblyscript.attenuator:ATTENUATOR",
}


def language_of(name: str, default: str = "lua") -> str:
    """The language of a file by its suffix; `default` for standard input and names without a suffix.

    Raises:
        UsageError: a suffix no front end claims.
    """
    dot = name.rfind(".")
    if dot <= name.rfind("/") + 1:
        return default
    suffix = name[dot:].lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"no compiler for {suffix!r} files; known are {', '.join(sorted(SUFFIXES))}")
    return SUFFIXES[suffix]


def load(language: str) -> Attenuator:
    """The front end for `language`.

    Raises:
        MissingToolError: none is installed.
    """
    where = _OWN.get(language) or _announced().get(language)
    if where is None:
        raise MissingToolError(f"no compiler for {language!r} is installed")
    module, _, attribute = where.partition(":")
    return cast("Attenuator", getattr(importlib.import_module(module), attribute))


def languages() -> tuple[str, ...]:
    """Every language with an installed front end, sorted."""
    return tuple(sorted({*_OWN, *_announced()}))


def _announced() -> dict[str, str]:
    import importlib.metadata  # 50 ms that the front ends of this distribution do not need

    return {point.name: point.value for point in importlib.metadata.entry_points(group=GROUP)}
