# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
import wasmtime
from msgspec.structs import replace

from munition.wasm.header import HEADER
from munition.wasm.leb import name
from munition.wasm.link_unit import GeneratedFunction, LinkUnit
from munition.wasm.linker import link
from munition.wasm.module import (
    Body,
    Custom,
    Data,
    Element,
    Export,
    Global,
    Import,
    Kind,
    Mode,
    Module,
    Table,
    TagType,
)
from munition.wasm.names import function_names
from munition.wasm.printer import module_text, print_module
from munition.wasm.reader import read_module
from munition.wasm.runtime_object import RuntimeObject
from munition.wasm.text import float_text, identifiers, quoted
from munition.wasm.types import (
    EXTERNREF,
    F64,
    FUNCREF,
    I8,
    I32,
    ArrayType,
    Bounds,
    ContType,
    FieldType,
    FuncType,
    GlobalType,
    MemoryType,
    RecGroup,
    RefType,
    StructType,
    SubType,
    TableType,
)

EVERYTHING = Module(
    types=(
        SubType(FuncType()),
        SubType(FuncType((I32, F64), (I32,))),
        SubType(StructType((FieldType(I8, mutable=True), FieldType(RefType(3), mutable=False))), final=False),
        SubType(ArrayType(FieldType(RefType(2, nullable=False), mutable=True))),
        SubType(
            StructType((FieldType(I8, mutable=True), FieldType(RefType(3), mutable=False))), supertypes=(2,)
        ),
    ),
    rec_groups=(RecGroup(2, 2),),
    imports=(
        Import("m", "f", Kind.FUNCTION, 1),
        Import("m", "t", Kind.TABLE, TableType(EXTERNREF, Bounds(1, 2))),
        Import("m", "m", Kind.MEMORY, MemoryType(Bounds(1, 2, is_64=True))),
        Import("m", "g", Kind.GLOBAL, GlobalType(I32)),
        Import("m", "x", Kind.TAG, TagType(0)),
    ),
    functions=(0,),
    tables=(
        Table(TableType(FUNCREF, Bounds(2))),
        Table(TableType(RefType(0, nullable=False), Bounds(1)), b"\xd2\x01\x0b"),
    ),
    memories=(MemoryType(Bounds(1, 3)),),
    tags=(0,),
    globals=(Global(GlobalType(I32, mutable=True), b"\x23\x00\x41\x05\x6a\x0b"),),
    exports=(Export('a\n"b', Kind.FUNCTION, 1), Export("mem", Kind.MEMORY, 1)),
    start=1,
    elements=(
        Element(Mode.ACTIVE, RefType(FUNCREF.heap, nullable=False), (1,), None, 1, b"\x41\x00\x0b"),
        Element(Mode.PASSIVE, FUNCREF, (), (b"\xd2\x01\x0b", b"\xd0\x70\x0b")),
        Element(Mode.DECLARATIVE, RefType(FUNCREF.heap, nullable=False), (0, 1)),
    ),
    data_count=2,
    code=(
        Body(
            bytes.fromhex(
                "02 02 7f 01 7c"
                "02 40 03 7f 41 7f 0d 01 41 00 0b 1a 0b"
                "41 00 28 02 08 1a 41 00 28 41 01 10 1a 42 00 2d 00 00 1a"
                "44 00 00 00 00 00 00 f8 7f 1a 43 00 00 80 3f 1a"
                "41 00 04 40 01 05 10 01 0b"
                "41 00 11 00 01 41 00 41 00 1c 01 7f 1a"
                "fb 01 02 fb 02 02 00 1a d0 03 1a"
                "1f 40 02 00 01 00 02 00 01 0b"
                "fd 0c 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 1a"
                "41 00 0e 02 00 00 00 0b"
            )
        ),
    ),
    data=(Data(b'hi\0\xff"\\', 1, b"\x41\x00\x0b"), Data(b"p")),
    customs=(Custom("producers", b"\0"),),
)


def test_everything_is_shown() -> None:
    text = module_text(EVERYTHING)
    for line in (
        "  (type (;1;) (func (param i32 f64) (result i32)))",
        "  (rec",
        "    (type (;2;) (sub (struct (field (mut i8)) (field (ref null 3)))))",
        "    (type (;3;) (array (mut (ref 2))))",
        "  (type (;4;) (sub final 2 (struct (field (mut i8)) (field (ref null 3)))))",
        '  (import "m" "f" (func (;0;) (type 1)))',
        '  (import "m" "t" (table (;0;) 1 2 externref))',
        '  (import "m" "m" (memory (;0;) i64 1 2))',
        '  (import "m" "x" (tag (;0;) (type 0)))',
        "  (table (;2;) 1 (ref 0) (ref.func 1))",
        "  (global (;1;) (mut i32) (global.get 0) (i32.const 5) (i32.add))",
        '  (export "a\\0a\\22b" (func 1))',
        "  (start 1)",
        "  (elem (;0;) (table 1) (offset (i32.const 0)) func 1)",
        "  (elem (;1;) funcref (item (ref.func 1)) (item (ref.null func)))",
        "  (elem (;2;) declare func 0 1)",
        "    (local i32 i32)",
        "    (local f64)",
        "      loop (result i32)",
        "        br_if 1",
        "    i32.load offset=8",
        "    i32.load 1 offset=16 align=2",
        "    i64.const 0",
        "    i32.load8_u",
        "    f64.const nan:0x8000000000000",
        "    f32.const 1.0",
        "    else",
        "      call 1",
        "    call_indirect 1 (type 0)",
        "    select (result i32)",
        "    struct.get 2 0",
        "    ref.null 3",
        "    try_table (catch 1 0) (catch_all 0)",
        "    v128.const i32x4 0x00000001 0x00000002 0x00000003 0x00000004",
        "    br_table 0 0 0",
        '  (data (;0;) (memory 1) (offset (i32.const 0)) "hi\\00\\ff\\22\\5c")',
        '  (data (;1;) "p")',
        '  ;; custom section "producers", 1 bytes',
    ):
        assert line in text.splitlines(), line


def test_our_own_modules_can_be_read_back_as_text(guest: RuntimeObject) -> None:
    crash = GeneratedFunction("main", FuncType(), b"\0\x01\0\x0b", lines=((1, 7), (2, 8)))
    linked = link(guest, LinkUnit((crash,), exports=(("guest_apply", "guest_apply"), ("main", "main"))))
    text = print_module(linked.data)
    assert "    ;; line 8\n    unreachable\n" in text
    assert "(func $main (;3;) (type " in text
    assert "call_indirect (type " in text
    again = read_module(bytes(wasmtime.wat2wasm(text)))
    module = read_module(linked.data)
    assert again.types == module.types
    assert again.exports == module.exports
    assert [d.content for d in again.data] == [d.content for d in module.data]
    assert len(again.code) == len(module.code)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J", '"\\1b[2J"'),
        ("a\n)", '"a\\0a)"'),
        ("\u202eevil", '"\\u{202e}evil"'),
        ("\u0430bc", '"\\u{430}bc"'),
        ("\U000e0041", '"\\u{e0041}"'),
        ('\x7f"\\', '"\\7f\\22\\5c"'),
    ],
)
def test_hostile_names_are_escaped(hostile: str, shown: str) -> None:
    assert quoted(hostile) == shown
    module = Module(
        types=(SubType(FuncType()),),
        imports=(Import(hostile, hostile, Kind.FUNCTION, 0),),
        exports=(Export(hostile, Kind.FUNCTION, 0),),
        customs=(Custom("name", b"\0" + bytes((len(name(hostile)),)) + name(hostile)), Custom(hostile, b"")),
    )
    text = module_text(
        replace(module, customs=(*module.customs, Custom("name", function_names({0: hostile}))))
    )
    assert text.isascii()
    assert all(c == "\n" or " " <= c <= "~" for c in text)
    wasmtime.wat2wasm(text)


def test_names_used_twice_stay_apart() -> None:
    found = identifiers({0: "a", 1: "a", 2: "a#1", 3: "", 4: "b c"})
    assert found == {0: "$a", 1: "$a#1", 2: "$a#1#2", 3: "$#3", 4: '$"b c"'}


def test_code_that_cannot_be_decoded_is_said_to_be() -> None:
    module = Module(
        types=(SubType(FuncType()),),
        functions=(0, 0, 0),
        code=(Body(b"\0\x01\xff\x0b"), Body(b"\x7f\x0b"), Body(b"\0\x01\x0b")),
    )
    text = module_text(module)
    assert "    nop\n    ;; cannot be decoded: E231" in text
    assert "    ;; cannot be decoded: E216" in text
    assert text.endswith("    nop\n  )\n)\n")


def test_deep_nesting_gives_text_of_linear_size() -> None:
    code = Body(b"\0" + b"\x02\x40" * 50_000 + b"\x0b" * 50_001)
    text = module_text(Module(types=(SubType(FuncType()),), functions=(0,), code=(code,)))
    assert len(text) < 100_000 * 100


def test_a_few_bytes_that_declare_much_give_little_text() -> None:
    many = FuncType((I32,) * 1000, ())
    bodies = (Body(b"\x01\xd0\x86\x03\x7f\x0b"),) * 1000
    text = module_text(Module(types=(SubType(many),), functions=(0,) * 1000, code=bodies))
    assert "    ;; 50000 locals of type i32\n" in text
    assert len(text) < 200_000


def test_lying_name_and_line_sections_are_ignored() -> None:
    customs = (Custom("name", b"\x01\x05\xff\xff\xff\xff\x0f"), Custom("munition:lines", b"\x63"))
    module = Module(types=(SubType(FuncType()),), functions=(0,), code=(Body(b"\0\x0b"),), customs=customs)
    assert "(func (;0;) (type 0)" in module_text(module)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("0000c03f", "1.5"),
        ("000080ff", "-inf"),
        ("0100807f", "nan:0x1"),
        ("0000c0ff", "-nan:0x400000"),
        ("00000080", "-0.0"),
        ("9a9999999999b93f", "0.1"),
    ],
)
def test_floats_keep_their_bits(raw: str, text: str) -> None:
    assert float_text(bytes.fromhex(raw)) == text


def test_an_empty_module_is_printed() -> None:
    assert print_module(HEADER) == "(module\n)\n"


NAMED = """(module
  (type $point (struct (field i32))) (type $f (func (param i32) (result i32 i32)))
  (import "m" "x" (global $seed i32)) (table $t0 1 funcref) (table $t1 1 funcref) (memory $m0 1) (memory $m1 1)
  (tag $boom (param i32)) (global $g (mut i64) (i64.const 1)) (elem $e func $go) (data $d "x")
  (func $go (param $p i32) (local anyref)
    global.get $g drop
    (block (type $f) (i32.const 1)) drop drop
    (memory.init $m1 $d (i32.const 0) (i32.const 0) (i32.const 0))
    (table.init $t1 $e (i32.const 0) (i32.const 0) (i32.const 0))
    (table.set $t1 (i32.const 0) (ref.func $go))
    (memory.size $m1) drop (memory.size) drop
    (block (result anyref) (br_on_cast 0 anyref (ref null $point) (local.get 1))) drop
    (ref.test (ref null $point) (local.get 1)) drop
    (ref.test (ref eq) (local.get 1)) drop
    (i64.load8_s $m1 offset=4 (i32.const 0)) drop
    (v128.load32_splat (i32.const 0)) drop
    (v128.load8x8_s (i32.const 0)) drop
    (i32.atomic.rmw8.add_u (i32.const 0) (i32.const 1)) drop
    (memory.atomic.notify (i32.const 0) (i32.const 1)) drop
    (throw $boom (i32.const 1))))"""


def test_named_things_are_shown_by_their_names() -> None:
    module = read_module(bytes(wasmtime.wat2wasm(NAMED)))
    text = module_text(module)
    for line in (
        "global.get $g",
        "block (type $f)",
        "memory.init $m1 $d",
        "table.init $t1 $e",
        "table.set $t1",
        "memory.size $m1",
        "br_on_cast 0 anyref (ref null $point)",
        "ref.test (ref null $point)",
        "ref.test (ref eq)",
        "i64.load8_s $m1 offset=4",
        "v128.load32_splat",
        "memory.atomic.notify",
        "throw $boom",
        '(import "m" "x" (global $seed (;0;) i32))',
        "(elem $e (;0;) func $go)",
    ):
        assert line in text, line
    again = read_module(bytes(wasmtime.wat2wasm(text)))
    assert again.code == module.code


def test_stack_switching_is_shown() -> None:
    types = (SubType(FuncType()), SubType(ContType(0)))
    code = Body(bytes.fromhex("00 e0 01 e2 00 e3 01 02 00 00 01 01 00 00 0b"))
    text = module_text(Module(types=types, functions=(0,), tags=(0, 0), code=(code,)))
    assert "(type (;1;) (cont 0))" in text
    assert "    cont.new 1\n    suspend 0\n    resume 1 (on 0 1) (on 0 switch)\n    unreachable\n" in text
