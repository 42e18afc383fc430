# SPDX-License-Identifier: MIT
"""From bytes to the full report: the one public door of the analyzer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from munition.analysis.components import analyze_component
from munition.analysis.single import DEFAULT_OPTIONS, ModuleAnalysis, Options
from munition.errors import InvalidModuleError, UsageTypeError
from munition.wasm.component_reader import is_component
from munition.wasm.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from munition.analysis.model import Report

__all__ = ["DEFAULT_OPTIONS", "Options", "analyze", "analyze_module", "bytes_of"]


def analyze(wasm: bytes | str | os.PathLike[str], options: Options = DEFAULT_OPTIONS) -> Report:
    """Everything that can be said about a module or component.

    Args:
        wasm: its bytes, or the path of a file that holds them.
        options: see `Options`.

    Raises:
        InvalidModuleError: it cannot be decoded; the code says why.
        UsageTypeError: neither bytes nor a path.
        OSError: the file cannot be read.
    """
    data = bytes_of(wasm, options.limits)
    return analyze_component(data, options) if is_component(data) else analyze_module(data, options)


def analyze_module(data: bytes, options: Options = DEFAULT_OPTIONS) -> Report:
    """The report on a core module.

    Raises:
        InvalidModuleError: as `analyze`.
    """
    return ModuleAnalysis(data, options).report()


def bytes_of(wasm: bytes | str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The bytes given, or those of the file named.

    Raises:
        UsageTypeError: neither bytes nor a path.
        OSError: the file cannot be read.
    """
    if isinstance(wasm, (bytes, bytearray, memoryview)):
        return bytes(wasm)
    if not isinstance(wasm, (str, os.PathLike)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"a module is bytes or a path, not {type(wasm).__name__}")
    path = Path(wasm)
    if path.exists() and not path.is_file():
        raise InvalidModuleError(f"{path.name} is no regular file", code="E201")
    with path.open("rb") as file:
        return file.read(limits.module_bytes + 1)
