# SPDX-License-Identifier: MIT
"""Every library function against the reference implementation: results, conversions and error messages.

The expressions are in files beside this one, most of them things that must be refused.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.expressions import differences
from tests.support.oracle import Oracle

FILES = sorted((Path(__file__).parent / "expressions").glob("*.txt"))
CHUNK = 100


def expressions(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("stress", [False, True], ids=["plain", "collecting at every allocation"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_agrees_with_the_reference(oracle: Oracle, path: Path, stress: bool) -> None:
    lines = expressions(path)
    found = [
        d
        for i in range(0, len(lines), CHUNK)
        for d in differences(oracle, lines[i : i + CHUNK], stress=stress)
    ]
    assert found == []


def test_each_file_has_expressions() -> None:
    assert {path.stem for path in FILES} == {"string", "pack", "table", "math", "utf8"}
    assert all(len(expressions(path)) > 50 for path in FILES)
