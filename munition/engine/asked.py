# SPDX-License-Identifier: MIT
"""What a caller of `fire` and of pools gives, checked where it is given: values of the right type, and modules as bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias, cast, runtime_checkable

from munition.capability.model import CapabilitySet
from munition.errors import UsageError, UsageTypeError
from munition.host.options import DEFAULT, HostOptions
from munition.host.user import HostCapability
from munition.module import Module

MAX_MODULE: Final = 256 << 20
_MAX_SEED_BITS: Final = 4096
Isolation: TypeAlias = Literal["process", "thread"]
Grant: TypeAlias = "str | tuple[str | HostCapability, ...] | CapabilitySet"


@runtime_checkable
class HasWasm(Protocol):
    """Anything that carries a module's bytes, such as a compiled `Module`."""

    @property
    def wasm(self) -> bytes:
        """The bytes of the module."""
        ...


def bytes_of(module: object) -> bytes:
    """The bytes of a module, however it was given."""
    match module:
        case bytes():
            return module
        case bytearray():
            return bytes(module)
        case str() | Path():
            return _module_of(Path(module))
        case Module() | HasWasm():  # asking for a protocol takes ten times as long as asking for a class
            return module.wasm
        case _:
            raise UsageTypeError(f"a module must be bytes, a path or a Module, not {type(module).__name__}")


def _module_of(path: Path) -> bytes:
    data = read_file(path, MAX_MODULE + 1)
    if len(data) > MAX_MODULE:
        raise UsageError(f"{path.name!r} is larger than {MAX_MODULE} bytes")
    return data


def read_file(path: Path, most: int) -> bytes:
    """The bytes of a file, at most so many of them.

    Raises:
        UsageError: no file can be called that, or it is a pipe, which may never end.
        OSError: it cannot be read.
    """
    try:
        named = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        named = False
    if not named:
        raise UsageError(f"no file can be called {str(path)[:80]!a}")
    if stat.S_ISFIFO(path.stat().st_mode):
        raise UsageError(f"{path.name!a} is a pipe; read it yourself and pass the bytes")
    with path.open("rb") as file:
        return file.read(most)


def hashable(capabilities: str | Iterable[str | HostCapability] | CapabilitySet) -> Grant:
    """What is granted, as something that can be a key.

    Raises:
        UsageTypeError: it is no list.
    """
    if isinstance(capabilities, (str, CapabilitySet)):
        return capabilities
    try:
        return tuple(capabilities)
    except TypeError:
        raise UsageTypeError(
            f"capabilities must be a list of strings, not {type(capabilities).__name__}"
        ) from None


def arguments_of(args: object) -> Sequence[object]:
    """The arguments of a call.

    Raises:
        UsageTypeError: they are no list.
    """
    if isinstance(args, (list, tuple)):
        return cast("Sequence[object]", args)
    if not isinstance(args, Sequence) or isinstance(args, (str, bytes, bytearray)):
        raise UsageTypeError(f"args must be a list of arguments, not {type(args).__name__}")
    return tuple(cast("Sequence[object]", args))


def options_of(host: HostOptions | None, *, broad_roots: bool) -> HostOptions:
    """What is said about host functions, defaults included.

    Raises:
        UsageTypeError: it is something else.
    """
    if host is not None and not isinstance(host, HostOptions):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"host must be HostOptions, not {type(host).__name__}")
    options = host or DEFAULT
    return replace(options, broad_roots=True) if broad_roots else options


def seed_of(seed: object) -> bytes:
    """The bytes of a seed.

    Raises:
        UsageError: it is too long.
        UsageTypeError: it is neither bytes nor an integer.
    """
    if isinstance(seed, bytes):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise UsageTypeError(f"seed must be an integer or bytes, not {type(seed).__name__}")
    if seed.bit_length() > _MAX_SEED_BITS:
        raise UsageError(f"seed must fit {_MAX_SEED_BITS} bits")
    return seed.to_bytes(_MAX_SEED_BITS // 8 + 1, "little", signed=True)


def check_isolation(isolation: object) -> Isolation:
    """The same, checked.

    Raises:
        UsageError: there is no such isolation.
    """
    if isolation == "process":
        return "process"
    if isolation == "thread":
        return "thread"
    raise UsageError(f"isolation must be 'process' or 'thread', not {isolation!a:.40}")


def check_origin(module: object) -> None:
    """Refuse to run a module in this process unless `compile` of this process made it.

    Raises:
        UsageError: it did not; its manifest proves nothing.
    """
    if not (isinstance(module, Module) and module.compiled_here):
        raise UsageError(
            "isolation='thread' runs the module in this process: fire what compile() returned, or pass trusted=True if you "
            "vouch for it"
        )
