# SPDX-License-Identifier: MIT
"""Small functions in place of their calls.

Only such as neither call anything nor can raise an error (`Facts.pure`): of the others a traceback shows the call. What is
known of the types makes many of them: a function of numbers is a handful of machine instructions, fewer than its call.
Parameters and locals of callees become registers of the caller, which all of them share; `return` becomes
a jump to the end of a block, and the last one of a body nothing at all.

This is procedure integration as in Muchnick, Advanced Compiler Design and Implementation, section 15.2, without its
difficulties: registers have no names to clash, and no callee can be recursive.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes
from munition.ir.effects import type_of
from munition.ir.facts import Facts, Known
from munition.ir.lattice import mask_of_type
from munition.ir.nodes import Function, Node, Operand, Register
from munition.ir.program import Program
from munition.ir.types import Type
from munition.ir.uses import writes

_SMALL: Final = 24
"""Nodes up to which a function is put in place of its calls."""

_ROUNDS: Final = 3
"""How deep calls of calls are followed."""

_SHARE: Final = 4
_ROOM: Final = 1000
"""All copies together may have so many nodes, and one for every `_SHARE` nodes of the program."""

_REGISTERS: Final[dict[type, tuple[str, ...]]] = {
    n.Move: ("dst", "src"),
    n.LoadStatic: ("dst",),
    n.StoreStatic: ("src",),
    n.Numeric: ("dst", "args"),
    n.Arith: ("dst", "left", "right"),
    n.Compare: ("dst", "left", "right"),
    n.Not: ("dst", "src"),
    n.Length: ("dst", "src"),
    n.If: ("condition",),
    n.Block: (),
    n.Jump: (),
    n.Line: (),
    n.Return: ("values",),
}
"""The instructions that can be put elsewhere, and which of their fields hold registers."""


class _Callee(Struct, frozen=True):
    """A function that can be put in place of its calls.

    Attributes:
        function: it.
        types: of its parameters.
        result: type of its result.
        size: its nodes.
    """

    function: Function
    types: tuple[Type, ...]
    result: Type
    size: int


def inline_calls(program: Program) -> Program:
    """The program with small pure functions in place of their calls; it must have types."""
    room = _ROOM + sum(1 for f in program.functions for _ in all_nodes(f.body)) // _SHARE
    for _round in range(_ROUNDS):
        callees = {f.symbol: callee for f in program.functions if (callee := _callee(f)) is not None}
        functions: list[Function] = []
        for function in program.functions:
            caller = _Caller(function, callees, room)
            functions.append(caller.run())
            room = caller.room
        if all(new is old for new, old in zip(functions, program.functions, strict=True)):
            break
        program = replace(program, functions=tuple(functions))
    return program


def _callee(function: Function) -> _Callee | None:
    facts = function.facts
    if facts is None or not facts.pure or facts.entry is None or facts.entry.result is None:
        return None
    nodes = [node for node in all_nodes(function.body) if not isinstance(node, n.Line)]
    if len(nodes) > _SMALL or not all(type(node) in _REGISTERS for node in nodes):
        return None
    return _Callee(function, facts.entry.parameters, facts.entry.result, len(nodes))


class _Caller:
    """One function into which others are put.

    Attributes:
        room: nodes that may still be added.
    """

    def __init__(self, function: Function, callees: dict[str, _Callee], room: int) -> None:
        assert function.facts is not None
        self._function = function
        self._facts: Facts = function.facts
        self._callees = callees
        self._types = list(function.registers)
        self._masks = list(self._facts.masks)
        self._added: dict[Type, list[Register]] = {}
        self._labels = 1 + max(
            (node.label for node in all_nodes(function.body) if isinstance(node, n.Block | n.Loop | n.Try)),
            default=-1,
        )
        self.room = room

    def run(self) -> Function:
        """The function; the same one if nothing was put into it."""
        if not any(self._found(node) for node in all_nodes(self._function.body)):
            return self._function
        body = self._body(self._function.body)
        facts = replace(self._facts, masks=tuple(self._masks))
        return replace(self._function, registers=tuple(self._types), body=body, facts=facts)

    def _body(self, body: tuple[Node, ...]) -> tuple[Node, ...]:
        """A body with its calls replaced. It nests as the code generator, which runs after, has to follow it, too."""
        out: list[Node] = []
        for node in body:
            match node:
                case n.If():
                    out.append(
                        replace(node, then=self._body(node.then), otherwise=self._body(node.otherwise))
                    )
                case n.Block() | n.Loop() | n.Try():
                    out.append(replace(node, body=self._body(node.body)))
                case n.Call() | n.TailCall():
                    callee = self._found(node)
                    out += [node] if callee is None or callee.size > self.room else self._put(node, callee)
                case _:
                    out.append(node)
        return tuple(out)

    def _found(self, node: Node) -> _Callee | None:
        """What a call can be replaced by."""
        if not isinstance(node, n.Call | n.TailCall) or node.open is not None:
            return None
        known: Known | None = self._facts.calls.get(id(node))
        if known is None or known.library or not known.certain or known.by_type:
            return None
        callee = self._callees.get(known.symbol)
        if callee is None or callee.function.symbol == self._function.symbol:
            return None
        if isinstance(node, n.Call) and (node.count is not None or len(node.dsts) > 1):
            return None
        types = [type_of(argument, self._function) for argument in node.args]
        fits = len(types) == len(callee.types) and all(
            want in (Type.VALUE, have) for have, want in zip(types, callee.types, strict=True)
        )
        return callee if fits else None

    def _put(self, node: n.Call | n.TailCall, callee: _Callee) -> list[Node]:
        """The code of the callee: parameters are assigned, then it runs, then its result goes where it is wanted."""
        self.room -= callee.size
        *registers, result = self._registers(callee)
        body = callee.function.body
        written = {register for inner in all_nodes(body) for register in writes(inner)}
        out: list[Node] = []
        move = _Moved(list(registers), self._labels, result)
        for i, argument in enumerate(node.args):
            if i in written or type_of(argument, self._function) is not callee.types[i]:
                out.append(n.Move(registers[i], argument))
            else:  # what is never assigned can be read where it is
                move.places[i] = argument
        self._labels += 1 + max((_label(inner) for inner in all_nodes(body)), default=-1)
        last = body[-1]
        if isinstance(last, n.Return) and not any(isinstance(i, n.Return) for i in all_nodes(body[:-1])):
            out += move.body(body[:-1])
            value: Operand = move.operand(last.values[0])
        else:
            move.end = self._labels
            self._labels += 1
            out.append(n.Block(move.end, move.body(body)))
            value = result
        if isinstance(node, n.TailCall):
            return [*out, n.Return((value,))]
        return out + [n.Move(dst, value) for dst in node.dsts if not self._ends_in(out, value, dst)]

    def _ends_in(self, out: list[Node], value: Operand, dst: Register) -> bool:
        """Let the last instruction write `dst` instead of `value`, which nothing else reads; False if it cannot."""
        last = out[-1] if out else None
        if not isinstance(last, n.Arith | n.Numeric) or last.dst != value:
            return False
        if self._types[last.dst] is not self._types[dst]:
            return False
        out[-1] = replace(last, dst=dst)
        return True

    def _registers(self, callee: _Callee) -> list[Register]:
        """The caller's registers for those of the callee, and one for its result.

        All callees share them, because none needs its own any more when the next one runs: a recursive caller would
        otherwise not get as deep.
        """
        facts = callee.function.facts
        assert facts is not None
        taken: dict[Type, int] = {}
        out: list[Register] = []
        types, masks = (
            (*callee.function.registers, callee.result),
            (*facts.masks, mask_of_type(callee.result)),
        )
        for type_, mask in zip(types, masks, strict=True):
            shared = self._added.setdefault(type_, [])
            number = taken[type_] = taken.get(type_, -1) + 1
            if number == len(shared):
                shared.append(len(self._types))
                self._types.append(type_)
                self._masks.append(0)
            self._masks[shared[number]] |= mask
            out.append(shared[number])
        return out


class _Moved:
    """The code of a callee with the registers and labels it has in its caller.

    Attributes:
        places: what stands for each register of the callee.
        end: label of the block whose end `return` jumps to.
    """

    def __init__(self, places: list[Operand], labels: int, result: Register) -> None:
        self._labels = labels
        self._result = result
        self.places = places
        self.end = -1

    def operand(self, operand: Operand) -> Operand:
        """An operand."""
        return self.places[operand] if isinstance(operand, int) else operand

    def body(self, body: tuple[Node, ...]) -> tuple[Node, ...]:
        """A body. What can fail has a place of its own, so lines are left out: they are those of the call."""
        out: list[Node] = []
        for node in body:
            if isinstance(node, n.Return):
                out += [n.Move(self._result, self.operand(node.values[0])), n.Jump(self.end)]
            elif not isinstance(node, n.Line):
                out.append(self._node(node))
        return tuple(out)

    def _node(self, node: Node) -> Node:
        changes: dict[str, Any] = {
            field: self._field(getattr(node, field)) for field in _REGISTERS[type(node)]
        }
        match node:
            case n.If():
                changes |= {"then": self.body(node.then), "otherwise": self.body(node.otherwise)}
            case n.Block():
                changes |= {"label": node.label + self._labels, "body": self.body(node.body)}
            case n.Jump():
                changes["label"] = node.label + self._labels
            case _:
                pass
        return replace(node, **changes)

    def _field(self, content: Operand | tuple[Operand, ...]) -> Operand | tuple[Operand, ...]:
        return tuple(map(self.operand, content)) if isinstance(content, tuple) else self.operand(content)


def _label(node: Node) -> int:
    return node.label if isinstance(node, n.Block) else -1
