# SPDX-License-Identifier: MIT
"""Modules written as text, as fixtures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support import wasm_text


@pytest.fixture(scope="session")
def wat() -> Callable[[str], bytes]:
    """Text format to bytes."""
    return wasm_text.wat


@pytest.fixture(scope="session")
def guest() -> Callable[..., bytes]:
    """A module of the value ABI; see `wasm_text.guest`."""
    return wasm_text.guest
