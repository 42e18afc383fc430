# SPDX-License-Identifier: MIT
"""Which types the registers of a whole program can have: a fixpoint over all functions at once.

Every register, program variable, captured variable, parameter, result, field and list item has a set of types and objects
(`ir.lattice`). An instruction adds to the set of what it writes whatever the sets of what it reads allow. Sets only grow, so
this ends; at the end each of them covers everything that can happen at run time. Tables are told apart by the place that
makes them. What is passed to code that is not accounted for (the host, most library functions, metamethods) *escapes*: from
then on its fields can be anything, or, for a function, its parameters.

The method is Andersen's analysis of pointers (1994) with types carried along, and calls resolved while it runs.
"""

from __future__ import annotations

from munition.ir import nodes as n
from munition.ir.control_flow import falls_off
from munition.ir.infer_calls import call_version
from munition.ir.infer_state import Inference
from munition.ir.infer_transfer import TRANSFER
from munition.ir.lattice import FALSY, NIL
from munition.ir.nodes import Node, Register
from munition.ir.program import Program
from munition.ir.uses import subregions


class TooMuchError(Exception):
    """The program takes too long to infer."""


def infer(program: Program) -> Inference:
    """Run the fixpoint for `program` to its end.

    Raises:
        TooMuchError: it takes too long.
    """
    s = Inference(program)
    entries = {program.main, *(m.symbol for m in program.modules)}
    for i, function in enumerate(s.functions):
        if function.symbol in entries:
            s.escape_function(i)
    s.pending = set(range(len(s.functions)))
    while s.pending:
        for i in sorted(s.pending):
            if i in s.pending:
                s.pending.discard(i)
                _run(s, i)
    return s


def _run(s: Inference, number: int) -> None:
    s.current = number
    function = s.functions[number]
    s.facts_now = s.facts[number]
    if not s.facts_now.called:
        return
    s.registers = s.facts_now.registers
    s.changed = True
    while s.changed:
        s.changed = False
        s.budget -= s.weights[number]
        if s.budget < 0:
            raise TooMuchError
        if function.version is not None:
            call_version(s, function.version)
        _body(s, function.body, -1)


def _body(s: Inference, body: tuple[Node, ...], true: Register) -> None:
    """Apply the nodes of a body.

    `true`: a register that is known to be true (or, as -2 - register, false) during the moves the body begins with.
    """
    tested: n.Compare | None = None
    present = -1
    for node in body:
        kind = type(node)
        if kind is n.Move:
            assert isinstance(node, n.Move)
            mask = s.mask(node.src)
            if present >= 0 and node.src == present:
                mask &= ~NIL
            if true >= 0 and node.src == true:
                mask &= ~FALSY
            elif true < -1 and node.src == -2 - true:
                mask &= FALSY
            s.grow(node.dst, mask)
            if node.dst in (true, -2 - true):
                true = -1
            if node.dst == present:
                present = -1
            tested = None
            continue
        if kind is n.Line:
            continue
        apply = TRANSFER.get(kind)
        present = true = -1
        if apply is not None:
            apply(s, node)
            tested = node if isinstance(node, n.Compare) else None
        elif kind is n.If:
            assert isinstance(node, n.If)
            present, tested = _present_after(tested, node), None
            condition = node.condition if isinstance(node.condition, int) else -1
            _body(s, node.then, condition)
            _body(s, node.otherwise, -2 - condition if condition >= 0 else -1)
        else:
            for inner in subregions(node):
                _body(s, inner, -1)


def _present_after(test: n.Compare | None, branch: n.If) -> Register:
    """The register that is not nil after `branch`, which leaves when `test` finds that it is; -1 if that is not what it does."""
    if (
        test is not None
        and branch.condition == test.dst
        and test.op == "eq"
        and test.right == n.NIL
        and isinstance(test.left, int)
        and not branch.otherwise
        and not falls_off(branch.then)
    ):
        return test.left
    return -1
