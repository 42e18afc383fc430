# SPDX-License-Identifier: MIT
"""Which registers the collector must be able to see: those that hold a reference across something that may collect.

One backward walk over the structured code. At the back edge of a loop every register that the loop reads and that is
also written outside of it counts as live; registers written only inside are live there only if the walk itself
finds them so. That is an over-approximation, and every loop body is walked once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

from munition.ir import nodes as n
from munition.ir.nodes import Function, Node
from munition.ir.types import ROOTABLE
from munition.ir.uses import KEEPS_ARGUMENTS, may_collect, reads, subregions, writes


@dataclass(frozen=True, slots=True)
class Roots:
    """What a function keeps on the shadow stack.

    Attributes:
        registers: those that need a slot, ascending.
        collects: whether the function does anything that may collect or raise, and so needs a frame at all.
        saved: registers of any type that are needed after a place where the function may be suspended, ascending.
        dead: for calls and loops, by their identity, the registers that nothing needs any more and whose slots are to be
            emptied there, as a mask.
    """

    registers: tuple[int, ...]
    collects: bool
    saved: tuple[int, ...] = ()
    dead: Mapping[int, int] = field(default_factory=dict[int, int])


def find_roots(function: Function, resume_points: frozenset[int] = frozenset()) -> Roots:
    """The registers of `function` that need a slot; `resume_points` are the identities of nodes it may be suspended at."""
    walk = _Walk(function, resume_points)
    walk.region(function.body, 0)
    rootable = 0
    for i, type_ in enumerate(function.registers):
        if type_ in ROOTABLE:
            rootable |= 1 << i
    mask = walk.roots & rootable
    return Roots(_bits(mask), walk.collects, _bits(walk.saved), walk.dead)


def _bits(mask: int) -> tuple[int, ...]:
    out: list[int] = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return tuple(out)


def _mask(registers: tuple[int, ...]) -> int:
    out = 0
    for register in registers:
        out |= 1 << register
    return out


@dataclass(frozen=True, slots=True)
class _LoopFacts:
    """Registers a loop reads, and those of them that are also written outside of it."""

    reads: int
    carried: int


def _facts(function: Function) -> tuple[dict[int, _LoopFacts], dict[int, int]]:
    """Facts of every loop, and for calls and loops the registers that are not mentioned behind them; by identity.

    Nodes are numbered in walk order, so a register is written outside a loop exactly when its first or its last write
    falls outside the loop's range of numbers.
    """
    first: dict[int, int] = dict.fromkeys(range(function.parameters), -1)
    last: dict[int, int] = dict(first)
    mentioned: dict[int, int] = {}
    ranges: list[tuple[n.Loop, int, int, int]] = []
    points: list[tuple[int, int]] = []
    position = 0

    def walk(body: tuple[Node, ...]) -> int:
        nonlocal position
        read = 0
        for node in body:
            position += 1
            start = position
            if type(node) is n.Loop or type(node) is n.Call:
                points.append((position, id(node)))
            inner_read = _mask(reads(node))
            for register in reads(node):
                mentioned[register] = position
            for register in writes(node):
                first.setdefault(register, position)
                last[register] = mentioned[register] = position
            for inner in subregions(node):
                inner_read |= walk(inner)
            if type(node) is n.Loop:
                ranges.append((node, start, position, inner_read))
            read |= inner_read
        return read

    walk(function.body)
    facts: dict[int, _LoopFacts] = {}
    for loop, start, end, read in ranges:
        carried = 0
        for register in _bits(read):
            if first.get(register, start) < start or last.get(register, end) > end:
                carried |= 1 << register
        facts[id(loop)] = _LoopFacts(read, carried)
    return facts, _expiring(mentioned, points)


def _expiring(mentioned: dict[int, int], points: list[tuple[int, int]]) -> dict[int, int]:
    """For calls and loops the registers that no node behind mentions, but one since the call or loop before does.

    A value that is of no use any more must not live as long as a loop runs or a call lasts. Once is enough.
    """
    positions = [at for at, _ in points]
    expiring: dict[int, int] = {}
    for register, at in mentioned.items():
        where = bisect_left(positions, at)
        if where < len(points):
            key = points[where][1]
            expiring[key] = expiring.get(key, 0) | 1 << register
    return expiring


_EXACT_DEPTH = 6  # loops nested deeper than this are not walked again: twice per level would be exponential


class _Walk:
    def __init__(self, function: Function, resume_points: frozenset[int]) -> None:
        self.roots = 0
        self.saved = 0
        self.dead: dict[int, int] = {}
        self._resume_points = resume_points
        self.collects = False
        self._labels: dict[int, int] = {}
        self._handlers: list[int] = [0]
        self._loops, self._expiring = _facts(function)
        self._depth = 0

    def region(self, body: tuple[Node, ...], live: int) -> int:
        """Walk backwards; `live` after the region in, live before it out."""
        for node in reversed(body):
            live = self._node(node, live)
        return live

    def _node(self, node: Node, live: int) -> int:
        match node:
            case n.If():
                branches = self.region(node.then, live) | self.region(node.otherwise, live)
                return branches | _mask(reads(node))
            case n.Block():
                self._labels[node.label] = live
                return self.region(node.body, live)
            case n.Try():
                self._labels[node.label] = live
                self._handlers.append(live | self._handlers[-1])
                before = self.region(node.body, live)
                self._handlers.pop()
                return before | live
            case n.Loop():
                return self._loop(node, live)
            case n.Jump():
                return self._labels[node.label]
            case n.Switch():
                live = self._labels[node.default] | _mask((node.index,))
                for label in node.labels:
                    live |= self._labels[label]
                return live
            case n.Return():
                return _mask(reads(node))
            case n.TailCall():
                self.collects = True
                return _mask(reads(node))
            case n.Reraise():
                return live | self._handlers[-1] | _mask(reads(node))
            case _:
                return self._instruction(node, live)

    def _loop(self, loop: n.Loop, live: int) -> int:
        facts = self._loops[id(loop)]
        self._depth += 1
        head = facts.carried if self._depth <= _EXACT_DEPTH else facts.reads
        while True:
            self._labels[loop.label] = head
            found = self.region(loop.body, live) | head
            if found == head or self._depth > _EXACT_DEPTH:
                break
            # Something written only inside is read at the head of a later turn (gotos can do that): once more.
            grown = found & facts.reads | head
            if grown == head:
                break
            head = grown
        self._depth -= 1
        self._forget(loop, found)
        return found

    def _forget(self, node: n.Loop | n.Call, live: int) -> None:
        expiring = self._expiring.get(id(node), 0) & ~live
        if expiring:
            self.dead[id(node)] = expiring

    def _instruction(self, node: Node, live: int) -> int:
        live &= ~_mask(writes(node))
        used = _mask(reads(node))
        if may_collect(node):
            self.collects = True
            live |= self._handlers[-1]
            if isinstance(node, n.Call) and node.scope is not None:
                live |= _mask(node.scope)
                self.dead[id(node)] = ~(live | used)
            elif isinstance(node, n.Call):
                self._forget(node, live)
            self.roots |= live if type(node) in KEEPS_ARGUMENTS else live | used
            if id(node) in self._resume_points:
                self.saved |= live
        return live | used
