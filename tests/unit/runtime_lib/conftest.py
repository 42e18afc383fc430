# SPDX-License-Identifier: MIT
"""The reference implementation, started once for all tests of the library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.oracle import Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    oracle = Oracle()
    yield oracle
    oracle.close()
