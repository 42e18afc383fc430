# SPDX-License-Identifier: MIT
"""Fixtures of the tests that fire modules written as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from munition.engine.fire import fire
from tests.support import wasm_text


@pytest.fixture(scope="session")
def wat() -> Callable[[str], bytes]:
    """Text format to bytes."""
    return wasm_text.wat


@pytest.fixture(scope="session")
def guest() -> Callable[..., bytes]:
    """A module of the value ABI; see `wasm_text.guest`."""
    return wasm_text.guest


@pytest.fixture(scope="session", autouse=True)
def workers() -> None:
    """A worker that fires and one that compiles are there before the first test, whose time limit may be short."""
    for module in (wasm_text.wat("(module)"), wasm_text.wat("(module (func))")):
        assert fire(module, timeout=60).kind == "ok"
