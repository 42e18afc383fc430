# SPDX-License-Identifier: MIT
"""The golden programs with what was inferred compared at run time, and with each optimisation switched off."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from munition.ir.switches import VARIANTS, Switches
from tests.support import subject
from tests.support.differential import compare
from tests.support.lua_programs import program
from tests.support.oracle import Oracle

FOLDER = Path(__file__).parents[1] / "programs" / "lua"
PROGRAMS = (
    "011-closures",
    "013-metatables",
    "022-levels-and-tail-calls",
    "109-json",
    "203-method-caches",
    "213-absent-and-inherited",
    "214-ipairs-steps",
    "216-strings-in-line",
)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_do_the_same_with_every_switch(name: str, variant: str) -> None:
    source = (FOLDER / name / "program.lua").read_bytes()
    shown = [subject.run(source, switches=switches) for switches in (Switches(), VARIANTS[variant])]
    assert shown[0].status == "ok"
    assert shown[1] == shown[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_random_programs_agree_with_every_switch(variant: str) -> None:
    oracle = Oracle()
    try:
        programs = [program(Random(seed)) for seed in range(8)]
        assert not compare(oracle, programs, stress=True, switches=VARIANTS[variant])
    finally:
        oracle.close()
