# SPDX-License-Identifier: MIT
"""The small C guest the linker's tests link against."""

from __future__ import annotations

from pathlib import Path

import pytest

from munition.wasm.runtime_object import RuntimeObject, read_runtime

GUEST = Path(__file__).parent / "guest" / "guest.wasm"


@pytest.fixture(scope="session")
def guest_bytes() -> bytes:
    return GUEST.read_bytes()


@pytest.fixture(scope="session")
def guest(guest_bytes: bytes) -> RuntimeObject:
    return read_runtime(guest_bytes)
