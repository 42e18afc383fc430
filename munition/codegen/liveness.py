# SPDX-License-Identifier: MIT
"""Which registers the collector must be able to see: those that hold a reference across something that may collect.

One backward walk over the structured code. At the back edge of a loop everything counts as live that is live where
jumps out of the loop lead, and every register that the loop reads and that is also written outside of it; registers
written only inside are live there only if the walk itself finds them so, and then the body is walked again. What is live
at the head of a loop is never more than what was assumed at its back edge: an over-approximation, mostly after one walk.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from munition.ir import nodes as n
from munition.ir.effects import calls_out
from munition.ir.lattice import REFERENCES
from munition.ir.nodes import Function, Node
from munition.ir.types import ROOTABLE, Type
from munition.ir.uses import KEEPS_ARGUMENTS, reads, subregions, writes


class Roots(Struct, frozen=True):
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
    masks = None if function.facts is None else function.facts.masks
    for i, type_ in enumerate(function.registers):
        if type_ in ROOTABLE and (masks is None or type_ is not Type.VALUE or masks[i] & REFERENCES):
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


class _LoopFacts(Struct, frozen=True):
    """Registers a loop reads, those of them that are also written outside of it, and the labels outside it jumps to."""

    reads: int
    carried: int
    exits: frozenset[int]


def _facts(function: Function) -> tuple[dict[int, _LoopFacts], dict[int, int]]:
    """Facts of every loop, and for calls and loops the registers mentioned since the call or loop before; by identity.

    Nodes are numbered in walk order, so a register is written outside a loop exactly when its first or its last write
    falls outside the loop's range of numbers.
    """
    first: dict[int, int] = dict.fromkeys(range(function.parameters), -1)
    last: dict[int, int] = dict(first)
    ranges: list[tuple[n.Loop, int, int, int, frozenset[int]]] = []
    mentioned: dict[int, int] = {}
    since = 0
    position = 0

    def walk(body: tuple[Node, ...]) -> tuple[int, set[int]]:
        nonlocal position, since
        read = 0
        targets: set[int] = set()
        for node in body:
            position += 1
            start = position
            inner_read = _mask(reads(node))
            written = writes(node)
            since |= inner_read
            if type(node) is n.Loop or type(node) is n.Call:
                mentioned[id(node)] = since
                since = 0
            since |= _mask(written)
            for register in written:
                first.setdefault(register, position)
                last[register] = position
            jumps = _targets(node)
            for inner in subregions(node):
                inner_reads, inner_targets = walk(inner)
                inner_read |= inner_reads
                jumps |= inner_targets
            if isinstance(node, n.Block | n.Loop | n.Try):
                jumps.discard(node.label)
            if type(node) is n.Loop:
                ranges.append((node, start, position, inner_read, frozenset(jumps)))
            read |= inner_read
            targets |= jumps
        return read, targets

    walk(function.body)
    facts: dict[int, _LoopFacts] = {}
    for loop, start, end, read, exits in ranges:
        carried = 0
        for register in _bits(read):
            if first.get(register, start) < start or last.get(register, end) > end:
                carried |= 1 << register
        facts[id(loop)] = _LoopFacts(read, carried, exits)
    return facts, mentioned


def _targets(node: Node) -> set[int]:
    if isinstance(node, n.Jump):
        return {node.label}
    return {node.default, *node.labels} if isinstance(node, n.Switch) else set()


_EXACT_DEPTH = 6  # loops nested deeper than this are not walked again: twice per level would be exponential


class _Walk:
    def __init__(self, function: Function, resume_points: frozenset[int]) -> None:
        self._function = function
        self.roots = 0
        self.saved = 0
        self.dead: dict[int, int] = {}
        self._resume_points = resume_points
        self.collects = False
        self._labels: dict[int, int] = {}
        self._handlers: list[int] = [0]
        self._loops, self._mentioned = _facts(function)
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
        head = live | self._handlers[-1] | (facts.carried if self._depth <= _EXACT_DEPTH else facts.reads)
        for label in facts.exits:
            head |= self._labels[label]
        while True:
            self._labels[loop.label] = head
            found = self.region(loop.body, live)
            if not found & ~head:
                break
            # Something written only inside is read at the head of a later turn (gotos can do that): once more. Not in
            # deep loops, where everything read counts as live from the start.
            head |= found
        self._depth -= 1
        self._forget(loop, found)
        return found

    def _forget(self, node: n.Loop | n.Call, live: int) -> None:
        """A value that is of no use any more must not live as long as a loop runs or a call lasts. Once is enough."""
        dead = self._mentioned[id(node)] & ~live
        if dead:
            self.dead[id(node)] = dead
        else:
            self.dead.pop(id(node), None)  # an earlier walk of a loop around it may have known less

    def _instruction(self, node: Node, live: int) -> int:
        live &= ~_mask(writes(node))
        used = _mask(reads(node))
        if calls_out(node, self._function):
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
