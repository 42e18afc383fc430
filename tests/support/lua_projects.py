# SPDX-License-Identifier: MIT
"""Scripts that require modules, compiled and fired beside a folder of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import munition
from munition.diagnostics import Diagnostic
from munition.errors import CompileError

Project: TypeAlias = Callable[[Mapping[str, str]], Path]
"""Writes files, and gives the folder they are in."""


def run(root: Path, script: str, caps: str = "", **options: Any) -> tuple[Any, ...]:
    """The results of a script whose modules are in `root`."""
    module = munition.compile(script.encode(), caps, path=[root], **options)
    outcome = munition.fire(module, capabilities=caps)
    assert outcome.crash is None, outcome.crash
    return outcome.values


def refused(root: Path, script: str, caps: str = "", **options: Any) -> tuple[Diagnostic, ...]:
    """What the compiler says of a script it refuses."""
    with pytest.raises(CompileError) as caught:
        munition.compile(script.encode(), caps, path=[root], **options)
    return caught.value.diagnostics
