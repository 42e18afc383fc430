# SPDX-License-Identifier: MIT
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from munition.errors import InvalidModuleError
from munition.wasm.faults import LinkError
from munition.wasm.leb import name, unsigned
from munition.wasm.link_unit import (
    DATA_PLACEHOLDER,
    INDEX_PLACEHOLDER,
    CallRelocation,
    DataRelocation,
    GeneratedFunction,
    GeneratedGlobal,
    GlobalRelocation,
    LinkUnit,
    Relocation,
)
from munition.wasm.linker import link
from munition.wasm.module import Custom, Data, Element, Global, Import, Kind, Mode, Module
from munition.wasm.reader import read_module
from munition.wasm.runtime_object import RuntimeObject, read_runtime
from munition.wasm.types import FUNCREF, I32, V128, Bounds, FuncType, GlobalType, MemoryType
from munition.wasm.writer import write_module


def function(symbol: str, body: bytes = b"\0\x0b", *relocations: Relocation) -> GeneratedFunction:
    return GeneratedFunction(symbol, FuncType(), body, relocations)


CALLS_NOTHING = function("f", b"\0\x10" + INDEX_PLACEHOLDER + b"\x0b", CallRelocation(2, "nothing"))
STATIC = function("f", b"\0\x10" + INDEX_PLACEHOLDER + b"\x0b", CallRelocation(2, "twice"))
NO_DATA = function("f", b"\0\x41" + DATA_PLACEHOLDER + b"\x1a\x0b", DataRelocation(2, "nothing"))
NO_GLOBAL = function("f", b"\0\x23" + INDEX_PLACEHOLDER + b"\x1a\x0b", GlobalRelocation(2, "nothing"))
MISPLACED = function("f", b"\0\x10" + INDEX_PLACEHOLDER + b"\x0b", CallRelocation(1, "f"))
BEHIND = function("f", b"\0\x0b", CallRelocation(50, "f"))
NARROW = function("f", b"\0\x41" + INDEX_PLACEHOLDER + b"\x1a\x0b", DataRelocation(2, "guest_config"))
BASE = 69_792

UNITS = {
    "a call of an unknown function": (LinkUnit((CALLS_NOTHING,)), "no function 'nothing'"),
    "a call of a static function": (LinkUnit((STATIC,)), "no function 'twice'"),
    "the address of unknown data": (LinkUnit((NO_DATA,)), "no data symbol 'nothing'"),
    "an unknown global": (LinkUnit((NO_GLOBAL,)), "no global 'nothing'"),
    "a relocation beside its placeholder": (LinkUnit((MISPLACED,)), "no placeholder in 'f'"),
    "a relocation behind the body": (LinkUnit((BEHIND,)), "no placeholder in 'f'"),
    "an address in a short placeholder": (LinkUnit((NARROW,)), "no placeholder in 'f'"),
    "a function twice": (LinkUnit((function("f"), function("f"))), "same symbol"),
    "an export of nothing": (LinkUnit((), exports=(("x", "nothing"),)), "no function 'nothing'"),
    "an export name twice": (LinkUnit((), exports=(("memory", "guest_add"),)), "same name"),
    "a table slot for nothing": (LinkUnit((), table=("nothing",)), "no function 'nothing'"),
    "keeping nothing": (LinkUnit((), keep=("nothing",)), "no function 'nothing'"),
    "a function of the program that is missing": (
        LinkUnit((), exports=(("x", "guest_main"),)),
        "function 'main'",
    ),
    "words for unknown data": (LinkUnit((), data_words={"nothing": b""}), "no data symbol"),
    "too many words": (LinkUnit((), data_words={"guest_config": bytes(17)}), "17 bytes for 'guest_config'"),
    "a patch outside the data": (
        LinkUnit((), data_patches=((BASE - 1, b"ab"),)),
        "outside the runtime's data",
    ),
    "data below the heap base": (LinkUnit((), data=((BASE - 1, b"ab"),), heap_end=BASE + 9), "overlaps"),
    "data that overlaps": (
        LinkUnit((), data=((BASE, b"ab"), (BASE + 1, b"a")), heap_end=BASE + 9),
        "overlaps",
    ),
    "data without a new heap base": (LinkUnit((), data=((BASE, b"ab"),)), "behind the heap base"),
    "data behind the heap base": (
        LinkUnit((), data=((BASE, b"ab"),), heap_end=BASE + 1),
        "behind the heap base",
    ),
    "a heap base that moves down": (LinkUnit((), heap_end=BASE - 1), "below the runtime's own"),
    "a maximum that is too small": (LinkUnit((), memory_max_pages=1), "2 pages of memory are needed, 1"),
    "more memory than there is": (LinkUnit((), heap_end=1 << 33), "65536 are allowed"),
    "lines out of order": (LinkUnit((replace(function("f"), lines=((2, 1), (1, 1))),)), "ascending"),
    "a line before the first": (LinkUnit((replace(function("f"), lines=((0, -1),)),)), "ascending"),
    "a global that is no number": (LinkUnit((), globals=(GeneratedGlobal("g", FUNCREF),)), "not a number"),
    "a vector global": (LinkUnit((), globals=(GeneratedGlobal("g", V128),)), "v128"),
}


@pytest.mark.parametrize("what", UNITS)
def test_units_that_do_not_fit_are_refused(guest: RuntimeObject, what: str) -> None:
    assert guest.heap_base == BASE
    unit, says = UNITS[what]
    with pytest.raises(LinkError, match=says):
        link(guest, unit)


def test_weak_data_that_is_nowhere_is_at_zero() -> None:
    entry = b"\x01\x11" + name("maybe")
    section = b"\x03\x00\x00"
    unnamed = b"\x00\x10\x00"
    customs = (Custom("linking", symbols(entry, section)),)
    runtime = read_runtime(write_module(Module(memories=(MemoryType(Bounds(1)),), customs=customs)))
    assert "maybe" not in runtime.data
    with pytest.raises(InvalidModuleError):
        read_runtime(
            write_module(
                Module(memories=(MemoryType(Bounds(1)),), customs=(Custom("linking", symbols(unnamed)),))
            )
        )


def test_asking_the_runtime_for_what_it_has_not(guest: RuntimeObject) -> None:
    for ask in (guest.function_type, guest.address, guest.read):
        with pytest.raises(LinkError, match="nothing"):
            ask("nothing")
    assert guest.function_type("guest_add") == FuncType((I32, I32), (I32,))


def changed(guest_bytes: bytes, **fields: Any) -> bytes:
    return write_module(replace(read_module(guest_bytes), **fields))


def with_custom(guest_bytes: bytes, section: str, content: bytes) -> bytes:
    customs = read_module(guest_bytes).customs
    return changed(
        guest_bytes, customs=tuple(replace(c, content=content) if c.name == section else c for c in customs)
    )


def test_rewriting_the_guest_unchanged_is_harmless(guest_bytes: bytes) -> None:
    assert changed(guest_bytes) == guest_bytes


OTHER_RUNTIMES: dict[str, dict[str, object]] = {
    "no linking section": {"customs": ()},
    "two memories": {"memories": (MemoryType(Bounds(1)), MemoryType(Bounds(1)))},
    "no memory": {"memories": (), "data": (), "exports": ()},
    "a start function": {"start": 5},
    "tags": {"tags": (0,)},
    "a passive element segment": {"elements": (Element(Mode.PASSIVE, FUNCREF, (5,)),)},
    "passive data": {"data": (Data(b"x"),)},
    "data at a computed address": {"data": (Data(b"x", offset=b"\x23\0\x0b"),)},
}


@pytest.mark.parametrize("what", OTHER_RUNTIMES)
def test_runtimes_of_another_shape_are_refused(guest_bytes: bytes, what: str) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        read_runtime(changed(guest_bytes, **OTHER_RUNTIMES[what]))
    assert caught.value.code == "E250"


def test_a_runtime_that_imports_memory_is_refused(guest_bytes: bytes) -> None:
    memory = Import("env", "m", Kind.MEMORY, MemoryType(Bounds(1)))
    with pytest.raises(InvalidModuleError, match="functions only"):
        read_runtime(changed(guest_bytes, imports=(*read_module(guest_bytes).imports, memory)))


def symbols(*entries: bytes) -> bytes:
    table = unsigned(len(entries)) + b"".join(entries)
    return b"\x02\x08" + unsigned(len(table)) + table


@pytest.mark.parametrize(
    ("section", "content", "code"),
    [
        ("linking", b"\x01", "E250"),
        ("linking", b"\x02", "E250"),
        ("linking", b"\x02\x05\x01\x00", "E250"),
        ("linking", b"\x02\x08\x7f\x00", "E240"),
        ("linking", symbols(b"\x06\x00\x00"), "E240"),
        ("linking", symbols(b"\x00\x00\x7f" + name("f")), "E250"),
        ("linking", symbols(b"\x01\x00" + name("d") + b"\x09\x00\x00"), "E250"),
        ("linking", symbols(b"\x00\x00\x05" + name("f")), "E250"),  # relocations now name what is not there
        ("linking", b"\x02\x08\x06\xff\xff\xff\xff\x0f\x00", "E217"),
        ("reloc.CODE", b"\x08\x01\x09\x05\x00", "E250"),
        ("reloc.CODE", b"\x08\x02\x07\x30\x00\x07\x10\x00", "E240"),
        ("reloc.CODE", b"\x63\x00", "E250"),
        ("reloc.CODE", b"\x01\x00", "E250"),
        ("reloc.CODE", b"\x08\x00\x00", "E240"),
        ("reloc.CODE", b"\x08\x01\x00\x00\x09", "E250"),
        ("reloc.CODE", b"\x08\x01\x06\x10\x7f", "E250"),
        ("reloc.CODE", b"\x08\x01\x07\x03\x00", "E250"),
        ("reloc.CODE", b"\x08\x01\x00\xff\x7f\x09", "E250"),
        ("reloc.CODE", b"\x08\x01\x07\xb6\x06\x00", "E250"),
        ("reloc.DATA", b"\x09\x01\x05\x00\x05\x00", "E250"),
        ("reloc.DATA", b"\x09\x01\x00\x10\x09", "E250"),
    ],
)
def test_malformed_relocations_are_refused(
    guest_bytes: bytes, section: str, content: bytes, code: str
) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        read_runtime(with_custom(guest_bytes, section, content))
    assert caught.value.code == code


def test_compressed_relocations_are_refused(guest_bytes: bytes) -> None:
    module = read_module(guest_bytes)
    bodies = tuple(
        dataclasses.replace(
            b, content=b.content.replace(b"\x10\x80\x80\x80\x80\x00", b"\x10\x00\x01\x01\x01\x01")
        )
        for b in module.code
    )
    with pytest.raises(InvalidModuleError, match="not on a number padded"):
        read_runtime(changed(guest_bytes, code=bodies))


def test_a_runtime_without_data_or_table_can_be_linked() -> None:
    customs = (Custom("linking", symbols()),)
    runtime = read_runtime(write_module(Module(memories=(MemoryType(Bounds(1)),), customs=customs)))
    assert (runtime.heap_base, runtime.table_base) == (0, 1)
    module = read_module(link(runtime, LinkUnit((function("f"),), exports=(("f", "f"),))).data)
    assert module.tables == ()
    assert [e.name for e in module.exports] == ["memory", "f"]


def test_the_heap_base_without_its_symbol_is_behind_the_stack() -> None:
    stack = Global(GlobalType(I32, mutable=True), b"\x41\x81\x02\x0b")
    runtime = read_runtime(
        write_module(
            Module(
                memories=(MemoryType(Bounds(1)),), globals=(stack,), customs=(Custom("linking", symbols()),)
            )
        )
    )
    assert runtime.heap_base == 272
