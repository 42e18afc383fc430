# SPDX-License-Identifier: MIT
"""Settings every test shares: how many examples property tests draw."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No deadline anywhere: a test judges results, never the speed of the machine it runs on.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci", max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "nightly", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
