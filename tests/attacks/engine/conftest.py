# SPDX-License-Identifier: MIT
"""Modules written as text, as fixtures."""

from tests.support.engine_fixtures import guest, wat, workers

__all__ = ["guest", "wat", "workers"]
