# SPDX-License-Identifier: MIT
"""Hostile components: refused with a typed error or reported, in little time and memory; the world is never understated."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from wasmtime import wat2wasm

from munition.analysis import analyze
from munition.analysis.as_html import report_page
from munition.analysis.as_text import report_text
from munition.errors import InvalidModuleError, MunitionError
from munition.wasm.component_reader import COMPONENT_HEADER, read_component
from munition.wasm.leb import name, unsigned

HUGE = b"\xff\xff\xff\xff\x0f"


def section(number: int, content: bytes) -> bytes:
    return bytes((number,)) + unsigned(len(content)) + content


def component(*sections: bytes) -> bytes:
    return COMPONENT_HEADER + b"".join(sections)


def types(*entries: bytes) -> bytes:
    return section(7, unsigned(len(entries)) + b"".join(entries))


def instance_import(interface: str, type_: int) -> bytes:
    return section(10, b"\1\0" + name(interface) + b"\5" + unsigned(type_))


def test_a_component_in_a_component_ten_thousand_deep() -> None:
    data = component()
    for _ in range(10_000):
        data = component(section(4, data))
    with pytest.raises(InvalidModuleError, match="nested"):
        analyze(data)


def test_types_in_types_ten_thousand_deep() -> None:
    nested = b"\x42\x01\x01" * 10_000 + b"\x42\x00"
    with pytest.raises(InvalidModuleError, match="nested"):
        analyze(component(types(nested)))


@pytest.mark.parametrize("number", range(1, 13))
@pytest.mark.parametrize("count", [HUGE, b"\xff\xff\x3f"])
def test_a_huge_count_allocates_nothing(number: int, count: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InvalidModuleError):
            analyze(component(section(number, count + b"\0")))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        component(section(13, b"")),
        component(section(1, b"\0asm\x0d\0\1\0")),
        component(section(1, b"\0asm\1\0\0\0\x63")),
        component(section(4, b"\0asm\1\0\0\0")),
        component(section(4, b"")),
        component(section(7, b"\1\x3e")),
        component(section(7, b"\1\x40\0\1\0\0")),
        component(section(8, b"\1\x7f")),
        component(section(8, b"\1\0\0\0\0\0")),
        component(section(5, b"\1\0\0\0")),
        component(section(6, b"\1\3\2\1\0")),
        component(section(6, b"\1\1\2\0\0")),
        component(section(10, b"\1\x03\1a\1\0")),
        component(section(10, b"\1\0\1\xff\1\0")),
        component(types(b"\x40\0\1\0"), section(10, b"\2\0\1a\1\0\0\1a\1\0")),
        component(section(11, b"\1\0\1a\1\0\0")),
        component(section(9, b"\0\0\0")),
        b"\0asm\x0c\0\1\0",
        b"\0asm\x0d\0\2\0",
    ],
)
def test_what_is_no_component(data: bytes) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        analyze(data)
    assert caught.value.code is not None


def test_an_interface_that_grows_exponentially_is_refused() -> None:
    """Each type exports two instances of the one before: 2 to the 40th functions in a kilobyte."""
    entries = [b"\x42\x02\x01\x40\0\1\0\4\0" + name("f") + b"\1\0"]
    for depth in range(40):
        alias = b"\2\3\2\1" + unsigned(depth)
        both = b"".join(b"\4\0" + name(label) + b"\5\0" for label in ("a", "b"))
        entries.append(b"\x42\x03" + alias + both)
    data = component(types(*entries), instance_import("x", 40))
    assert len(data) < 2_000
    with pytest.raises(InvalidModuleError, match="imports more than"):
        analyze(data)


def test_instances_that_grow_exponentially_are_not_followed() -> None:
    """Each component instantiates the one before twice; what it asks of the world counts all the same."""
    inner = "(component $c0)"
    for depth in range(1, 30):
        before = depth - 1
        inner += f"(component $c{depth} (alias outer 1 $c{before} (component $b)) (instance (instantiate $b)) (instance (instantiate $b)))"
    text = f'(component (import "wasi:cli/exit@0.2.0" (instance $e (export "exit" (func)))) {inner} (instance (instantiate $c29)))'
    report = analyze(bytes(wat2wasm(text)))
    assert report.labels == report.labels_reachable == ("proc.exit",)
    assert [n.code for n in report.notes] == ["N15"]


def test_many_instances_of_a_large_module_are_not_followed() -> None:
    functions = "(func)" * 20_000
    makes = "(core instance (instantiate $m))" * 900
    report = analyze(bytes(wat2wasm(f"(component (core module $m {functions}) {makes})")))
    assert [n.code for n in report.notes] == ["N15"]


@pytest.mark.parametrize(
    ("interface", "flag"),
    [
        ("wasi:cli/exit@0.2.0\x1b[2J", "control-character"),
        ("wasi:cli/\u0435xit@0.2.0", "non-ascii"),
        ("wasi:cli/exit\u202e", "control-character"),
        ("", "empty-module"),
    ],
)
def test_names_are_opaque_flagged_and_escaped(interface: str, flag: str) -> None:
    function = b"\x42\x02\x01\x40\0\1\0\4\0" + name("exit\x07<mark>") + b"\1\0"
    report = analyze(component(types(function), instance_import(interface, 0)))
    assert report.required == {"opaque"}
    assert flag in report.imports[0].flags
    text = report_text("x.wasm", report)
    assert all(line.isprintable() and line.isascii() for line in text.split("\n"))
    assert "<mark>" not in report_page([("x.wasm", report)])


def test_an_export_named_like_markup_stays_text() -> None:
    data = component(
        types(b"\x40\0\1\0"),
        section(10, b"\1\0\1f\1\0"),
        section(11, b"\1\0" + name("<mark>\x1b") + b"\1\0\0"),
    )
    report = analyze(data)
    assert report.export_names == ("<mark>\x1b",)
    assert "<mark>" not in report_page([("x", report)])
    assert "\x1b" not in report_text("x", report, per_export=True)


def test_a_module_that_is_lied_about_in_a_section_cannot_hide_imports() -> None:
    """A second world inside a custom section, and one in a nested component, are not the world; nor do they shrink it."""
    world = bytes(wat2wasm('(component (import "wasi:cli/exit@0.2.0" (instance (export "exit" (func)))))'))
    assert analyze(component(section(0, name("x") + world))).imports == ()
    assert analyze(component(section(4, world))).imports == ()
    assert analyze(world + section(0, name("component-name") + b"\xff")).required == analyze(world).required


def test_unknown_code_inside_makes_everything_reachable() -> None:
    data = bytearray(
        wat2wasm(
            '(component (import "a" (func $a)) (core func $l (canon lower (func $a)))'
            ' (core module $m (func (export "x") nop nop)) (core instance $i (instantiate $m))'
            ' (func (export "x") (canon lift (core func $i "x"))))'
        )
    )
    data[data.index(b"\1\1\x0b")] = 0xFF
    report = analyze(bytes(data))
    assert [i.reachable for i in report.imports] == [True]
    assert [(e.name, e.labels) for e in report.exports] == [("x", ("opaque",))]
    assert "N15" in [n.code for n in report.notes]


SEED = bytes(
    wat2wasm(
        """(component (import "a" (func $a)) (import "wasi:cli/exit@0.2.0" (instance $e (export "exit" (func (param "s" (result))))))
        (alias export $e "exit" (func $x)) (core func $la (canon lower (func $a))) (core func $lx (canon lower (func $x)))
        (type $r (resource (rep i32))) (core func $d (canon resource.drop $r))
        (component $n (import "i" (func $i)) (export "o" (func $i))) (instance $k (instantiate $n (with "i" (func $a))))
        (core module $m (import "w" "a" (func $a)) (import "w" "x" (func (param i32))) (table 2 funcref) (elem (i32.const 0) $a)
          (func (export "f") (call_indirect (i32.const 0))))
        (core instance $c (instantiate $m (with "w" (instance (export "a" (func $la)) (export "x" (func $lx))))))
        (func $f (canon lift (core func $c "f"))) (export "run" (func $f)) (export "k" (instance $k)))"""
    )
)


@pytest.mark.parametrize("seed", range(4))
def test_mutants_are_reported_or_refused(seed: int) -> None:
    dice = random.Random(seed)
    outcomes = {"report": 0, "refused": 0}
    for _ in range(600):
        data = bytearray(SEED)
        for _ in range(dice.choice((1, 1, 3))):
            at = dice.randrange(8, len(data))
            match dice.randrange(4):
                case 0:
                    data[at] ^= 1 << dice.randrange(8)
                case 1:
                    data[at:at] = dice.choice((HUGE, b"\0", b"\x7f"))
                case 2:
                    del data[at : at + dice.randrange(1, 6)]
                case _:
                    data[at] = dice.randrange(32)
        try:
            report = analyze(bytes(data))
        except MunitionError:
            outcomes["refused"] += 1
        else:
            outcomes["report"] += 1
            assert set(report.labels_reachable) <= set(report.labels)
    assert min(outcomes.values()) > 10


def test_only_a_cut_between_sections_can_leave_a_component() -> None:
    whole = 0
    for size in range(8, len(SEED)):
        try:
            read_component(SEED[:size])
            whole += 1
        except InvalidModuleError:
            pass
    assert whole <= 20
