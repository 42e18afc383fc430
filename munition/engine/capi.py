# SPDX-License-Identifier: MIT
"""The part of wasmtime's C API that munition uses, as ctypes prototypes of its own.

The shared library comes with the PyPI package `wasmtime`; its Python layer is never imported: building its 760
prototypes takes longer than a small program runs. The layouts relied upon are those of `wasmtime/*.h` of release 50, and
`load` refuses any other release.

Handles are plain integers (addresses). Whoever receives a trap or an error owns it. See docs/decisions/0010.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable
from ctypes import c_bool, c_char_p, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Final

from munition.errors import MissingToolError

RELEASE: Final = "50"

EXTERN_FUNC: Final = 0
EXTERN_MEMORY: Final = 3
VAL_SIZE: Final = 16
"""Bytes of one cell of an unchecked call (`wasmtime_val_raw_t`)."""

TRAP_INTERRUPT: Final = 10
TRAP_OUT_OF_FUEL: Final = 11

CALLBACK: Final = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p, c_size_t)
"""An unchecked host function: (environment, caller, cells, number of cells) -> trap or None."""

WATCH: Final = ctypes.CFUNCTYPE(
    c_void_p, c_void_p, c_void_p, ctypes.POINTER(c_uint64), ctypes.POINTER(c_uint8)
)
"""Called when an epoch deadline passes: (context, data, more ticks out, kind out) -> error or None."""


class ByteVec(ctypes.Structure):
    """`wasm_byte_vec_t`: bytes owned by the library."""

    _fields_ = (("size", c_size_t), ("data", c_void_p))


class PointerVec(ctypes.Structure):
    """`wasm_frame_vec_t` and `wasm_valtype_vec_t`: pointers owned by the library."""

    _fields_ = (("size", c_size_t), ("data", ctypes.POINTER(c_void_p)))


class Instance(ctypes.Structure):
    """`wasmtime_instance_t`."""

    _fields_ = (("store_id", c_uint64), ("index", c_size_t))


class Extern(ctypes.Structure):
    """`wasmtime_extern_t`: a kind and a union whose largest members are 24 bytes."""

    _fields_ = (("kind", c_uint8), ("of", c_uint64 * 3))


_V = c_void_p
_PROTOTYPES: Final[tuple[tuple[str, Any, tuple[Any, ...]], ...]] = (
    ("wasm_config_new", _V, ()),
    ("wasm_engine_new_with_config", _V, (_V,)),
    ("wasm_engine_delete", None, (_V,)),
    ("wasm_byte_vec_delete", None, (_V,)),
    ("wasm_functype_new", _V, (_V, _V)),
    ("wasm_functype_delete", None, (_V,)),
    ("wasm_valtype_new", _V, (c_uint8,)),
    ("wasm_valtype_vec_new", None, (_V, c_size_t, _V)),
    ("wasm_trap_delete", None, (_V,)),
    ("wasm_trap_message", None, (_V, _V)),
    ("wasm_trap_trace", None, (_V, _V)),
    ("wasm_frame_vec_delete", None, (_V,)),
    ("wasm_frame_func_index", c_uint32, (_V,)),
    ("wasm_frame_func_offset", c_size_t, (_V,)),
    ("wasm_frame_module_offset", c_size_t, (_V,)),
    ("wasmtime_frame_func_name", _V, (_V,)),
    ("wasmtime_trap_new", _V, (c_char_p, c_size_t)),
    ("wasmtime_trap_new_code", _V, (c_uint8,)),
    ("wasmtime_trap_code", c_bool, (_V, _V)),
    ("wasmtime_error_new", _V, (c_char_p,)),
    ("wasmtime_error_delete", None, (_V,)),
    ("wasmtime_error_message", None, (_V, _V)),
    ("wasmtime_error_wasm_trace", None, (_V, _V)),
    ("wasmtime_engine_increment_epoch", None, (_V,)),
    ("wasmtime_module_new", _V, (_V, c_char_p, c_size_t, _V)),
    ("wasmtime_module_delete", None, (_V,)),
    ("wasmtime_module_serialize", _V, (_V, _V)),
    ("wasmtime_module_deserialize", _V, (_V, c_char_p, c_size_t, _V)),
    ("wasmtime_linker_new", _V, (_V,)),
    ("wasmtime_linker_delete", None, (_V,)),
    (
        "wasmtime_linker_define_func_unchecked",
        _V,
        (_V, c_char_p, c_size_t, c_char_p, c_size_t, _V, _V, _V, _V),
    ),
    ("wasmtime_linker_instantiate_pre", _V, (_V, _V, _V)),
    ("wasmtime_instance_pre_delete", None, (_V,)),
    ("wasmtime_context_set_fuel", _V, (_V, c_uint64)),
    ("wasmtime_context_get_fuel", _V, (_V, _V)),
    ("wasmtime_caller_export_get", c_bool, (_V, c_char_p, c_size_t, _V)),
    ("wasmtime_pooling_allocation_config_new", _V, ()),
    ("wasmtime_pooling_allocation_config_delete", None, (_V,)),
    ("wasmtime_pooling_allocation_strategy_set", None, (_V, _V)),
)


class Handle(c_void_p):
    """An address as the quick functions return and take it."""


_QUICK: Final = (
    ("store_new", Handle),
    ("store_context", Handle),
    ("store_delete", None),
    ("store_limiter", None),
    ("store_epoch_deadline_callback", None),
    ("context_set_fuel", None),
    ("context_get_fuel", None),
    ("context_set_epoch_deadline", None),
    ("instance_export_get", c_bool),
    ("memory_data", c_void_p),
    ("memory_data_size", c_size_t),
)
_GUEST_RUNS: Final = (
    ("instance_pre_instantiate", c_void_p),
    ("func_call_unchecked", c_void_p),
)


class Quick:
    """The functions of the hot path, bound for speed: a third of the time of ordinary ctypes calls.

    They have no `argtypes`, so every argument must be a ctypes object of the right type (or bytes, or None): a plain int
    would be cut to 32 bits without a word. All but the two that run guest code keep the GIL, since they return at once.
    """

    def __init__(self, path: str) -> None:
        """Bind them, to handles of their own on the library that is loaded already."""
        for dll, table in ((ctypes.PyDLL(path), _QUICK), (ctypes.CDLL(path), _GUEST_RUNS)):
            for name, result in table:
                function = getattr(dll, f"wasmtime_{name}")
                function.restype = result
                setattr(self, name, function)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Only reached for a function that is not bound, which is our bug."""
        raise AttributeError(f"no quick function {name!r}")


class Api:
    """The library, loaded: one attribute per function, without the prefix `wasmtime_`."""

    def __init__(self, dll: ctypes.CDLL) -> None:
        """Give every function its prototype."""
        self.dll = dll
        self.quick = Quick(dll._name)
        for name, result, parameters in _PROTOTYPES:
            function = getattr(dll, name)
            function.restype, function.argtypes = result, parameters
            setattr(self, name.removeprefix("wasmtime_"), function)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Only reached for a function without a prototype, which is our bug."""
        raise AttributeError(f"no prototype for {name!r}")

    def configure(self, kind: str, name: str, handle: int, value: int) -> None:
        """Call a setter of the family `kind` (`config`, `pooling_allocation_config`)."""
        function = getattr(self.dll, f"wasmtime_{kind}_{name}_set")
        width = c_bool if isinstance(value, bool) else _SETTER_WIDTHS.get(name, c_size_t)
        function.restype, function.argtypes = None, (c_void_p, width)
        function(handle, value)

    def take_message(self, error: int) -> str:
        """The text of an error, which is freed."""
        text = self._text(self.error_message, error)
        self.error_delete(error)
        return text

    def trap_text(self, trap: int) -> str:
        """The text of a trap."""
        return self._text(self.wasm_trap_message, trap)

    def _text(self, function: Callable[..., Any], handle: int) -> str:
        out = ByteVec()
        function(handle, ctypes.addressof(out))
        text = ctypes.string_at(out.data, out.size) if out.size else b""
        self.wasm_byte_vec_delete(ctypes.addressof(out))
        return text.rstrip(b"\0").decode("utf-8", "replace")


_SETTER_WIDTHS: Final = {
    "strategy": c_uint8,
    "cranelift_opt_level": c_uint8,
    "memory_reservation": c_uint64,
    "memory_guard_size": c_uint64,
    "memory_reservation_for_growth": c_uint64,
    "total_core_instances": c_uint32,
    "total_memories": c_uint32,
    "total_tables": c_uint32,
    "total_stacks": c_uint32,
    "total_gc_heaps": c_uint32,
    "total_component_instances": c_uint32,
    "max_unused_warm_slots": c_uint32,
    "max_tables_per_module": c_uint32,
    "max_memories_per_module": c_uint32,
}
_LIBRARY_NAMES: Final = {"linux": "_libwasmtime.so", "darwin": "_libwasmtime.dylib"}
_MACHINES: Final = {"x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}


def _release(folder: Path) -> str:
    """The installed release, by the name of its metadata folder; importing `importlib.metadata` would cost 50 ms."""
    found = sorted(path.name for path in folder.parent.glob("wasmtime-*.dist-info"))
    if len(found) == 1:
        return found[0].removeprefix("wasmtime-").removesuffix(".dist-info")
    import importlib.metadata

    return importlib.metadata.version("wasmtime")


def library_path() -> Path:
    """Where the shared library of the installed package `wasmtime` lies.

    Raises:
        MissingToolError: not installed, another release, or no build for this machine.
    """
    spec = importlib.util.find_spec("wasmtime")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise MissingToolError("the engine is not installed: pip install 'wasmtime>=50.0.1,<51'")
    release = _release(Path(folders[0]))
    if release.split(".")[0] != RELEASE:
        raise MissingToolError(
            f"munition needs wasmtime {RELEASE}, found {release}: pip install 'wasmtime>=50.0.1,<51'"
        )
    machine = _MACHINES.get(os.uname().machine.lower(), "this processor")
    path = (
        Path(folders[0]) / f"{sys.platform}-{machine}" / _LIBRARY_NAMES.get(sys.platform, "_libwasmtime.so")
    )
    if not path.is_file():
        raise MissingToolError(f"the engine has no build for {sys.platform} on {machine}")
    return path


@functools.cache
def build() -> str:
    """What machine code depends on besides the settings: the engine's release, the system, the processor's features.

    Raises:
        MissingToolError: see `library_path`.
    """
    path = library_path()
    features = b""
    with contextlib.suppress(OSError), open("/proc/cpuinfo", "rb") as file:  # noqa: PTH123
        lines = file.read(1 << 14).split(b"\n\n")[0].splitlines()
        features = b"".join(line for line in lines if line.startswith((b"flags", b"Features", b"model name")))
    return f"{_release(path.parents[1])} {path.parent.name} {hashlib.sha256(features).hexdigest()[:16]}"


@functools.cache
def load() -> Api:
    """The library, loaded once a process.

    Raises:
        MissingToolError: see `library_path`.
    """
    if [ctypes.sizeof(t) for t in (Instance, Extern, ByteVec, PointerVec)] != [16, 32, 16, 16]:
        raise MissingToolError("the engine's C API needs a 64-bit Python")
    return Api(ctypes.CDLL(str(library_path())))
