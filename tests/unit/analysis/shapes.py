# SPDX-License-Identifier: MIT
"""Small modules whose truth is known by construction: which imports can really be called, by whom.

Each shape is the body of a module that imports `env.a`, `env.b` and `env.c`, functions without parameters and results, as `$a`,
`$b` and `$c`, and has `$v`, the type of all three. `truth` names those that some host can bring the module to call without
being able to call them itself; `exports` the same for single exports, where the host leaves tables alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD = """(module (type $v (func)) (import "env" "a" (func $a (type $v))) (import "env" "b" (func $b (type $v)))
  (import "env" "c" (func $c (type $v))) """


@dataclass(frozen=True)
class Shape:
    name: str
    body: str
    truth: str
    exports: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def wat(self) -> str:
        return f"{HEAD}{self.body})"


def shape(name: str, truth: str, body: str, **exports: str) -> Shape:
    return Shape(name, body, truth, exports)


SHAPES = (
    shape("nothing calls anything", "", '(func (export "r"))', r=""),
    shape("one direct call", "a", '(func (export "r") call $a)', r="a"),
    shape("through a helper", "a", '(func $h call $a) (func (export "r") call $h)', r="a"),
    shape(
        "two exports, two imports",
        "a b",
        '(func (export "x") call $a) (func (export "y") call $b)',
        x="a",
        y="b",
    ),
    shape("dead function", "a", '(func $dead call $b) (func (export "r") call $a)', r="a"),
    shape("dead chain", "", "(func $x call $b) (func $y call $x)"),
    shape("dead cycle", "", "(func $x call $y call $b) (func $y call $x)"),
    shape(
        "live cycle", "b", '(func $x call $y call $b) (func $y call $x) (func (export "r") call $x)', r="b"
    ),
    shape("recursion", "c", '(func $x (export "r") call $x call $c)', r="c"),
    shape("import exported again", "a", '(export "r" (func $a))', r="a"),
    shape("same import exported twice", "a", '(export "r" (func $a)) (export "s" (func $a))', r="a", s="a"),
    shape("start function", "c", "(func $s call $c) (start $s)"),
    shape("import as start function", "c", "(start $c)"),
    shape("start and export", "b c", '(func $s call $c) (start $s) (func (export "r") call $b)', r="b c"),
    shape("start through a helper", "a", "(func $h call $a) (func $s call $h) (start $s)"),
    shape("tail call", "a", '(func (export "r") return_call $a)', r="a"),
    shape(
        "tail call through a helper",
        "b",
        '(func $h return_call $b) (func (export "r") return_call $h)',
        r="b",
    ),
    shape("call inside a block", "a", '(func (export "r") block loop call $a end end)', r="a"),
    shape(
        "call in one branch",
        "a b",
        '(func (export "r") (param i32) local.get 0 if call $a else call $b end)',
        r="a b",
    ),
    shape(
        "call in a legacy catch",
        "a b",
        '(tag $e) (func (export "r") try call $a catch $e call $b end)',
        r="a b",
    ),
    shape(
        "call after try_table",
        "a c",
        '(tag $e) (func (export "r") (block $h (try_table (catch $e $h) call $a)) call $c)',
        r="a c",
    ),
    shape(
        "private table, one entry",
        "a",
        '(table 1 funcref) (elem (i32.const 0) $a) (func (export "r") i32.const 0 call_indirect (type $v))',
        r="a",
    ),
    shape(
        "private table, never called",
        "",
        '(table 1 funcref) (elem (i32.const 0) $a) (func (export "r"))',
        r="",
    ),
    shape(
        "private table, other type called",
        "",
        "(type $w (func (param i32))) (table 1 funcref) (elem (i32.const 0) $a)"
        ' (func (export "r") i32.const 1 i32.const 0 call_indirect (type $w))',
        r="",
    ),
    shape(
        "private table, equal type under another index",
        "a",
        '(type $w (func)) (table 1 funcref) (elem (i32.const 0) $a) (func (export "r") i32.const 0 call_indirect (type $w))',
        r="a",
    ),
    shape(
        "table entry is a helper",
        "b",
        '(func $h call $b) (table 1 funcref) (elem (i32.const 0) $h) (func (export "r") i32.const 0 call_indirect (type $v))',
        r="b",
    ),
    shape(
        "two private tables, one called",
        "a",
        "(table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func $a)"
        ' (elem (table $u) (i32.const 0) func $b) (func (export "r") i32.const 0 call_indirect $t (type $v))',
        r="a",
    ),
    shape(
        "two private tables, both called",
        "a b",
        "(table $t 1 funcref) (table $u 1 funcref) (elem (table $t) (i32.const 0) func $a)"
        ' (elem (table $u) (i32.const 0) func $b) (func (export "r") i32.const 0 call_indirect $t (type $v)'
        " i32.const 0 call_indirect $u (type $v))",
        r="a b",
    ),
    shape(
        "exported table",
        "a",
        '(table (export "t") 1 funcref) (elem (i32.const 0) $a) (func (export "r"))',
        r="",
    ),
    shape(
        "exported table with a helper",
        "c",
        '(func $h call $c) (table (export "t") 1 funcref) (elem (i32.const 0) $h)',
    ),
    shape(
        "exported empty table",
        "",
        '(table (export "t") 4 funcref) (func $h call $a) (func (export "r"))',
        r="",
    ),
    shape("imported table", "a", '(import "env" "t" (table 1 funcref)) (elem (i32.const 0) $a)'),
    shape(
        "imported table with a helper",
        "b",
        '(import "env" "t" (table 1 funcref)) (func $h call $b) (elem (i32.const 0) $h) (func (export "r"))',
        r="",
    ),
    shape(
        "imported table at a computed place",
        "b",
        '(import "env" "base" (global $g i32)) (import "env" "t" (table 1 funcref)) (elem (global.get $g) $b)',
    ),
    shape(
        "table exported under two names",
        "a",
        '(table $t 1 funcref) (export "t" (table $t)) (export "u" (table $t)) (elem (i32.const 0) $a)',
    ),
    shape(
        "second table exported, first not",
        "b",
        '(table $t 1 funcref) (table $u (export "u") 1 funcref) (elem (table $t) (i32.const 0) func $a)'
        " (elem (table $u) (i32.const 0) func $b)",
    ),
    shape(
        "table.set of a reference",
        "c",
        '(table $t 1 funcref) (elem declare func $c) (func (export "r") i32.const 0 ref.func $c table.set $t'
        " i32.const 0 call_indirect $t (type $v))",
        r="c",
    ),
    shape(
        "table.set by one export, called by another",
        "c",
        '(table $t 1 funcref) (elem declare func $c) (func (export "set") i32.const 0 ref.func $c table.set $t)'
        ' (func (export "run") i32.const 0 call_indirect $t (type $v))',
        run="c",
        set="",
    ),
    shape(
        "table.init of a passive segment",
        "b",
        '(table $t 1 funcref) (elem $e func $b) (func (export "r") i32.const 0 i32.const 0 i32.const 1 table.init $t $e'
        " i32.const 0 call_indirect $t (type $v))",
        r="b",
    ),
    shape(
        "passive segment never used", "", '(table $t 1 funcref) (elem $e func $b) (func (export "r"))', r=""
    ),
    shape(
        "table.copy from a table",
        "a",
        "(table $t 1 funcref) (table $u 1 funcref) (elem (table $u) (i32.const 0) func $a)"
        ' (func (export "r") i32.const 0 i32.const 0 i32.const 1 table.copy $t $u i32.const 0 call_indirect $t (type $v))',
        r="a",
    ),
    shape(
        "table.copy into an exported table",
        "a",
        '(table $t (export "t") 1 funcref) (table $u 1 funcref) (elem (table $u) (i32.const 0) func $a)'
        ' (func (export "r") i32.const 0 i32.const 0 i32.const 1 table.copy $t $u)',
        r="",
    ),
    shape(
        "table.fill",
        "c",
        '(table $t 4 funcref) (elem declare func $c) (func (export "r") i32.const 0 ref.func $c i32.const 4 table.fill $t'
        " i32.const 2 call_indirect $t (type $v))",
        r="c",
    ),
    shape(
        "table.grow",
        "b",
        '(table $t 0 funcref) (elem declare func $b) (func (export "r") ref.func $b i32.const 1 table.grow $t drop'
        " i32.const 0 call_indirect $t (type $v))",
        r="b",
    ),
    shape(
        "table with an initial value",
        "a",
        '(table $t 2 funcref (ref.func $a)) (func (export "r") i32.const 1 call_indirect $t (type $v))',
        r="a",
    ),
    shape(
        "segment of expressions",
        "b",
        "(table 2 funcref) (elem (i32.const 0) funcref (ref.null func) (ref.func $b))"
        ' (func (export "r") i32.const 1 call_indirect (type $v))',
        r="b",
    ),
    shape(
        "reference in a global, called",
        "c",
        '(global $g (ref $v) (ref.func $c)) (func (export "r") global.get $g call_ref $v)',
        r="c",
    ),
    shape(
        "reference in an exported global",
        "c",
        '(global (export "g") funcref (ref.func $c)) (func (export "r"))',
        r="",
    ),
    shape("reference in a private global", "", '(global $g funcref (ref.func $c)) (func (export "r"))', r=""),
    shape(
        "mutable global set and called",
        "b",
        "(global $g (mut (ref null $v)) (ref.null $v)) (elem declare func $b)"
        ' (func (export "set") ref.func $b global.set $g) (func (export "run") global.get $g call_ref $v)',
        run="b",
        set="",
    ),
    shape(
        "reference returned to the host",
        "a",
        '(elem declare func $a) (func (export "r") (result funcref) ref.func $a)',
        r="",
    ),
    shape(
        "reference to a helper returned to the host",
        "b",
        '(func $h call $b) (elem declare func $h) (func (export "r") (result funcref) ref.func $h)',
        r="",
    ),
    shape(
        "reference given to an import",
        "c",
        '(import "env" "take" (func $take (param funcref))) (elem declare func $c)'
        ' (func (export "r") ref.func $c call $take)',
        r="",
    ),
    shape(
        "call_ref of a parameter, with an export of that type",
        "a",
        '(func (export "run") (param (ref $v)) local.get 0 call_ref $v) (func (export "x") call $a)',
        x="a",
    ),
    shape(
        "return_call_ref",
        "a",
        '(elem declare func $a) (func (export "r") ref.func $a return_call_ref $v)',
        r="a",
    ),
    shape(
        "call_ref through a supertype",
        "b",
        "(rec (type $p (sub (func (param i32)))) (type $q (sub $p (func (param i32)))))"
        ' (func $h (type $q) call $b) (elem declare func $h) (func (export "r") i32.const 0 ref.func $h call_ref $p)',
        r="b",
    ),
    shape(
        "call_indirect through a supertype",
        "b",
        "(rec (type $p (sub (func (param i32)))) (type $q (sub $p (func (param i32)))))"
        " (func $h (type $q) call $b) (table 1 funcref) (elem (i32.const 0) $h)"
        ' (func (export "r") i32.const 0 i32.const 0 call_indirect (type $p))',
        r="b",
    ),
    shape(
        "call_indirect of the subtype only",
        "",
        "(rec (type $p (sub (func (param i32)))) (type $q (sub $p (func (param i32)))))"
        " (func $h (type $p) call $b) (table 1 funcref) (elem (i32.const 0) $h)"
        ' (func (export "r") i32.const 0 i32.const 0 call_indirect (type $q))',
        r="",
    ),
    shape(
        "reference in a struct",
        "c",
        "(type $s (struct (field (ref $v)))) (elem declare func $c)"
        ' (func (export "r") ref.func $c struct.new $s struct.get $s 0 call_ref $v)',
        r="c",
    ),
    shape(
        "reference in an array from a segment",
        "a",
        "(type $l (array (ref $v))) (elem $e (ref $v) (ref.func $a))"
        ' (func (export "r") i32.const 0 i32.const 1 array.new_elem $l $e i32.const 0 array.get $l call_ref $v)',
        r="a",
    ),
    shape(
        "reference thrown and caught",
        "b",
        '(tag $e (param (ref $v))) (elem declare func $b) (func (export "r")'
        " (block $h (result (ref $v)) (try_table (catch $e $h) ref.func $b throw $e) unreachable) call_ref $v)",
        r="b",
    ),
    shape(
        "reference thrown to the host",
        "b",
        '(tag $e (export "e") (param funcref)) (elem declare func $b) (func (export "r") ref.func $b throw $e)',
        r="",
    ),
    shape(
        "call back from invoke_v",
        "a",
        '(import "env" "invoke_v" (func $invoke (param i32))) (table (export "t") 1 funcref) (elem (i32.const 0) $a)'
        ' (func (export "r") i32.const 0 call $invoke)',
        r="a",
    ),
    shape(
        "exported helper of an unreachable one",
        "a",
        '(func $h (export "h") call $a) (func $dead call $h call $b)',
        h="a",
    ),
    shape(
        "an export that only passes numbers",
        "a",
        '(func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add) (func (export "r") call $a)',
        add="",
        r="a",
    ),
    shape(
        "long chain",
        "a",
        "(func $f0 call $a) "
        + " ".join(f"(func $f{i} call $f{i - 1})" for i in range(1, 300))
        + ' (func (export "r") call $f299)',
        r="a",
    ),
    shape(
        "wide br_table before a call",
        "c",
        '(func (export "r") (param i32) (block $o (br_table ' + "$o " * 200 + "$o (local.get 0))) call $c)",
        r="c",
    ),
    shape(
        "vector instructions before a call",
        "b",
        '(memory 1) (func (export "r") (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31'
        " (v128.const i64x2 16 17) (v128.load (i32.const 0)))) call $b)",
        r="b",
    ),
    shape(
        "constants that look like calls",
        "a",
        '(func (export "r") i32.const 0x10101010 drop f64.const 0x1.0101010101010p+4 drop i64.const 0x1011121314151617 drop'
        " call $a)",
        r="a",
    ),
    shape(
        "atomics and bulk memory before a call",
        "c",
        '(memory 1 1 shared) (func (export "r") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))'
        " (memory.fill (i32.const 0) (i32.const 0) (i32.const 8)) (memory.copy (i32.const 0) (i32.const 8) (i32.const 8))"
        " call $c)",
        r="c",
    ),
    shape(
        "a name section that lies",
        "b",
        '(func $dead (@name "the_export") call $a) (func $live (@name "dead_code") call $b) (export "r" (func $live))',
        r="b",
    ),
    shape(
        "many locals before a call",
        "a",
        '(func (export "r") ' + " ".join(f"(local {t})" for t in ("i32", "i64", "f32") * 40) + " call $a)",
        r="a",
    ),
    shape(
        "typed select before a call",
        "b",
        '(func (export "r") (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 0)))'
        " (drop (select (result funcref) (ref.null func) (ref.null func) (i32.const 0))) call $b)",
        r="b",
    ),
    shape(
        "externref table holds nothing to call",
        "",
        '(table (export "t") 1 externref) (func $h call $a) (func (export "r"))',
        r="",
    ),
    shape(
        "a continuation",
        "a",
        '(type $k (cont $v)) (elem declare func $a) (func (export "r") ref.func $a cont.new $k resume $k)',
        r="a",
    ),
    shape(
        "reference taken in dead code only",
        "",
        "(table $t 1 funcref) (elem declare func $b) (func $dead i32.const 0 ref.func $b table.set $t)"
        ' (func (export "r") i32.const 0 call_indirect $t (type $v))',
        r="",
    ),
)
