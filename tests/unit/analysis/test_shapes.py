# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from munition.analysis import analyze
from tests.unit.analysis.shapes import SHAPES

INTERESTING = {"a", "b", "c"}
# Shapes for which the analysis knowingly says more than the truth.
TOO_MUCH = {
    "reference taken in dead code only": {"b"},
}


def reached(wat: str) -> tuple[set[str], dict[str, set[str]]]:
    report = analyze(bytes(wat2wasm(wat)))
    names = {i.index: i.name for i in report.imports}
    whole = {i.name for i in report.imports if i.kind == "func" and i.reachable} & INTERESTING
    single = {e.name: {names[i] for i in e.imports} & INTERESTING for e in report.exports}
    return whole, single


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.name)
def test_reachable_imports(shape: object) -> None:
    whole, single = reached(shape.wat)  # type: ignore[attr-defined]
    truth = set(shape.truth.split())  # type: ignore[attr-defined]
    assert whole >= truth, "an import that can be called was left out"
    assert whole == truth | TOO_MUCH.get(shape.name, set())  # type: ignore[attr-defined]
    for name, called in shape.exports.items():  # type: ignore[attr-defined]
        assert single[name] >= set(called.split())


def test_there_are_enough_of_them() -> None:
    assert len(SHAPES) >= 60
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


def test_precision_over_all_shapes() -> None:
    right = wrong = 0
    for shape in SHAPES:
        whole, _ = reached(shape.wat)
        truth = set(shape.truth.split())
        right += len(whole & truth)
        wrong += len(whole - truth)
    assert right / (right + wrong) >= 0.95


def test_exports_are_told_apart_when_tables_are_private() -> None:
    shape = next(s for s in SHAPES if s.name == "two exports, two imports")
    _, single = reached(shape.wat)
    assert single == {"x": {"a"}, "y": {"b"}}
