# SPDX-License-Identifier: MIT
"""Whether the AssemblyScript compiler is there; tests that need it are skipped otherwise, and say what to install."""

from __future__ import annotations

import pytest

from munition.attenuators.assemblyscript.engines import find_compiler, find_engine
from munition.errors import MissingToolError


def _why_not() -> str:
    try:
        find_compiler()
        find_engine()
    except MissingToolError as error:
        return str(error)
    return ""


WHY_NOT = _why_not()
needs_compiler = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
