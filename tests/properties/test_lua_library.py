# SPDX-License-Identifier: MIT
"""Every library function and every operator with all pairs of a pool of values, beside the reference implementation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from munition.module import Module
from tests.support import subject
from tests.support.oracle import Oracle

SOURCE = (Path(__file__).parents[1] / "support" / "library_probe.lua").read_bytes()
SUBJECTS = 103
# Two functions without captured variables may be one or two: the manual leaves it open.
_SAME_FUNCTION = re.compile(rb"^(?:rawequal|==)\((?:32,32|33,33)\b.*$", re.MULTILINE)


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    made = Oracle()
    yield made
    made.close()


@pytest.fixture(scope="module")
def module() -> Module:
    made = subject.compiled(SOURCE)
    assert isinstance(made, Module)
    return made


def test_all_subjects_are_tried(oracle: Oracle) -> None:
    assert oracle.run(SOURCE.replace(b"local which = ...", b"local which = 0")).values == (SUBJECTS,)


@pytest.mark.parametrize("number", range(1, SUBJECTS + 1))
def test_a_subject_does_the_same_with_all_pairs(number: int, oracle: Oracle, module: Module) -> None:
    expected, actual = oracle.run(SOURCE, number), subject.fired(module, number)
    assert (expected.status, actual.status) == ("ok", "ok"), actual.values
    lines = [_SAME_FUNCTION.sub(b"", b.output).split(b"\n") for b in (expected, actual)]
    assert len(lines[0]) > 1_000
    assert [pair for pair in zip(*lines, strict=True) if pair[0] != pair[1]][:5] == []
