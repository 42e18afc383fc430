# SPDX-License-Identifier: MIT
"""Memory stays bounded however much is allocated in total: `make lua-memory` goes to 100 GB, the suite to a little of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import pytest

import munition
from tests.support.subject import STRESS

SOURCE = Path(__file__).parent / "memory" / "program.lua"
LIMIT = 16 << 20
KINDS = {
    "short strings",
    "long strings",
    "growing text",
    "lists",
    "records",
    "closures",
    "coroutines",
    "finalizers",
}


@pytest.mark.skipif(STRESS, reason="a live set of megabytes cannot be marked at every allocation")
@pytest.mark.parametrize("gigabytes", [0.1, pytest.param(100, marks=pytest.mark.nightly)])
def test_memory_is_bounded_whatever_is_allocated(gigabytes: float) -> None:
    module = munition.compile(SOURCE.read_bytes(), name="memory.lua")
    outcome = munition.fire(module, None, (gigabytes,), memory=LIMIT, fuel=10**15, timeout=86_400)
    assert outcome.ok, outcome.message
    told = cast("dict[str, Any]", outcome.values[0])
    sys.stdout.write(
        f"{told['gigabytes']:.1f} GiB, {outcome.peak_memory / 2**20:.1f} MiB, {outcome.fuel_used} fuel: {told}\n"
    )
    assert told["gigabytes"] >= gigabytes
    assert set(told["kinds"]) == KINDS
    assert outcome.peak_memory <= LIMIT
    assert told["pending"] == 0, "objects whose finalizer never ran"
    assert told["left"] < 1 << 20, "bytes that are in use when nothing is left"


@pytest.mark.skipif(STRESS, reason="as above")
def test_the_limit_is_felt_when_too_much_is_alive() -> None:
    """The same program with a limit below what it keeps: an error of the script, not more memory."""
    module = munition.compile(SOURCE.read_bytes(), name="memory.lua")
    outcome = munition.fire(module, None, (0.1,), memory=3 << 20, fuel=10**15, timeout=86_400)
    assert outcome.kind == "limit"
    assert "not enough memory" in outcome.message
    assert outcome.peak_memory <= 3 << 20
