# SPDX-License-Identifier: MIT
"""Operator precedence (reference manual, 3.4.8): a flat chain of operands and operators becomes a tree.

This is operator precedence parsing done while the chain is read, so that the operators still waiting for their right
side, each of which is a level of nesting, are known at every moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from msgspec import Struct

from munition.attenuators.lua import syntax

if TYPE_CHECKING:
    from munition.attenuators.lua.actions import Workspace

_PRECEDENCE: Final = {
    op: level
    for level, ops in enumerate(
        ("or", "and", "< > <= >= ~= ==", "|", "~", "&", "<< >>", "..", "+ -", "* / // %")
    )
    for op in ops.split()
}  # `^` and the unary operators bind tighter; the grammar applies them


class Pending(Struct, eq=False):
    """An operator whose right side is not complete; several `..` in a row are one."""

    op: str
    precedence: int
    ats: list[int]


class Chain(Struct, eq=False):
    """Operands and operators under construction: always one operand more than `ats` in `pending` once complete."""

    operands: list[syntax.Expression]
    pending: list[Pending]


def add_operator(w: Workspace, chain: Chain, token: int) -> Chain:
    """Apply the operators that bind tighter than the one at `token`, and leave that one waiting."""
    op = w.operators[w.tokens.kinds[token]]
    precedence = _PRECEDENCE[op]
    at = w.tokens.starts[token]
    pending = chain.pending
    while pending and pending[-1].precedence >= precedence:
        if op == ".." and pending[-1].precedence == precedence:
            pending[-1].ats.append(at)
            return chain
        _apply(w, chain)
    pending.append(Pending(op, precedence, [at]))
    w.level += 1
    return chain


def finish(w: Workspace, chain: Chain) -> syntax.Expression:
    """Apply all the operators that wait."""
    while chain.pending:
        _apply(w, chain)
    return chain.operands[0]


def _apply(w: Workspace, chain: Chain) -> None:
    waiting = chain.pending.pop()
    w.level -= 1
    operands = chain.operands
    if waiting.op == "..":
        parts = tuple(operands[-len(waiting.ats) - 1 :])
        del operands[-len(parts) :]
        operands.append(syntax.Concat(parts[0].start, parts[-1].end, parts, tuple(waiting.ats)))
        return
    right = operands.pop()
    left = operands.pop()
    operands.append(_joined(waiting, left, right))


def _joined(waiting: Pending, left: syntax.Expression, right: syntax.Expression) -> syntax.Expression:
    if waiting.precedence <= 1:
        return syntax.Logical(left.start, right.end, cast(syntax.LogicalOp, waiting.op), left, right)
    op = cast(syntax.BinaryOp, waiting.op)
    return syntax.Binary(left.start, right.end, op, left, right, waiting.ats[0])
