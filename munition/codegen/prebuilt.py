# SPDX-License-Identifier: MIT
"""The guest runtime that ships with the package."""

from __future__ import annotations

from functools import cache
from importlib import resources

from munition.errors import MissingToolError
from munition.wasm.runtime_object import RuntimeObject, read_runtime


@cache
def load_runtime() -> RuntimeObject:
    """The prebuilt runtime, decoded once per process.

    Raises:
        MissingToolError: the installation lacks it.
    """
    try:
        data = resources.files("munition.runtime").joinpath("runtime.wasm").read_bytes()
    except FileNotFoundError:
        raise MissingToolError(
            "this installation has no guest runtime: install munition again, or build it with 'make runtime'"
        ) from None
    return read_runtime(data)
