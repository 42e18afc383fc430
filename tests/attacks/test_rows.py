# SPDX-License-Identifier: MIT
"""Every row of the attack catalogue has a test that is named after it, or a reason why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROWS = {"et": 15, "em": 12, "eb": 18, "pl": 11, "cc": 6, "fs": 18, "ht": 22, "lg": 7}
"""How many rows each of these areas has: engine and time, and memory, and its boundary; pools; the command line; files,
HTTP, and log, time and randomness."""

WAIVED = {
    "pl_08": "there are no snapshots yet",
    "pl_09": "there are no snapshots yet",
    "pl_10": "there are no snapshots yet",
    "pl_11": "there are no snapshots yet",
}
_NAME = re.compile(r"def test_((?:et|em|eb|pl|cc|fs|ht|lg)(?:_\d\d)+)_")


def rows_with_tests() -> dict[str, set[str]]:
    """Rows, and the files that hold their tests; `test_eb_09_10_11_...` stands for three."""
    found: dict[str, set[str]] = {}
    for path in Path(__file__).parents[1].rglob("test_*.py"):
        for name in _NAME.findall(path.read_text("utf-8")):
            area, *numbers = name.split("_")
            for number in numbers:
                found.setdefault(f"{area}_{number}", set()).add(path.name)
    return found


@pytest.mark.parametrize(
    "row", [f"{area}_{number:02}" for area, count in ROWS.items() for number in range(1, count + 1)]
)
def test_a_row_has_a_test_or_a_reason(row: str) -> None:
    assert (row in rows_with_tests()) != (row in WAIVED)


def test_no_test_is_named_after_a_row_that_is_none() -> None:
    known = {f"{area}_{number:02}" for area, count in ROWS.items() for number in range(1, count + 1)}
    assert set(rows_with_tests()) <= known
