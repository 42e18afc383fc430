# SPDX-License-Identifier: MIT
"""What is remembered is bounded in number and in bytes."""

from __future__ import annotations

from collections import OrderedDict

import munition
from munition.engine.child import Child
from munition.engine.kept import Kept
from munition.engine.machine import machine
from munition.wasm.leb import unsigned
from munition.wasm.module import Custom, Module
from munition.wasm.writer import write_module
from tests.support.wasm_text import wat


def kept_of(kept: Kept[str]) -> str:
    return "".join(key for key in "abcdef" if kept.get(key) is not None)


def test_the_first_made_is_forgotten_when_there_are_too_many() -> None:
    kept: Kept[str] = Kept(2, 1000)
    for key in "abc":
        assert kept.keep(key, key, key, 1) == key
    assert kept_of(kept) == "bc"


def test_as_many_are_forgotten_as_bytes_are_needed() -> None:
    kept: Kept[str] = Kept(10, 100)
    for key in "abcd":
        kept.keep(key, key, key, 25)
    assert kept_of(kept) == "abcd"
    kept.keep("e", "e", "e", 60)
    assert kept_of(kept) == "de"


def test_what_was_made_last_stays_however_large() -> None:
    kept: Kept[str] = Kept(10, 100)
    kept.keep("a", "a", "a", 10)
    kept.keep("b", "b", "b", 1000)
    assert kept_of(kept) == "b"
    kept.keep("c", "c", "c", 10)
    assert kept_of(kept) == "c"


def test_bytes_that_several_hold_count_once_and_until_the_last_is_gone() -> None:
    kept: Kept[str] = Kept(10, 100)
    for key in "abc":
        kept.keep(key, key, "module", 60)
    assert kept_of(kept) == "abc"
    kept.keep("d", "d", "other", 60)
    assert kept_of(kept) == "d"
    kept.keep("e", "e", "third", 40)
    assert kept_of(kept) == "de"


def test_the_first_of_two_that_made_the_same_is_kept() -> None:
    kept: Kept[list[int]] = Kept(10, 100)
    first: list[int] = []
    assert kept.keep("a", first, "x", 60) is first
    assert kept.keep("a", [], "y", 60) is first
    assert kept.keep("b", [], "z", 40) is not first
    assert kept.get("a") is first


def test_what_is_known_of_modules_is_forgotten_by_their_bytes() -> None:
    """Forty modules of two mebibytes are fewer than may be remembered, but too large together."""
    owner = machine()
    modules = [write_module(Module(customs=(Custom("text", b"%d" % k + bytes(2 << 20)),))) for k in range(40)]
    first = owner.facts(modules[0])
    assert owner.facts(modules[0]) is first
    for module in modules[1:]:
        owner.facts(module)
    assert owner.facts(modules[0]) is not first


def test_functions_forgotten_for_their_size_fire_again() -> None:
    function = wat('(module (func (export "f") (result i32) i32.const 7))')
    modules = [function + bytes([0]) + sized(b"\x01x" + b"%d" % k + bytes(8 << 20)) for k in range(12)]
    for module in (*modules, *modules[:2]):
        assert munition.fire(module, "f", isolation="process").values == (7,)


def sized(content: bytes) -> bytes:
    return unsigned(len(content)) + content


def test_a_worker_forgets_the_least_recently_used_for_their_number_and_their_bytes() -> None:
    child = Child.__new__(Child)
    child.loaded = OrderedDict.fromkeys(range(1, 65), 1 << 20)
    child.loaded.move_to_end(1)
    assert child.make_room(1 << 20) == [2]
    assert child.make_room(200 << 20) == [3, 4, 5, 6, 7, 8, 9]
    assert child.make_room(1 << 30) == [*range(10, 65), 1]
    assert child.make_room(1 << 30) == []


def test_a_worker_is_told_which_targets_to_forget() -> None:
    """Seventy functions of one module, fired twice in the same worker, which keeps sixty-four."""
    names = [f"f{k}" for k in range(70)]
    module = wat(
        "(module" + "".join(f'(func (export "{n}") (result i32) i32.const {n[1:]})' for n in names) + ")"
    )
    for name in (*names, *names):
        assert munition.fire(module, name, isolation="process").values == (int(name[1:]),)
