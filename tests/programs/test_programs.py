# SPDX-License-Identifier: MIT
"""Programs whose behaviour the reference implementation wrote down: plainly, and collecting at every allocation.

`BLESS=1 pytest tests/programs` takes the expectations anew, from the reference implementation and never from us.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import subject
from tests.support.differential import normal
from tests.support.oracle import Behaviour, Oracle

FOLDER = Path(__file__).parent / "lua"
PROGRAMS = sorted(path.parent.name for path in FOLDER.glob("*/program.lua"))


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    made = Oracle()
    yield made
    made.close()


def _as_json(behaviour: Behaviour) -> dict[str, Any]:
    """Text as Latin-1, so that every byte has a character."""
    values = [
        v.decode("latin-1") if isinstance(v, bytes) else [type(v).__name__, v] for v in behaviour.values
    ]
    lines = behaviour.output.decode("latin-1").split("\n")
    told: dict[str, Any] = {"status": behaviour.status, "values": values, "output": lines}
    round_trip: dict[str, Any] = json.loads(json.dumps(told))
    return round_trip


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_behaves_as_the_reference_implementation(name: str, oracle: Oracle) -> None:
    source = (FOLDER / name / "program.lua").read_bytes()
    expected = FOLDER / name / "expected.json"
    if os.environ.get("BLESS"):
        told = _as_json(normal(oracle.run(source)))
        expected.write_text(json.dumps(told, indent=1, ensure_ascii=True) + "\n")
    told = json.loads(expected.read_text())
    assert told["status"] in {"ok", "error"}
    for stress in (False, True):
        assert _as_json(normal(subject.run(source, stress=stress))) == told, f"stress: {stress}"


def test_every_program_has_an_expectation() -> None:
    assert PROGRAMS
    assert [n for n in PROGRAMS if not (FOLDER / n / "expected.json").exists()] == []
