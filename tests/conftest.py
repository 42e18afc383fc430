# SPDX-License-Identifier: MIT
"""Settings every test shares: how many examples property tests draw, and whether all Lua collects at every allocation."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support import subject

# Whoever started the suite may have had interrupts ignored, which programs inherit: the guests' would not end at one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline anywhere: a test judges results, never the speed of the machine it runs on.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci", max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "nightly", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session", autouse=True)
def collect_always() -> Iterator[None]:
    """With GC_STRESS in the environment (`make gc-stress`), every Lua module a test compiles collects at every allocation."""
    if subject.STRESS:
        with subject.collecting_always():
            yield
    else:
        yield
