# SPDX-License-Identifier: MIT
"""Components whose truth is known by construction: which of the functions a, b, c of the world each export can lead to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ComponentShape:
    """A component as text.

    Attributes:
        title: what it shows.
        text: of the component.
        exports: export -> functions of the world it leads to, what runs at the start included.
        unused: functions of the world that nothing leads to.
    """

    title: str
    text: str
    exports: dict[str, str]
    unused: str = ""


WORLD = '(import "a" (func $a)) (import "b" (func $b)) (import "c" (func $c))'
LOWERED = (
    "(core func $la (canon lower (func $a))) (core func $lb (canon lower (func $b))) (core func $lc (canon lower (func $c)))"
    ' (core instance $world (export "a" (func $la)) (export "b" (func $lb)) (export "c" (func $lc)))'
)
CALLER = """(core module $m (import "w" "a" (func $a)) (import "w" "b" (func $b))
  (func (export "x") call $a) (func (export "y") call $b))
  (core instance $i (instantiate $m (with "w" (instance $world))))"""
SHIM = """(core module $shim (type $t (func)) (table (export "t") 3 3 funcref)
  (func (export "a") i32.const 0 call_indirect (type $t)) (func (export "b") i32.const 1 call_indirect (type $t)){more})
  (core instance $s (instantiate $shim))
  (core module $m (import "w" "a" (func $a)) (import "w" "b" (func $b))
    (func (export "x") call $a) (func (export "y") call $b))
  (core instance $i (instantiate $m (with "w" (instance $s))))
  (core module $fix (import "" "t" (table 3 3 funcref)) (import "" "a" (func)) (import "" "b" (func)) {segment})
  (core instance (instantiate $fix (with "" (instance (export "t" (table $s "t")) (export "a" (func $la)) (export "b" (func $lb))))))"""
SEGMENT = "(elem (i32.const 0) func 0 1)"
XY = '(func (export "x") (canon lift (core func $i "x"))) (func (export "y") (canon lift (core func $i "y")))'
WRAPPED = """(component $inner (import "f" (func $f)) (core func $l (canon lower (func $f)))
  (core module $m (import "w" "f" (func $f)) (func (export "g") call $f))
  (core instance $i (instantiate $m (with "w" (instance (export "f" (func $l))))))
  (func (export "g") (canon lift (core func $i "g"))))"""


def component(*parts: str) -> str:
    """The text of a component that imports a, b and c."""
    return f"(component {WORLD} {' '.join(parts)})"


COMPONENT_SHAPES = (
    ComponentShape("direct", component(LOWERED, CALLER, XY), {"x": "a", "y": "b"}, "c"),
    ComponentShape(
        "trampolines call one element each",
        component(LOWERED, SHIM.format(more="", segment=SEGMENT), XY),
        {"x": "a", "y": "b"},
        "c",
    ),
    ComponentShape(
        "a table that changes can hold anything",
        component(
            LOWERED,
            SHIM.format(
                more=' (func (export "swap") i32.const 0 i32.const 1 table.get 0 table.set 0)',
                segment=SEGMENT,
            ),
            XY,
        ),
        {"x": "a b", "y": "a b"},
        "c",
    ),
    ComponentShape(
        "two segments for one element",
        component(
            LOWERED,
            SHIM.format(more="", segment="(elem (i32.const 0) func 0 1) (elem (i32.const 1) func 0)"),
            XY,
        ),
        {"x": "a", "y": "a b"},
        "c",
    ),
    ComponentShape(
        "an element at a place that is not constant",
        component(
            LOWERED,
            SHIM.format(more="", segment="(global $g i32 (i32.const 0)) (elem (global.get $g) func 0 1)"),
            XY,
        ),
        {"x": "a b", "y": "a b"},
        "c",
    ),
    ComponentShape(
        "what one component answers for another is not asked of the world",
        component(
            WRAPPED,
            """(component $user (import "wasi:sockets/tcp@0.2.0" (func $f)) (core func $l (canon lower (func $f)))
               (core module $m (import "w" "f" (func $f)) (func (export "g") call $f))
               (core instance $i (instantiate $m (with "w" (instance (export "f" (func $l))))))
               (func (export "g") (canon lift (core func $i "g"))))
               (instance $one (instantiate $inner (with "f" (func $a))))
               (instance $two (instantiate $user (with "wasi:sockets/tcp@0.2.0" (func $one "g"))))
               (export "x" (func $two "g"))""".replace("wasi:sockets/tcp@0.2.0", "f"),
        ),
        {"x": "a"},
        "b c",
    ),
    ComponentShape(
        "one component, two instances",
        component(
            WRAPPED,
            '(instance $one (instantiate $inner (with "f" (func $a)))) (instance $two (instantiate $inner (with "f" (func $b))))'
            ' (export "x" (func $one "g")) (export "y" (func $two "g"))',
        ),
        {"x": "a", "y": "b"},
        "c",
    ),
    ComponentShape(
        "one module, two instances",
        component(
            LOWERED,
            '(core module $m (import "w" "f" (func $f)) (func (export "g") call $f))'
            ' (core instance $i (instantiate $m (with "w" (instance (export "f" (func $la))))))'
            ' (core instance $j (instantiate $m (with "w" (instance (export "f" (func $lb))))))'
            ' (func (export "x") (canon lift (core func $i "g"))) (func (export "y") (canon lift (core func $j "g")))',
        ),
        {"x": "a", "y": "b"},
        "c",
    ),
    ComponentShape(
        "a component that is never instantiated",
        component(WRAPPED, LOWERED, CALLER, '(func (export "x") (canon lift (core func $i "x")))'),
        {"x": "a"},
        "b c",
    ),
    ComponentShape(
        "a start function runs before any export",
        component(
            LOWERED,
            '(core module $m (import "w" "a" (func $a)) (import "w" "b" (func $b)) (start $a) (func (export "x") call $b))'
            ' (core instance $i (instantiate $m (with "w" (instance $world))))'
            ' (func (export "x") (canon lift (core func $i "x")))',
        ),
        {"x": "a b"},
        "c",
    ),
    ComponentShape(
        "a destructor runs when the host drops the resource",
        component(
            LOWERED,
            '(core module $m (import "w" "a" (func $a)) (func (export "drop") (param i32) call $a) (func (export "x")))'
            ' (core instance $i (instantiate $m (with "w" (instance $world))))'
            ' (type $r (resource (rep i32) (dtor (core func $i "drop")))) (export "r" (type $r))'
            ' (func (export "x") (canon lift (core func $i "x")))',
        ),
        {"x": "a"},
        "b c",
    ),
    ComponentShape(
        "what cleans up after a call",
        component(
            LOWERED,
            '(core module $m (import "w" "a" (func $a)) (memory (export "m") 1) (func (export "x") (result i32) i32.const 0)'
            ' (func (export "after") (param i32) call $a))'
            ' (core instance $i (instantiate $m (with "w" (instance $world))))'
            ' (func (export "x") (result string) (canon lift (core func $i "x") (memory (core memory $i "m")) (post-return (core func $i "after"))))',
        ),
        {"x": "a"},
        "b c",
    ),
    ComponentShape(
        "memory for the result of an import",
        """(component (import "a" (func $a)) (import "b" (func $b (result string)))
          (core func $la (canon lower (func $a)))
          (core module $libc (import "w" "a" (func $a)) (memory (export "m") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) call $a i32.const 0))
          (core instance $libc (instantiate $libc (with "w" (instance (export "a" (func $la))))))
          (core func $lb (canon lower (func $b) (memory (core memory $libc "m")) (realloc (core func $libc "realloc"))))
          (core module $m (import "w" "b" (func $b (param i32))) (func (export "x") i32.const 0 call $b))
          (core instance $i (instantiate $m (with "w" (instance (export "b" (func $lb))))))
          (func (export "x") (canon lift (core func $i "x"))))""",
        {"x": "a b"},
    ),
    ComponentShape(
        "a module of the component outside",
        component(
            LOWERED,
            '(core module $m (import "w" "f" (func $f)) (func (export "g") call $f))',
            """(component $inner (import "f" (func $f)) (core func $l (canon lower (func $f)))
               (alias outer 1 $m (core module $n))
               (core instance $i (instantiate $n (with "w" (instance (export "f" (func $l))))))
               (func (export "g") (canon lift (core func $i "g"))))
               (instance $one (instantiate $inner (with "f" (func $b)))) (export "x" (func $one "g"))""",
        ),
        {"x": "b"},
        "a c",
    ),
    ComponentShape(
        "an exported instance",
        component(
            WRAPPED,
            '(instance $one (instantiate $inner (with "f" (func $a)))) (export "i" (instance $one))',
        ),
        {"i#g": "a"},
        "b c",
    ),
    ComponentShape("an import exported again", component('(export "x" (func $a))'), {"x": "a"}, "b c"),
    ComponentShape(
        "a reference in a shared variable",
        component(
            LOWERED,
            """(core module $one (import "w" "a" (func $a)) (elem declare func $a)
                 (global (export "g") (mut funcref) (ref.null func)) (func (export "set") (global.set 0 (ref.func $a))))
               (core instance $one (instantiate $one (with "w" (instance $world))))
               (core module $two (import "o" "g" (global $g (mut funcref))) (table 1 funcref) (type $t (func))
                 (func (export "x") (table.set 0 (i32.const 0) (global.get $g)) (call_indirect (type $t) (i32.const 0))))
               (core instance $i (instantiate $two (with "o" (instance $one))))
               (func (export "x") (canon lift (core func $i "x")))""",
        ),
        {"x": "a"},
        "b c",
    ),
    ComponentShape(
        "what an imported component does is unknown",
        f"""(component {WORLD} (import "other" (component $o (import "f" (func)) (export "g" (func))))
          (instance $i (instantiate $o (with "f" (func $a)))) (export "x" (func $i "g")))""",
        {"x": "a b c"},
    ),
    ComponentShape(
        "what an imported module does is unknown",
        f"""(component {WORLD} (import "other" (core module $o (export "g" (func))))
          (core instance $i (instantiate $o)) (func (export "x") (canon lift (core func $i "g"))))""",
        {"x": "a b c"},
    ),
)
