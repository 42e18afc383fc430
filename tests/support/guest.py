# SPDX-License-Identifier: MIT
"""The guest runtime on its own: its functions called from Python, with values as Python shows them."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import wasmtime

from munition.codegen.prebuilt import load_runtime
from munition.runtime import layout
from munition.wasm.link_unit import LinkUnit
from munition.wasm.linker import link
from tests.support.subject import STRESS

if TYPE_CHECKING:
    from munition.wasm.runtime_object import RuntimeObject

FUNCTIONS = (
    "state_init", "rt_run", "rt_index", "rt_set_index", "rt_arith", "rt_concat", "rt_length", "rt_equal", "rt_less",
    "rt_less_equal", "rt_raw_equal", "rt_call", "rt_table_new", "rt_table_append", "rt_closure_new", "rt_box_new",
    "rt_for_prepare", "rt_throw_site", "table_set", "table_get", "table_next", "string_new", "heap_collect",
    "heap_finish_sweep", "raw_alloc", "raw_free", "rt_table_keyed", "value_to_string", "lua_base_setmetatable",
    "lua_base_collectgarbage",
)  # fmt: skip
"""What the tests reach; the linker leaves the rest of the runtime out."""

PAGE = 1 << 16


@dataclass(frozen=True, slots=True)
class Reference:
    """An object of the guest."""

    tag: int
    address: int


class GuestError(Exception):
    """The runtime raised a Lua error; the argument is its value."""

    def __str__(self) -> str:
        value = self.args[0]
        return value.decode("latin-1") if isinstance(value, bytes) else repr(value)


def _names(runtime: RuntimeObject) -> tuple[bytes, bytes]:
    """The runtime's own strings chained into an intern table of 256 buckets."""
    at = runtime.address("rt_name_strings")
    content = bytearray(runtime.read("rt_name_strings"))
    heads = [0] * 256
    offset = 0
    for name in layout.RUNTIME_NAMES:
        bucket = layout.string_hash(name.encode()) & 255
        struct.pack_into("<I", content, offset + layout.STRING_NEXT, heads[bucket])
        heads[bucket] = at + offset
        offset += layout.string_size(len(name))
    return bytes(content), struct.pack("<256I", *heads)


@cache
def _module(pages: int, stress: bool) -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The runtime linked with nothing but a configuration."""
    runtime = load_runtime()
    strings, buckets = _names(runtime)
    table = runtime.heap_base
    config = bytearray(4 * len(layout.CONFIG_FIELDS))
    for field, value in {
        "shadow_bytes": PAGE, "intern_buckets": table, "intern_mask": 255,
        "intern_count": len(layout.RUNTIME_NAMES), "flags": layout.CONFIG_GC_STRESS if stress else 0,
    }.items():  # fmt: skip
        struct.pack_into("<I", config, 4 * layout.CONFIG_FIELDS.index(field), value)
    unit = LinkUnit(
        functions=(),
        exports=tuple((f, f) for f in FUNCTIONS),
        data=((table, buckets),),
        heap_end=table + len(buckets),
        data_words={"rt_config": bytes(config), "rt_name_strings": strings},
        keep=("rt_state", "rt_config", "rt_name_strings"),
        memory_max_pages=pages,
    )
    settings = wasmtime.Config()
    settings.wasm_tail_call = True
    engine = wasmtime.Engine(settings)
    return engine, wasmtime.Module(engine, link(runtime, unit).data)


class Guest:
    """One instance of the runtime. Values are None, bool, int, float, bytes and `Reference`."""

    def __init__(self, *, pages: int = 1024, stress: bool = False) -> None:
        """An instance with at most `pages` of memory; with `stress` every allocation collects."""
        engine, module = _module(pages, stress or STRESS)
        self.store = wasmtime.Store(engine)
        stubs = [wasmtime.Func(self.store, i.type, lambda *_: None) for i in module.imports]  # type: ignore[arg-type]
        self.exports = wasmtime.Instance(self.store, module, stubs).exports(self.store)
        self.memory: Any = self.exports["memory"]
        self._state = load_runtime().address("rt_state")
        self.raw("state_init")

    def raw(self, name: str, *args: int) -> Any:
        """Call a function with machine words; nothing is checked afterwards."""
        function: Any = self.exports[name]
        return function(self.store, *args)

    def call(self, name: str, *args: int) -> Any:
        """The same, raising GuestError if an error is pending."""
        result = self.raw(name, *args)
        if self.word(self._state + layout.STATE_PENDING):
            self.write(self._state + layout.STATE_PENDING, bytes(4))
            raise GuestError(self.cell(self._state + layout.STATE_ERROR))
        return result

    def read(self, address: int, length: int) -> bytes:
        """Bytes of the guest's memory."""
        return bytes(self.memory.read(self.store, address, address + length))

    def write(self, address: int, data: bytes) -> None:
        """Overwrite the guest's memory."""
        self.memory.write(self.store, data, address)

    def word(self, address: int) -> int:
        """A 32-bit word of the guest's memory."""
        return int.from_bytes(self.read(address, 4), "little")

    @property
    def pages(self) -> int:
        """The size of the guest's memory in pages."""
        return int(self.memory.size(self.store))

    @property
    def sp(self) -> int:
        """The top of the shadow stack."""
        return self.word(self._state + layout.STATE_SP)

    def push(self, value: Any) -> None:
        """Root a value on the shadow stack for the rest of the test."""
        at = self.sp
        self.store_cell(at, value)
        self.write(self._state + layout.STATE_SP, struct.pack("<I", at + layout.CELL_SIZE))

    def pop_to(self, sp: int) -> None:
        """Give up the roots above `sp`."""
        self.write(self._state + layout.STATE_SP, struct.pack("<I", sp))

    def intern_count(self) -> int:
        """How many strings the intern table holds."""
        return self.word(load_runtime().address("rt_config") + 4 * layout.CONFIG_FIELDS.index("intern_count"))

    def store_cell(self, address: int, value: Any) -> None:
        """Write a value as a cell."""
        tag, payload = self.words(value)
        self.write(address, struct.pack("<qII", payload, tag, 0))

    def cell(self, address: int) -> Any:
        """The value in a cell."""
        payload, tag, _ = struct.unpack("<qII", self.read(address, layout.CELL_SIZE))
        return self.value(tag, payload)

    def string(self, text: bytes) -> int:
        """The address of a string object."""
        at = self.sp + 512
        self.write(at, text[:PAGE])
        return int(self.call("string_new", at, len(text)))

    def words(self, value: Any) -> tuple[int, int]:
        """Tag and payload of a Python value."""
        match value:
            case None:
                return layout.NIL, 0
            case bool():
                return (layout.TRUE if value else layout.FALSE), 0
            case int():
                return layout.INTEGER, value
            case float():
                return layout.FLOAT, struct.unpack("<q", struct.pack("<d", value))[0]
            case bytes():
                return layout.STRING, self.string(value)
            case _:
                return value.tag, value.address

    def rooted(self, *values: Any) -> list[int]:
        """Tags and payloads of Python values; their strings are on the shadow stack, so making one does not free another."""
        found: list[int] = []
        for value in values:
            words = self.words(value)
            self.push(self.value_reference(words))
            found += words
        return found

    def value(self, tag: int, payload: int) -> Any:
        """The Python value of tag and payload."""
        match tag:
            case layout.NIL:
                return None
            case layout.FALSE | layout.TRUE:
                return tag == layout.TRUE
            case layout.INTEGER:
                return payload
            case layout.FLOAT:
                return struct.unpack("<d", struct.pack("<q", payload))[0]
            case layout.STRING:
                return self.read(payload + layout.STRING_BYTES, self.word(payload + layout.STRING_LENGTH))
            case _:
                return Reference(tag, payload)

    def table(self, array: int = 0, entries: int = 0) -> Reference:
        """A new table, rooted."""
        made = Reference(layout.TABLE, self.call("rt_table_new", array, entries))
        self.push(made)
        return made

    def set(self, table: Reference, key: Any, value: Any) -> None:
        """`table[key] = value`; the strings among them are rooted meanwhile by nothing but the runtime."""
        before = self.sp
        key_words = self.words(key)
        self.push(self.value_reference(key_words))
        value_words = self.words(value)
        self.call("rt_set_index", *self.words(table), *key_words, *value_words, 0)
        self.write(self._state + layout.STATE_SP, struct.pack("<I", before))

    @staticmethod
    def value_reference(words: tuple[int, int]) -> Any:
        """The words of a string as a reference, so that it can be pushed as it is; others as nil."""
        return Reference(*words) if words[0] == layout.STRING else None

    def get(self, table: Reference, key: Any) -> Any:
        """`table[key]`."""
        return self.value(*self.call("rt_index", *self.words(table), *self.words(key), 0))

    def length(self, table: Reference) -> int:
        """`#table`."""
        return int(self.value(*self.call("rt_length", *self.words(table), 0)))

    def items(self, table: Reference) -> list[tuple[Any, Any]]:
        """What a traversal with `next` visits."""
        found: list[tuple[Any, Any]] = []
        at = self.sp + 256
        tag, payload = layout.NIL, 0
        while self.call("table_next", table.address, tag, payload, at, at + 16) == 1:
            # table_next writes Value structs: tag at 0, payload at 8
            tag, payload = self._struct(at)
            found.append((self.value(tag, payload), self.value(*self._struct(at + 16))))
        return found

    def _struct(self, address: int) -> tuple[int, int]:
        tag, payload = struct.unpack("<I4xq", self.read(address, 16))
        return tag, payload


def same(a: Any, b: Any) -> bool:
    """Equal as Lua values with their subtypes; NaN is like NaN."""
    if type(a) is not type(b):
        return False
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))
