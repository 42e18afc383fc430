# SPDX-License-Identifier: MIT
"""Where the registers of a function live: WebAssembly locals, and slots of the shadow-stack frame."""

from __future__ import annotations

from typing import Final

from munition.codegen.encode import uleb
from munition.codegen.liveness import Roots, find_roots
from munition.ir.control_flow import all_nodes
from munition.ir.nodes import Call, Function
from munition.ir.types import Type
from munition.runtime import layout
from munition.wasm.types import I32, I64, FuncType

GENERIC: Final = FuncType((I32, I64) + (I32, I64) * layout.REGISTER_ARGUMENTS, (I32, I64))
"""The type of every Lua function and library function."""

VALUE_RESULT: Final = FuncType((), (I32, I64))
"""Block type of code that leaves a value."""

CLOSURE: Final = 0
CALL: Final = 1
FIRST_ARGUMENT: Final = 2
_PARAMETERS: Final = FIRST_ARGUMENT + 2 * layout.REGISTER_ARGUMENTS

_I32_TYPES: Final = frozenset(
    {Type.VALUE, Type.BOOL, Type.STRING, Type.TABLE, Type.FUNCTION, Type.BOX, Type.I32}
)

REFERENCE_TAGS: Final = {
    Type.STRING: layout.STRING,
    Type.TABLE: layout.TABLE,
    Type.FUNCTION: layout.FUNCTION,
    Type.BOX: layout.BOX,
}

SCRATCH32: Final = 8
SCRATCH64: Final = 3
_SCRATCH_F64: Final = 2

# An engine frame may hold every local; one cell of the shadow stack stands for this many bytes of it, so that the
# shadow stack overflows (an error the program can catch) before the engine's does (a trap).
_ENGINE_BYTES_PER_CELL: Final = 256
# What `rt_call` takes of it, between a caller and what only has a metamethod to be called by.
_ENGINE_BYTES_OF_CALL: Final = 256


class Frame:
    """The places of one function's registers.

    Attributes:
        first: for each register its first local (a `VALUE` has tag and payload in `first` and `second`).
        second: for each register the local of its payload, or -1.
        slots: register -> byte offset of its slot from the frame's header.
        size: bytes of the frame with its header; 0 if the function needs none.
        resume, site: locals of a function that may be suspended: where to go on (0 = not resuming), where it is.
        closure: the parameter that is the running closure, or -1.
        call: the parameter that is the call word, or -1 in a function with an entry.
        caller: the parameter of a function with an entry that is the site of the call, or -1.
    """

    def __init__(self, function: Function, resume_points: frozenset[int] = frozenset()) -> None:
        """Place the registers of `function`, which may be suspended at the nodes with these identities."""
        self.function = function
        self.roots: Roots = find_roots(function, resume_points)
        types = function.registers
        self.first = [0] * len(types)
        self.second = [-1] * len(types)
        self.closure, self.call, self.caller = CLOSURE, CALL, -1
        self.placed = 0
        start = self._place_parameters(types)
        count32 = self._place32(types, start)
        count64 = self._place64(types, start + count32 + 2 + SCRATCH32)
        self._place_f64(types, start + count32 + 2 + SCRATCH32 + count64 + SCRATCH64)
        self.slots = {register: (1 + i) * layout.CELL_SIZE for i, register in enumerate(self.roots.registers)}
        self.size = self._size() if self.roots.collects else 0

    def _place_parameters(self, types: tuple[Type, ...]) -> int:
        """Give the parameters that arrive in locals their places; returns the first local after them."""
        facts = self.function.facts
        if facts is None or facts.entry is None:
            self.placed = min(self.function.parameters, layout.REGISTER_ARGUMENTS)
            for i in range(self.placed):
                self.first[i], self.second[i] = FIRST_ARGUMENT + 2 * i, FIRST_ARGUMENT + 2 * i + 1
            return _PARAMETERS
        self.call, self.closure = -1, 0 if facts.entry.captures else -1
        local = int(facts.entry.captures)
        if self.roots.collects:
            self.caller = local
            local += 1
        self.placed = self.function.parameters
        for i in range(self.placed):
            self.first[i] = local
            local += 1
            if types[i] is Type.VALUE:
                self.second[i] = local
                local += 1
        return local

    def _place32(self, types: tuple[Type, ...], start: int) -> int:
        count = 0
        for i, type_ in enumerate(types):
            if i >= self.placed and type_ in _I32_TYPES:
                self.first[i] = start + count
                count += 1
        self.base = start + count
        self.header = self.base + 1
        self.scratch32 = [self.header + 1 + i for i in range(SCRATCH32)]
        self.resume, self.site = self.scratch32[6:8]
        self._count32 = count + 2 + SCRATCH32
        return count

    def _place64(self, types: tuple[Type, ...], start: int) -> int:
        count = 0
        for i, type_ in enumerate(types):
            if i < self.placed:
                continue
            if type_ is Type.VALUE:
                self.second[i] = start + count
                count += 1
            elif type_ is Type.I64:
                self.first[i] = start + count
                count += 1
        self.scratch64 = [start + count + i for i in range(SCRATCH64)]
        self._count64 = count + SCRATCH64
        return count

    def _place_f64(self, types: tuple[Type, ...], start: int) -> None:
        count = 0
        for i, type_ in enumerate(types):
            if type_ is Type.F64 and i >= self.placed:
                self.first[i] = start + count
                count += 1
        self.scratch_f64 = [start + count + i for i in range(_SCRATCH_F64)]
        self._count_f64 = count + _SCRATCH_F64

    def _size(self) -> int:
        engine = 8 * (self._count32 + self._count64 + self._count_f64)
        if any(
            isinstance(node, Call) and not self._is_direct(node) for node in all_nodes(self.function.body)
        ):
            engine += _ENGINE_BYTES_OF_CALL
        cells = max(1 + len(self.slots), -(-engine // _ENGINE_BYTES_PER_CELL))
        return cells * layout.CELL_SIZE

    def _is_direct(self, node: Call) -> bool:
        facts = self.function.facts
        known = None if facts is None else facts.calls.get(id(node))
        return known is not None and known.certain

    def declarations(self) -> bytes:
        """The local declarations of the function body."""
        out = bytearray(uleb(3))
        for count, code in ((self._count32, 0x7F), (self._count64, 0x7E), (self._count_f64, 0x7C)):
            out += uleb(count)
            out.append(code)
        return bytes(out)
