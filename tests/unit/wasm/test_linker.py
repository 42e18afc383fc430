# SPDX-License-Identifier: MIT
from __future__ import annotations

import struct
from typing import Any

import pytest
import wasmtime
from msgspec.structs import replace

from munition.wasm.leb import padded, signed
from munition.wasm.lines import read_line_table
from munition.wasm.link_unit import (
    DATA_PLACEHOLDER,
    INDEX_PLACEHOLDER,
    CallRelocation,
    DataRelocation,
    GeneratedFunction,
    GeneratedGlobal,
    GlobalRelocation,
    LinkedModule,
    LinkUnit,
    TypeRelocation,
)
from munition.wasm.linker import link
from munition.wasm.module import Kind
from munition.wasm.names import read_names
from munition.wasm.reader import read_module
from munition.wasm.runtime_object import RuntimeObject, read_runtime
from munition.wasm.types import F64, I32, I64, FuncType, SubType
from munition.wasm.writer import write_module

UNARY = FuncType((I64,), (I64,))
ADD_THREE = GeneratedFunction("main", UNARY, b"\0\x20\0\x42\x03\x7c\x0b")
HOOK = GeneratedFunction("hook", FuncType((I32,)), b"\0\x0b")


def unit(*exports: str, functions: tuple[GeneratedFunction, ...] = (), **rest: Any) -> LinkUnit:
    return LinkUnit(functions, exports=tuple((name, name) for name in exports), **rest)


class Running:
    """A linked module in an engine; host functions record their calls."""

    def __init__(self, linked: LinkedModule) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.store = wasmtime.Store(wasmtime.Engine())
        module = wasmtime.Module(self.store.engine, linked.data)
        host = [self.host(i) for i in module.imports]
        self.exports = wasmtime.Instance(self.store, module, host).exports(self.store)

    def host(self, entry: wasmtime.ImportType) -> wasmtime.Func:
        assert isinstance(entry.type, wasmtime.FuncType)
        results = len(entry.type.results)

        def called(*arguments: Any) -> Any:
            self.calls.append((entry.module, entry.name, *arguments))
            return 1000 if results else None

        return wasmtime.Func(self.store, entry.type, called)

    def call(self, name: str, *arguments: Any) -> Any:
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        return function(self.store, *arguments)

    def bytes(self, start: int, end: int) -> bytes:
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        return bytes(memory.read(self.store, start, end))


def test_a_pure_export_imports_nothing(guest: RuntimeObject) -> None:
    linked = link(guest, unit("guest_add"))
    assert linked.imports == ()
    assert Running(linked).call("guest_add", 2, 3) == 5
    assert len(read_module(linked.data).code) == 1


@pytest.mark.parametrize(
    ("export", "imports"),
    [
        ("guest_greet", {("munition:log", "write")}),
        ("guest_apply_clock", {("munition:time", "now")}),
        ("guest_random", {("munition:random", "fill")}),
        ("guest_square", set()),
        ("guest_node", set()),
    ],
)
def test_imports_are_what_is_reached(
    guest: RuntimeObject, export: str, imports: set[tuple[str, str]]
) -> None:
    module = read_module(link(guest, unit(export)).data)
    assert {(i.module, i.name) for i in module.imports} == imports


def test_imports_keep_the_order_of_the_runtime(guest: RuntimeObject) -> None:
    linked = link(guest, unit("guest_random", "guest_apply_clock", "guest_greet"))
    assert linked.imports == (
        ("munition:log", "write"),
        ("munition:time", "now"),
        ("munition:random", "fill"),
    )


def test_a_generated_call_reaches_a_host_function(guest: RuntimeObject) -> None:
    body = b"\0\x41\x07\x41\x08\x10" + INDEX_PLACEHOLDER + b"\x0b"
    for symbol in ("host_log", "munition:log.write"):
        go = GeneratedFunction("go", FuncType(), body, (CallRelocation(6, symbol),))
        linked = link(guest, unit("go", functions=(go,)))
        assert linked.imports == (("munition:log", "write"),)
        running = Running(linked)
        running.call("go")
        assert running.calls == [("munition:log", "write", 7, 8)]


def test_runtime_and_generated_functions_call_each_other(guest: RuntimeObject) -> None:
    go = GeneratedFunction(
        "go", UNARY, b"\0\x20\0\x10" + INDEX_PLACEHOLDER + b"\x0b", (CallRelocation(4, "guest_main"),)
    )
    linked = link(guest, unit("go", functions=(go, ADD_THREE)))
    assert linked.imports == ()
    assert Running(linked).call("go", 5) == 9


def test_constants_of_the_runtime_arrive(guest: RuntimeObject) -> None:
    running = Running(
        link(guest, unit("guest_square", "guest_node", "guest_count", "guest_overlap", "guest_stack"))
    )
    assert [running.call("guest_square", i) for i in range(8)] == [i * i for i in range(8)]
    assert [running.call("guest_node", i) for i in range(3)] == [ord("f"), ord("l"), ord("l")]
    assert running.call("guest_count") == 41
    texts = [running.bytes(at := running.call("guest_overlap", i), at + 4) for i in range(3)]
    assert texts == [b"shar", b"tail", b"unsh"]


def test_indirect_calls_of_the_runtime_find_their_functions(guest: RuntimeObject) -> None:
    running = Running(link(guest, unit("guest_apply", "guest_stack")))
    assert [running.call("guest_apply", which, 21) for which in (0, 1)] == [42, -21]


def test_a_pair_comes_back_in_two_results(guest: RuntimeObject) -> None:
    assert Running(link(guest, unit("guest_pair"))).call("guest_pair", 3, 4) == [3, 5]


def test_table_slots_are_known_before_linking(guest: RuntimeObject) -> None:
    linked = link(guest, unit("guest_call", functions=(ADD_THREE,), table=("main", "guest_main", "main")))
    running = Running(linked)
    base = guest.table_base
    assert running.call("guest_call", base, 5) == 8
    assert running.call("guest_call", base + 1, 5) == 9
    assert running.call("guest_call", base + 2, 5) == 8


@pytest.mark.parametrize("slot", [0, 1, 2])
def test_slots_of_the_runtime_that_nothing_points_to_are_empty(guest: RuntimeObject, slot: int) -> None:
    running = Running(link(guest, unit("guest_call", functions=(ADD_THREE,), table=("main",))))
    with pytest.raises(wasmtime.Trap):
        running.call("guest_call", slot, 5)


def test_the_table_is_private_unless_asked_for(guest: RuntimeObject) -> None:
    names = [e.name for e in read_module(link(guest, unit("guest_call")).data).exports]
    assert names == ["memory", "guest_call"]
    names = [
        e.name for e in read_module(link(guest, unit(table_export="t", memory_export=None)).data).exports
    ]
    assert names == ["t"]


def test_generated_indirect_calls_and_block_types(guest: RuntimeObject) -> None:
    pair = FuncType((), (I32, I64))
    body = (
        b"\0\x02" + INDEX_PLACEHOLDER + b"\x41\x07\x42\x05\x0b"  # a block with two results
        b"\x1a\x1a\x20\0\x20\x01\x11" + INDEX_PLACEHOLDER + b"\0\x0b"  # call_indirect of the argument
    )
    go = GeneratedFunction(
        "go", FuncType((I64, I32), (I64,)), body, (TypeRelocation(2, pair), TypeRelocation(17, UNARY))
    )
    linked = link(guest, unit("go", functions=(go, ADD_THREE), table=("main",)))
    assert Running(linked).call("go", 4, guest.table_base) == 7


def test_equal_types_become_one(guest: RuntimeObject) -> None:
    same = GeneratedFunction("other", FuncType((I64,), (I64,)), ADD_THREE.body)
    module = read_module(link(guest, unit("guest_main", functions=(ADD_THREE, same))).data)
    assert len(module.types) == 1


def test_addresses_of_runtime_data_in_generated_code(guest: RuntimeObject) -> None:
    body = b"\0\x41\0\x28\x02" + DATA_PLACEHOLDER + b"\x41" + DATA_PLACEHOLDER + b"\x28\x02\0\x6a\x0b"
    go = GeneratedFunction(
        "go",
        FuncType((), (I32,)),
        body,
        (DataRelocation(5, "guest_config"), DataRelocation(11, "guest_config", 4)),
    )
    words = struct.pack("<II", 30, 12)
    running = Running(link(guest, unit("go", functions=(go,), data_words={"guest_config": words})))
    assert running.call("go") == 42
    assert Running(link(guest, unit("go", functions=(go,)))).call("go") == 1


def test_the_heap_begins_behind_the_data_of_the_program(guest: RuntimeObject) -> None:
    base = guest.heap_base
    text = b"program data" + bytes(100) + b"more"
    linked = link(
        guest,
        unit(
            "guest_heap_base",
            "guest_heap_word",
            "guest_heap_end",
            "guest_data_end",
            data=((base + 200, b"x"), (base, text)),
            heap_end=base + 300_000,
            memory_pages=7,
        ),
    )
    running = Running(linked)
    assert linked.heap_base == running.call("guest_heap_base") == base + 300_000
    assert running.call("guest_heap_word") == base + 300_008
    assert running.call("guest_heap_end") == 7 * 65_536
    assert running.call("guest_data_end") == base
    assert running.bytes(base, base + len(text)) == text
    assert running.bytes(base + 200, base + 201) == b"x"


def test_memory_is_as_large_as_its_data_needs(guest: RuntimeObject) -> None:
    (memory,) = read_module(link(guest, unit(heap_end=1_000_000, memory_max_pages=99)).data).memories
    assert (memory.bounds.minimum, memory.bounds.maximum) == (16, 99)


def test_data_that_nothing_reaches_is_left_out(guest: RuntimeObject) -> None:
    assert read_module(link(guest, unit("guest_add")).data).data == ()
    with_squares = read_module(link(guest, unit("guest_square")).data)
    assert sum(len(d.content) for d in with_squares.data) < 32


def test_kept_symbols_stay_with_all_they_point_to(guest: RuntimeObject) -> None:
    linked = link(guest, unit("guest_call", keep=("guest_nodes",)))
    running = Running(linked)
    node = struct.unpack("<I", running.bytes(guest.address("guest_nodes"), guest.address("guest_nodes") + 4))[
        0
    ]
    text, following, slot = struct.unpack("<III", running.bytes(node, node + 12))
    assert running.bytes(text, text + 6) == b"first\0"
    assert following > 0
    assert running.call("guest_call", slot, 5) == -5


def test_patches_change_the_runtime_data(guest: RuntimeObject) -> None:
    address = guest.address("guest_config")
    linked = link(guest, unit("guest_limit", data_patches=((address + 4, b"\x09"),)))
    assert Running(linked).call("guest_limit") == 9
    assert guest.read("guest_config") == struct.pack("<IIII", 1, 0, 0, 0)


def test_globals_are_appended_and_can_be_exported(guest: RuntimeObject) -> None:
    body = (
        b"\0\x23"
        + INDEX_PLACEHOLDER
        + b"\x42\x01\x7c\x24"
        + INDEX_PLACEHOLDER
        + b"\x23"
        + INDEX_PLACEHOLDER
        + b"\x0b"
    )
    go = GeneratedFunction(
        "go",
        FuncType((), (I64,)),
        body,
        (GlobalRelocation(2, "counter"), GlobalRelocation(9, "counter"), GlobalRelocation(13, "counter")),
    )
    bits = int.from_bytes(struct.pack("<d", 2.5), "little")
    linked = link(
        guest,
        LinkUnit(
            (go,),
            globals=(
                GeneratedGlobal("counter", I64, initial=-7),
                GeneratedGlobal("ratio", F64, mutable=False, initial=bits),
            ),
            exports=(("go", "go"), ("sp", "__stack_pointer"), ("ratio", "ratio")),
        ),
    )
    running = Running(linked)
    assert [running.call("go"), running.call("go")] == [-6, -5]
    ratio, stack = running.exports["ratio"], running.exports["sp"]
    assert isinstance(ratio, wasmtime.Global)
    assert isinstance(stack, wasmtime.Global)
    assert ratio.value(running.store) == 2.5
    assert stack.value(running.store) == 65_536


def test_tags_are_numbered_by_position(guest: RuntimeObject) -> None:
    throws = GeneratedFunction("go", FuncType(), b"\0\x41\x01\x08\x01\x0b")
    linked = link(guest, unit("go", functions=(throws,), tags=(FuncType(), FuncType((I32,)))))
    module = read_module(linked.data)
    assert [module.types[t].composite for t in module.tags] == [FuncType(), FuncType((I32,))]
    config = wasmtime.Config()
    config.wasm_exceptions = True
    wasmtime.Module.validate(wasmtime.Engine(config), linked.data)


def test_the_result_is_what_our_own_writer_writes(guest: RuntimeObject) -> None:
    linked = link(
        guest, unit(*guest_exports(guest), functions=(ADD_THREE, HOOK), customs=(("munition", b"{}"),))
    )
    assert write_module(read_module(linked.data)) == linked.data
    wasmtime.Module.validate(wasmtime.Engine(), linked.data)
    assert len(linked.imports) == 3


def guest_exports(guest: RuntimeObject) -> list[str]:
    return [name for name in guest.functions if name.startswith("guest_")]


def test_linking_twice_gives_the_same_bytes(guest: RuntimeObject) -> None:
    def once() -> bytes:
        return link(guest, unit(*guest_exports(guest), functions=(ADD_THREE, HOOK))).data

    assert once() == once()


def test_generated_functions_and_entries_have_their_names(guest: RuntimeObject) -> None:
    linked = link(guest, unit("guest_apply", "guest_main", functions=(ADD_THREE,)))
    section = read_module(linked.data).custom("name")
    assert section is not None
    names = read_names(section.content).functions
    assert names[linked.function_indices["main"]] == "main"
    assert {"main"} == set(names.values())  # this runtime exports nothing, so all else is its own affair
    assert read_module(link(guest, unit("guest_add", function_names=False)).data).customs == ()


def test_lines_are_found_by_offset_in_the_module(guest: RuntimeObject) -> None:
    first = GeneratedFunction("main", UNARY, ADD_THREE.body, lines=((1, 10), (3, 12), (5, 12), (5, 11)))
    second = GeneratedFunction("hook", HOOK.type, HOOK.body, lines=((1, 3),))
    linked = link(guest, unit("guest_main", "guest_hook", functions=(first, second)))
    table = read_line_table(linked.data)
    assert table is not None
    start = linked.function_offsets["main"]
    assert linked.data[start : start + len(first.body)] == first.body
    assert [table.line_at(start + i) for i in range(7)] == [None, 10, 10, 12, 12, 11, 11]
    assert table.line_at(linked.function_offsets["hook"] + 1) == 3
    assert table.line_at(linked.function_offsets["hook"] + 2) is None
    assert table.line_at(0) is None
    assert table.line_at(len(linked.data)) is None


def test_a_trap_can_be_traced_to_its_line(guest: RuntimeObject) -> None:
    crash = GeneratedFunction("main", UNARY, b"\0\x01\x01\0\x0b", lines=((1, 40), (3, 41)))
    linked = link(guest, unit("guest_main", functions=(crash,)))
    with pytest.raises(wasmtime.Trap) as caught:
        Running(linked).call("guest_main", 1)
    table = read_line_table(linked.data)
    assert table is not None
    frame = caught.value.frames[0]
    assert frame.func_name == "main"
    assert table.line_at(frame.module_offset) == 41


def test_custom_sections_come_last_in_their_order(guest: RuntimeObject) -> None:
    linked = link(guest, unit(customs=(("b", b"1"), ("a", b"2")), functions=(ADD_THREE,)))
    assert [c.name for c in read_module(linked.data).customs] == ["name", "b", "a"]


def test_the_linked_module_says_where_everything_is(guest: RuntimeObject) -> None:
    linked = link(guest, unit("guest_greet", functions=(ADD_THREE, HOOK)))
    module = read_module(linked.data)
    imported = len(module.imported(Kind.FUNCTION))
    for symbol, index in linked.function_indices.items():
        assert module.code[index - imported].at == linked.function_offsets[symbol]


def test_placeholders_are_what_the_linker_patches() -> None:
    assert padded(0, 3) == INDEX_PLACEHOLDER
    assert padded(0, 5) == DATA_PLACEHOLDER
    assert signed(0) != INDEX_PLACEHOLDER


def test_data_of_unknown_size_is_kept_to_the_end_of_its_segment(guest_bytes: bytes) -> None:
    module = read_module(guest_bytes)
    config = b"\x0cguest_config\x01\x00"
    customs = tuple(
        replace(c, content=c.content.replace(config + b"\x10", config + b"\x00")) for c in module.customs
    )
    runtime = read_runtime(write_module(replace(module, customs=customs)))
    assert runtime.data["guest_config"].size == 0
    module = read_module(link(runtime, unit(keep=("guest_config",))).data)
    (segment,) = module.data
    assert segment.content[16] == 40  # the counter, which lies behind the configuration
    assert read_module(link(runtime, unit("guest_limit")).data).data == (segment,)


def test_relocated_numbers_of_the_runtime_are_written_short(guest: RuntimeObject) -> None:
    linked = link(guest, unit("guest_main", functions=(ADD_THREE,)))
    own = read_module(linked.data).code[0].content
    assert own == bytes.fromhex("00 20 00 10 01 42 01 7c 0b")


def test_type_indices_of_two_bytes(guest: RuntimeObject) -> None:
    """Index 64 in one byte would be the empty block type."""
    others = tuple(GeneratedFunction(f"f{i}", FuncType((I32,) * (i + 3)), b"\0\x0b") for i in range(62))
    linked = link(guest, unit("guest_call", functions=(*others, ADD_THREE), table=("main",)))
    module = read_module(linked.data)
    assert module.types.index(SubType(UNARY)) >= 63
    assert Running(linked).call("guest_call", guest.table_base, 39) == 42
