# SPDX-License-Identifier: MIT
"""The engine's frozen configurations. There is no free-form configuration: some combinations abort the process.

Three presets say what a module may use; two allocations say where its memory lies. Every pair is built and exercised by
the tests, because the library answers a bad pair with a panic that no caller can catch.
"""

from __future__ import annotations

import enum
import functools
import hashlib
from dataclasses import dataclass
from typing import Final

from munition.engine.capi import Api

PAGE: Final = 65536
SLOT: Final = 64 << 20
"""Bytes of memory one pooled instance may use; a larger limit takes the on-demand allocation."""

SLOTS: Final = 64
TABLE_ELEMENTS: Final = 100_000
TABLES: Final = 8


class Preset(enum.Enum):
    """What a module may use beyond WebAssembly 1.0 with multi-value, bulk memory and the other settled additions."""

    THIRD_PARTY = "third_party"
    OWN = "own"
    OWN_LUA = "own_lua"


class Allocation(enum.Enum):
    """Where memories lie: `POOL` for limits up to a slot, `WIDE` on demand for more."""

    POOL = "pool"
    WIDE = "wide"


@dataclass(frozen=True, slots=True)
class Settings:
    """One preset in full.

    Attributes:
        switches: calls of `wasmtime_config_*_set`, in order; order matters to the library.
        stack: bytes of native stack guest code may use.
        resident: bytes at the start of a pooled memory that are wiped by writing between fires instead of given back to
            the system; a page fault costs as much as wiping many pages.
    """

    switches: tuple[tuple[str, int], ...]
    stack: int
    resident: int = 64 << 10


_OFF: Final = (
    "threads",
    "tail_call",
    "relaxed_simd",
    "simd",
    "multi_memory",
    "memory64",
    "exceptions",
    "function_references",
    "gc",
    "wide_arithmetic",
    "custom_page_sizes",
    "compact_imports",
    "stack_switching",
    "component_model",
    "component_model_async",
    "component_model_async_stackful",
    "component_model_more_async_builtins",
    "component_model_accessors",
    "component_model_canonical_names",
)

_COMMON: Final = (
    *((f"wasm_{name}", False) for name in _OFF),
    ("gc_support", False),
    ("shared_memory", False),
    ("consume_fuel", True),
    ("epoch_interruption", True),
    # A parallel compilation leaves threads behind that a later fork would wait for.
    ("parallel_compilation", False),
    # Traps without SIGSEGV and SIGILL: the host lives whoever installs a signal handler after us.
    ("signals_based_traps", False),
)

# The bits of a NaN depend on the processor. Not for Lua: there they are seen nowhere (docs/engine.md), and floats are
# up to half as fast again.
_SAME_NANS: Final = ("cranelift_nan_canonicalization", True)

_STACK: Final = 512 << 10
_LUA_STACK: Final = 16 << 20

PRESETS: Final[dict[Preset, Settings]] = {
    # Current toolchains write table indices in the long form of the reference-types proposal.
    Preset.THIRD_PARTY: Settings((*_COMMON, _SAME_NANS, ("wasm_reference_types", True)), _STACK),
    Preset.OWN: Settings((*_COMMON, _SAME_NANS, ("wasm_reference_types", False)), _STACK),
    Preset.OWN_LUA: Settings(
        (*_COMMON, ("wasm_reference_types", False), ("wasm_tail_call", True)),
        _LUA_STACK,
        160 << 10,
    ),
}

_POOL: Final = (
    ("total_stacks", 0),
    ("total_gc_heaps", 0),
    ("total_component_instances", 0),
    ("max_memories_per_module", 1),
    ("max_tables_per_module", TABLES),
    ("max_memory_size", SLOT),
    ("table_elements", TABLE_ELEMENTS),
    ("max_core_instance_size", 4 << 20),
    ("table_keep_resident", 16 << 10),
)


@functools.cache
def fingerprint(preset: Preset, allocation: Allocation) -> str:
    """Everything of a configuration that machine code may depend on."""
    settings = PRESETS[preset]
    parts = (allocation.value, settings.switches, SLOT, PAGE, _POOL if allocation is Allocation.POOL else ())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def new_engine(
    api: Api, preset: Preset, allocation: Allocation, stack: int | None = None, slots: int = SLOTS
) -> int:
    """Build an engine; the caller owns the handle.

    Args:
        api: the loaded library.
        preset: what modules may use.
        allocation: where their memories lie.
        stack: bytes of native stack for guest code, if not the preset's own; compiled code is the same for all.
        slots: how many instances a pool holds at once; compiled code is the same for all.
    """
    settings = PRESETS[preset]
    config: int = api.wasm_config_new()
    for name, value in settings.switches:
        api.configure("config", name, config, value)
    size = settings.stack if stack is None else stack
    # The library aborts when guest code may use more than its (unused) stacks for asynchronous calls hold.
    api.configure("config", "async_stack_size", config, size + (1 << 20))
    api.configure("config", "max_wasm_stack", config, size)
    api.configure("config", "memory_reservation", config, SLOT)
    api.configure("config", "memory_guard_size", config, PAGE)
    if allocation is Allocation.POOL:
        pool: int = api.pooling_allocation_config_new()
        counts = (
            ("total_core_instances", slots),
            ("total_memories", slots),
            ("total_tables", slots * TABLES),
            ("max_unused_warm_slots", slots),
            ("linear_memory_keep_resident", settings.resident),
        )
        for name, value in (*counts, *_POOL):
            api.configure("pooling_allocation_config", name, pool, value)
        api.pooling_allocation_strategy_set(config, pool)
        api.pooling_allocation_config_delete(pool)
    engine: int = api.wasm_engine_new_with_config(config)
    return engine
