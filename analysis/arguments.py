# SPDX-License-Identifier: MIT
"""Which constants are passed to an import: the descriptor of `fd_write`, the clock of `clock_time_get`.

A small abstract interpreter runs over the straight-line parts of the functions that call the import, and over those that pass one
of their own parameters on, up to a depth. It knows a value only when every instruction since the last branch, label or unknown
instruction is one whose effect on the stack is known; everywhere else it says "unknown", never a wrong constant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from munition.errors import InvalidModuleError
from munition.wasm.cursor import Cursor
from munition.wasm.instructions import instructions, read_locals
from munition.wasm.opcodes import OPCODES
from munition.wasm.types import FuncType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.analysis.callgraph import CallGraph
    from munition.wasm.instructions import Instruction
    from munition.wasm.module import Module

_MAX_DEPTH: Final = 6
_MAX_VALUES: Final = 16
_MAX_BODIES: Final = 400
_MAX_BODY_BYTES: Final = 60_000
_LARGEST_WORK: Final = 600_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """The value of the enclosing function's own parameter."""

    index: int


Value: TypeAlias = int | Parameter | None
"""A constant, a parameter, or unknown."""

WATCHED: Final[Mapping[tuple[str, str], tuple[int, str]]] = {
    **{
        ("wasi-preview1", name): (0, "fd")
        for name in ("fd_write", "fd_pwrite", "fd_read", "fd_pread", "fd_close")
    },
    ("wasi-preview1", "clock_time_get"): (0, "clock"),
    ("wasi-preview1", "clock_res_get"): (0, "clock"),
    ("wasi-preview1", "proc_exit"): (0, "code"),
    ("wasi-unstable", "fd_write"): (0, "fd"),
    ("emscripten", "__syscall_socket"): (0, "domain"),
}
"""(family, function) -> position and name of the argument that is worth knowing."""


def _effects() -> dict[str, tuple[int, int]]:
    """Name -> values taken and left, for instructions that touch nothing but the stack (and memory)."""
    known: dict[str, tuple[int, int]] = {
        "drop": (1, 0),
        "nop": (0, 0),
        "memory.size": (0, 1),
        "memory.grow": (1, 1),
    }
    for opcode in OPCODES.values():
        name = opcode.name
        kind, _, operation = name.partition(".")
        if kind not in {"i32", "i64", "f32", "f64"} or opcode.feature not in {
            "mvp",
            "sign_extension",
            "saturating_conversion",
        }:
            continue
        if operation == "const":
            known[name] = (0, 1)
        elif operation.startswith("load"):
            known[name] = (1, 1)
        elif operation.startswith("store"):
            known[name] = (2, 0)
        elif operation in _UNARY or operation.startswith(
            ("trunc_", "extend", "convert_", "demote_", "promote_", "reinterpret_", "wrap_")
        ):
            known[name] = (1, 1)
        else:
            known[name] = (2, 1)
    known["memory.copy"] = known["memory.fill"] = (3, 0)
    return known


_UNARY: Final = frozenset(
    {"eqz", "clz", "ctz", "popcnt", "abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"}
)


@cache
def _table() -> dict[str, tuple[int, int]]:
    return _effects()


class Constants:
    """Looks up constants in one module; answers are kept, and the work is bounded."""

    def __init__(self, data: bytes, module: Module, graph: CallGraph, types: tuple[int, ...]) -> None:
        """For the module in `data`, whose graph is known; `types` is the type index of every function."""
        self._data = data
        self._module = module
        self._graph = graph
        self._types = types
        self._calls: dict[int, list[tuple[int, tuple[Value, ...]]] | None] = {}
        self._callers: dict[int, list[int]] | None = None
        self._bodies = _MAX_BODIES
        self._bytes = _LARGEST_WORK

    def values(self, function: int, position: int) -> tuple[int, ...] | None:
        """Every value argument `position` of `function` has in the module's calls; None when one is unknown.

        A function that is also called through tables or by the host has unknown arguments.
        """
        found: set[int] = set()
        todo = [(function, position, 0)]
        seen: set[tuple[int, int]] = set()
        while todo:
            callee, argument, depth = todo.pop()
            if (callee, argument) in seen:
                continue
            seen.add((callee, argument))
            if callee in self._graph.called or depth > _MAX_DEPTH:
                return None
            for caller in self._callers_of(callee):
                passed = self._passed(caller, callee, argument)
                if passed is None:
                    return None
                for value in passed:
                    if isinstance(value, Parameter):
                        todo.append((caller, value.index, depth + 1))
                    else:
                        found.add(value)
                if len(found) > _MAX_VALUES:
                    return None
        return tuple(sorted(found))

    def _callers_of(self, function: int) -> list[int]:
        if self._callers is None:
            self._callers = {}
            for caller in range(self._graph.imported, self._graph.functions):
                for callee in self._graph.direct[caller]:
                    self._callers.setdefault(callee, []).append(caller)
        return self._callers.get(function, [])

    def _passed(self, caller: int, callee: int, argument: int) -> list[int | Parameter] | None:
        """What `caller` passes at each of its calls; None when one value is unknown."""
        calls = self._calls_in(caller)
        if calls is None:
            return None
        found: list[int | Parameter] = []
        for called, arguments in calls:
            if called == callee:
                value = arguments[argument] if argument < len(arguments) else None
                if value is None:
                    return None
                found.append(value)
        return found

    def _calls_in(self, caller: int) -> list[tuple[int, tuple[Value, ...]]] | None:
        if caller not in self._calls:
            body = self._module.code[caller - self._graph.imported]
            size = len(body.content)
            self._bodies -= 1
            self._bytes -= size
            if size > _MAX_BODY_BYTES or self._bodies < 0 or self._bytes < 0:
                self._calls[caller] = None
            else:
                run = _Run(self._module, self._types, self._types[caller])
                self._calls[caller] = run.calls(self._data, body.at, body.at + size)
        return self._calls[caller]


@dataclass(slots=True)
class _Run:
    """One pass over a body."""

    module: Module
    types: tuple[int, ...]
    own_type: int
    stack: list[Value] = field(default_factory=list[Value])
    found: list[tuple[int, tuple[Value, ...]]] = field(default_factory=list[tuple[int, tuple[Value, ...]]])
    written: set[int] = field(default_factory=set[int])
    parameters: int = 0

    def calls(self, data: bytes, start: int, end: int) -> list[tuple[int, tuple[Value, ...]]] | None:
        """Each direct call with its arguments; None for a body that cannot be read."""
        try:
            read_locals(Cursor(data, start, end))
            body = list(instructions(data, start, end))
        except InvalidModuleError:
            return None
        own = self.module.types[self.own_type].composite
        self.parameters = len(own.params) if isinstance(own, FuncType) else 0
        self.written = {
            i.operands[0]
            for i in body
            if i.opcode.name in {"local.set", "local.tee"} and isinstance(i.operands[0], int)
        }
        for instruction in body:
            self.step(instruction)
        return self.found

    def step(self, instruction: Instruction) -> None:
        """Follow one instruction."""
        name = instruction.opcode.name
        operand = instruction.operands[0] if instruction.operands else None
        if name in {"i32.const", "i64.const"} and isinstance(operand, int):
            self.stack.append(operand)
        elif name == "local.get" and isinstance(operand, int):
            known = operand < self.parameters and operand not in self.written
            self.stack.append(Parameter(operand) if known else None)
        elif name in {"call", "return_call"} and isinstance(operand, int):
            self.call(operand)
        elif name == "local.tee":
            pass
        elif name in {"local.set", "global.set"}:
            self.pop(1)
        elif name == "global.get":
            self.stack.append(None)
        elif name in _table():
            taken, left = _table()[name]
            self.pop(taken)
            self.stack.extend([None] * left)
        elif name == "select":
            self.pop(3)
            self.stack.append(None)
        else:
            self.stack.clear()

    def pop(self, count: int) -> list[Value]:
        """The topmost values, lowest first; what is below the known part is unknown."""
        have = min(count, len(self.stack))
        values = self.stack[len(self.stack) - have :]
        del self.stack[len(self.stack) - have :]
        return [None] * (count - have) + values

    def call(self, callee: int) -> None:
        """Note the arguments and leave unknown results."""
        type_ = self.module.types[self.types[callee]].composite
        if not isinstance(type_, FuncType):
            self.stack.clear()
            return
        self.found.append((callee, tuple(self.pop(len(type_.params)))))
        self.stack.extend([None] * len(type_.results))
