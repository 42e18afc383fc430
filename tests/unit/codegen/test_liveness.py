# SPDX-License-Identifier: MIT
"""What the collector can see, against runs: whatever a run reads after a collection must have had a slot during it."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from munition.codegen.liveness import find_roots
from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Site
from munition.ir.types import ROOTABLE, Type
from munition.ir.uses import KEEPS_ARGUMENTS, may_collect, reads, writes

SITE = Site(1)
REGISTERS = 7
TYPES = (Type.VALUE, Type.TABLE, Type.VALUE, Type.STRING, Type.VALUE, Type.I64, Type.I32)
_VALUES = st.sampled_from((0, 2, 4))


def function_of(*body: Node, parameters: int = 0) -> Function:
    return Function("f", None, parameters, False, TYPES, body, 1, 1, b"t")


def call(dst: int | None, *args: int) -> Node:
    return n.Call(() if dst is None else (dst,), Const(Type.FUNCTION, "f"), args, SITE)


# ---- random code


def _leaves(labels: tuple[int, ...]) -> st.SearchStrategy[Node]:
    options: list[st.SearchStrategy[Node]] = [
        st.builds(n.Move, _VALUES, _VALUES),
        st.builds(call, _VALUES, _VALUES),
        st.builds(n.NewTable, st.sampled_from((0, 1)), st.just(0), st.just(0)),
        st.builds(n.Append, st.just(1), st.just(1), st.tuples(_VALUES)),
        st.builds(n.Index, _VALUES, st.just(1), _VALUES, st.just(SITE)),
        st.builds(n.Return, st.tuples(_VALUES)),
    ]
    if labels:
        options.append(st.builds(n.Jump, st.sampled_from(labels)))
    return st.one_of(options)


def _code(depth: int, labels: tuple[int, ...]) -> st.SearchStrategy[tuple[Node, ...]]:
    if depth == 0:
        return st.lists(_leaves(labels), max_size=3).map(tuple)
    inner = _code(depth - 1, labels)
    under = _code(depth - 1, (*labels, depth))
    node = st.one_of(
        _leaves(labels),
        st.builds(n.If, st.just(5), inner, inner),
        st.builds(n.Block, st.just(depth), under),
        st.builds(n.Loop, st.just(depth), under),
        st.builds(n.Try, st.just(depth), under),
    )
    return st.lists(node, max_size=4).map(tuple)


# ---- runs


class _LeaveError(Exception):
    """Control leaves to a label, or out of the function (None), or to the nearest handler ("raise")."""

    def __init__(self, to: int | str | None) -> None:
        super().__init__()
        self.to = to


@dataclass
class Run:
    """One random walk through a function: which registers each step read and wrote."""

    choose: random.Random
    budget: int = 60
    steps: list[tuple[Node, bool]] = field(default_factory=list[tuple[Node, bool]])

    def region(self, body: tuple[Node, ...]) -> None:
        for node in body:
            self.node(node)

    def node(self, node: Node) -> None:
        self.budget -= 1
        if self.budget < 0:
            raise _LeaveError(None)
        match node:
            case n.If():
                self.steps.append((node, False))
                self.region(node.then if self.choose.random() < 0.5 else node.otherwise)
            case n.Block() | n.Loop() | n.Try():
                self.labelled(node)
            case n.Jump():
                raise _LeaveError(node.label)
            case n.Return():
                self.steps.append((node, False))
                raise _LeaveError(None)
            case _:
                raises = may_collect(node) and self.choose.random() < 0.2
                self.steps.append((node, raises))
                if raises:
                    raise _LeaveError("raise")

    def labelled(self, node: n.Block | n.Loop | n.Try) -> None:
        while True:
            try:
                self.region(node.body)
            except _LeaveError as leave:
                if leave.to == node.label:
                    if isinstance(node, n.Loop):
                        continue
                elif not (leave.to == "raise" and isinstance(node, n.Try)):
                    raise
            return


def steps_of(function: Function, seed: int) -> list[tuple[Node, bool]]:
    run = Run(random.Random(seed))
    with contextlib.suppress(_LeaveError):
        run.region(function.body)
    return run.steps


def missing_roots(function: Function, steps: list[tuple[Node, bool]], roots: frozenset[int]) -> set[int]:
    """Registers that a run read after something collected, though the collector could not see them."""
    needed: set[int] = set()
    missing: set[int] = set()
    for node, raised in reversed(steps):
        if not raised:
            needed -= set(writes(node))
        if may_collect(node):
            kept = needed if type(node) in KEEPS_ARGUMENTS else needed | set(reads(node))
            missing |= {r for r in kept if function.registers[r] in ROOTABLE} - roots
        needed |= set(reads(node))
    return missing


@given(_code(4, ()), st.integers(0, 1 << 30))
def test_no_run_needs_what_the_collector_cannot_see(body: tuple[Node, ...], seed: int) -> None:
    function = function_of(*body)
    roots = frozenset(find_roots(function).registers)
    for i in range(20):
        assert missing_roots(function, steps_of(function, seed + i), roots) == set()


# ---- what is known by hand


@pytest.mark.parametrize(
    ("body", "slots"),
    [
        ((n.NewTable(1, 0, 0), n.Return((1,))), ()),
        ((n.NewTable(1, 0, 0), call(None), n.Return((1,))), (1,)),
        ((n.Move(0, 2), call(None, 0)), ()),
        ((call(0), call(2), n.Return((0, 2))), (0,)),
        ((n.Append(1, 1, (0,)),), (0, 1)),
        ((n.Loop(1, (call(0), n.If(5, (n.Jump(1),)))),), ()),
        ((n.Loop(1, (call(None, 0), n.If(5, (n.Jump(1),)))),), (0,)),
        ((n.Try(1, (call(None),)), n.Return((4,))), (4,)),
        ((n.Try(1, (n.Move(4, 2), call(4), n.Move(4, 0))), n.Return((4,))), (0, 4)),
        ((call(5), n.Arith(5, "add", 5, 5, SITE), n.Return((5,))), ()),
    ],
)
def test_slots_of_small_functions(body: tuple[Node, ...], slots: tuple[int, ...]) -> None:
    assert find_roots(function_of(*body)).registers == slots


def test_a_function_that_cannot_collect_has_no_frame() -> None:
    assert not find_roots(function_of(n.Move(0, 2), n.Return((0,)))).collects
    assert find_roots(function_of(n.TailCall(0, (), SITE))).collects


def test_what_is_needed_after_a_suspension_is_saved_whatever_its_type() -> None:
    pause = call(None)
    roots = find_roots(function_of(pause, n.Return((5, 1))), frozenset({id(pause)}))
    assert roots.saved == (1, 5)


def test_what_a_collecting_call_may_let_go_is_not_in_scope_and_not_read_later() -> None:
    collect = n.Call((), Const(Type.FUNCTION, "f"), (), SITE, scope=(0,))
    dead = find_roots(function_of(collect, n.Return((2,)))).dead[id(collect)]
    assert [r for r in range(REGISTERS) if dead >> r & 1] == [1, 3, 4, 5, 6]


def test_loops_nested_deeply_are_walked_a_bounded_number_of_times() -> None:
    body: tuple[Node, ...] = (call(0, 2), call(None, 4))
    for label in range(300):
        body = (n.Loop(label, (*body, n.If(5, (n.Jump(label),)))),)
    assert find_roots(function_of(*body)).registers == (2, 4)
