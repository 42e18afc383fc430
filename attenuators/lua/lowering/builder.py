# SPDX-License-Identifier: MIT
"""The code of one function while it is lowered: registers, nested bodies, labels, scopes with something to close."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from msgspec import Struct, field

from munition.attenuators.lua.lowering.placement import Placement
from munition.attenuators.lua.resolved import FunctionScope, Resolved
from munition.ir import nodes as n
from munition.ir.nodes import Const, Node, Operand, Register, Site
from munition.ir.types import Type
from munition.source import Source

REUSE_AFTER = 600
"""Registers a function may have before released ones are used again.

Sharing one register between unrelated values makes the collector see more of them than needed, so small functions do
without; huge ones must, because engines bound the locals of a function.
"""


class Unit(Struct, frozen=True):
    """What the functions of one chunk share.

    Attributes:
        symbols: by function index, the symbol in the program.
        mentioned: names of globals, in order of first mention (a dict used as an ordered set).
        steady_builtins: global names of library functions that nothing in the program can replace.
        denied_calls: by `Call.at`, what a refused call raises instead.
        aliases: the standard names of local variables that only ever hold what has one.
        singles: local variables that only ever hold a function with exactly one result.
    """

    source: Source
    resolved: Resolved
    placement: Placement
    symbols: tuple[str, ...]
    mentioned: dict[bytes, None]
    steady_builtins: frozenset[str]
    denied_calls: Mapping[int, str]
    aliases: dict[int, str] = field(default_factory=dict[int, str])
    singles: set[int] = field(default_factory=set[int])


class Exit(Struct):
    """A way out of a scope that has something to close: what to do once it is closed."""

    number: int
    target: Target


class Target(Struct, frozen=True):
    """A place to jump to: a label, perhaps with a number to leave in a register first, below so many closing scopes."""

    label: int
    closing_depth: int
    state: tuple[Register, int] | None = None


class ClosingScope(Struct):
    """A scope whose end runs a `__close`: every way out passes through the end of its `Try`.

    Attributes:
        label: of the `Try`.
        how: register that says which exit was taken (0: fell off the end, or an error).
        exits: ways out by jump, in order of number.
        returns: number of the exit that returns, with where the values were saved, if there is one.
    """

    label: int
    how: Register
    exits: list[Exit] = field(default_factory=list[Exit])
    return_number: int = 0


class Builder:
    """Collects the IR of one function."""

    def __init__(self, unit: Unit, scope: FunctionScope) -> None:
        """Start with the parameters in the first registers."""
        self.unit = unit
        self.scope = scope
        self.registers: list[Type] = [Type.VALUE] * len(scope.params)
        self.body: list[Node] = []
        self.places: dict[int, Register] = {}
        self.in_scope: list[Register] = list(range(len(scope.params)))
        self.capture_numbers = {v: i for i, v in enumerate(unit.placement.captures[scope.index])}
        self.closing: list[ClosingScope] = []
        self.break_targets: list[Target] = []
        self.label_targets: dict[int, Target] = {}
        self.saved_results: Register | None = None
        self.saved_count: Register | None = None
        self._labels = 0
        self._free: dict[Type, list[Register]] = {}
        # per statement under way: registers it took and did not give back
        self._fresh: list[dict[Register, None]] = [{}]
        self._line = 0

    # ---- registers

    def new(self, type_: Type = Type.VALUE) -> Register:
        """A register that holds nothing of interest."""
        free = self._free.get(type_) if len(self.registers) >= REUSE_AFTER else None
        if free:
            register = free.pop()
        else:
            register = len(self.registers)
            self.registers.append(type_)
        self._fresh[-1][register] = None
        return register

    def new_for_good(self, type_: Type = Type.VALUE) -> Register:
        """A register that is kept to the end of the function."""
        self.registers.append(type_)
        return len(self.registers) - 1

    def place(self, variable: int, register: Register) -> None:
        """From here to the end of the block the variable lives in `register`."""
        self.places[variable] = register
        self.in_scope.append(register)

    def release(self, register: Register) -> None:
        """The register's value is no longer needed, on any path. Registers of enclosing statements stay as they are."""
        if register in self._fresh[-1]:
            del self._fresh[-1][register]
            self._free.setdefault(self.registers[register], []).append(register)

    @contextmanager
    def statement(self, *, declares: bool) -> Generator[None]:
        """What is emitted inside is one statement: the registers it took are free after it, but for those of variables."""
        outer = len(self.in_scope)
        self._fresh.append({})
        try:
            yield
        finally:
            fresh = self._fresh.pop()
            kept = self.in_scope[outer:] if declares else ()
            for register in kept:
                if fresh.pop(register, register) is None:
                    self._fresh[-1][register] = None
            for register in fresh:
                self._free.setdefault(self.registers[register], []).append(register)
            if not declares:
                del self.in_scope[outer:]  # the variables of a loop

    def type_of(self, operand: Operand) -> Type:
        """The type of an operand; constants of type `VALUE` have the type of their content."""
        if not isinstance(operand, Const):
            return self.registers[operand]
        if operand.type is not Type.VALUE or operand.value is None:
            return operand.type
        value = operand.value
        if isinstance(value, bool):
            return Type.BOOL
        if isinstance(value, int):
            return Type.I64
        return Type.F64 if isinstance(value, float) else Type.STRING

    # ---- code

    def emit(self, node: Node) -> None:
        """Append a node."""
        self.body.append(node)

    def label(self) -> int:
        """A label not used before in this function."""
        self._labels += 1
        return self._labels

    @contextmanager
    def nested(self) -> Generator[list[Node]]:
        """Collect the nodes emitted inside into a list of their own."""
        outer, self.body = self.body, []
        try:
            yield self.body
        finally:
            self.body = outer

    def jump(self, target: Target) -> None:
        """Go to `target`, closing what lies between."""
        if len(self.closing) > target.closing_depth:
            scope = self.closing[-1]
            for exit_ in scope.exits:
                if exit_.target == target:
                    break
            else:
                exit_ = Exit(len(scope.exits) + 2, target)
                scope.exits.append(exit_)
            self.emit(n.Move(scope.how, Const(Type.I32, exit_.number)))
            self.emit(n.Jump(scope.label))
            return
        if target.state is not None:
            register, value = target.state
            self.emit(n.Move(register, Const(Type.I32, value)))
        self.emit(n.Jump(target.label))

    def at(self, offset: int) -> int:
        """The line of a byte offset; code that follows is marked as coming from it."""
        line = self.unit.source.line_of(offset)
        if line != self._line:
            self._line = line
            self.emit(n.Line(line))
        return line

    def site(self, offset: int, *operands: tuple[str, bytes] | None) -> Site:
        """A site at the line of `offset`, with the names of the operands."""
        first, second = (*operands, None, None)[:2]
        return Site(self.at(offset), first, second, operands[2:])

    def runtime(self, symbol: str, *args: Operand, site: Site | None = None) -> None:
        """Call a runtime function for its effect."""
        self.emit(n.CallRuntime(None, symbol, args, site))


def i32(value: int) -> Const:
    """A raw machine word."""
    return Const(Type.I32, value)


def value(content: bool | int | float | bytes | None) -> Const:
    """A constant of the language."""
    return Const(Type.VALUE, content)
