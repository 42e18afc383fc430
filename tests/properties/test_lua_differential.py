# SPDX-License-Identifier: MIT
"""Random programs behave as the reference implementation does: values, printed text, error messages with their lines."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import wasmtime
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lupa import lua54

import munition
from tests.support import subject
from tests.support.campaign import report
from tests.support.differential import compare, join_programs
from tests.support.lua_programs import program
from tests.support.oracle import Oracle

TOGETHER = 20
"""Programs that share a module, because the guest runtime in it takes the engine longer than they do."""

SIZE = 16
"""Statements of a program."""

ROOT = Path(__file__).parents[2]

assert settings.default
EXAMPLES = settings.default.max_examples

# Seeds are drawn, not texts: a seed is what a failure is told by, and there is nothing in a text to shrink.
SEEDS = st.integers(0, 2**48)
batches = st.lists(SEEDS, min_size=TOGETHER, max_size=TOGETHER, unique=True)
yielding_batches = st.lists(SEEDS, min_size=TOGETHER // 2, max_size=TOGETHER // 2, unique=True)
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)


def programs(seeds: list[int]) -> list[str]:
    return [program(Random(seed), SIZE) for seed in seeds]


def yielding(seeds: list[int]) -> list[str]:
    return [program(Random(seed), SIZE // 2, yields=True) for seed in seeds]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    made = Oracle()
    yield made
    made.close()


@settings(max_examples=max(2, EXAMPLES // TOGETHER), phases=UNSHRUNK)
@given(batch=batches, stress=st.booleans())
def test_random_programs_behave_as_the_reference_implementation(
    batch: list[int], stress: bool, oracle: Oracle
) -> None:
    found = compare(oracle, programs(batch), stress=stress)
    assert not found, report(oracle, found[0])


@settings(max_examples=max(2, EXAMPLES // 100), phases=UNSHRUNK)
@given(batch=yielding_batches, stress=st.booleans())
def test_random_programs_with_coroutines_behave_as_the_reference_implementation(
    batch: list[int], stress: bool, oracle: Oracle
) -> None:
    found = compare(oracle, yielding(batch), stress=stress)
    assert not found, report(oracle, found[0])


@settings(max_examples=max(2, EXAMPLES // 100))
@given(batch=batches)
def test_random_programs_import_what_was_declared_and_no_more(batch: list[int]) -> None:
    module = subject.compiled(join_programs(programs(batch)))
    assert isinstance(module, munition.Module)
    engine = wasmtime.Engine(_config())
    imports = {(i.module, i.name) for i in wasmtime.Module(engine, module.wasm).imports}
    assert ("munition:log", "write") in imports
    assert {name for name, _ in imports} <= {f"munition:{name}" for name in subject.CAPABILITIES.split(",")}


def _config() -> wasmtime.Config:
    config = wasmtime.Config()
    config.wasm_tail_call = True
    config.parallel_compilation = False
    return config


_HASH = """
import hashlib, sys
from random import Random
import munition
from tests.support.differential import join_programs
from tests.support.lua_programs import program
source = join_programs([program(Random(seed)) for seed in range(12)])
sys.stdout.write(hashlib.sha256(munition.compile(source, "log,time,random", name="script").wasm).hexdigest())
"""


@pytest.mark.skipif(subject.STRESS, reason="the other process compiles modules that collect as usual")
@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_modules_do_not_depend_on_the_hash_seed(hash_seed: str) -> None:
    source = join_programs([program(Random(seed)) for seed in range(12)])
    here = hashlib.sha256(munition.compile(source, "log,time,random", name="script").wasm).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _HASH], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == here


def test_the_comparison_notices_a_difference(oracle: Oracle) -> None:
    # A program whose results differ for sure: it can tell the implementations apart by their table addresses.
    found = compare(oracle, ["return tostring({}):len()"], stress=False)
    assert [d.program for d in found] == ["return tostring({}):len()"]


@pytest.mark.parametrize("yields", [False, True])
def test_every_random_program_is_a_valid_one(yields: bool) -> None:
    load = lua54.LuaRuntime(encoding="latin-1").eval("load")
    for seed in range(1000):
        text = program(Random(seed), SIZE // 2, yields=yields)
        loaded = load(text)
        assert not isinstance(loaded, tuple), (seed, loaded)
