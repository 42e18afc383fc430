# SPDX-License-Identifier: MIT
"""Labels and `goto` while a chunk is walked (Lua 5.4 reference manual, 3.3.4).

The labels of a block are known when the block is entered, so every jump is decided where it stands, in constant time:
the innermost block that has the label and encloses the jump is the one it means.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from munition.attenuators.lua import faults, syntax
from munition.attenuators.lua.resolved import GotoTarget, LabelUses
from munition.attenuators.lua.walks import span_of
from munition.diagnostics import Diagnostic
from munition.source import Source

_UNKNOWN: Final = GotoTarget(-1, is_backward=False)


class LabelScope(Struct, eq=False):
    """A block that has labels.

    Attributes:
        statements: the block's statements.
        declarations: numbers of the statements that declare locals of this block.
        tail: the number of the first of the labels that end the block, outside the scope of its locals.
        position: the number of the statement that is being walked.
    """

    statements: tuple[syntax.Statement, ...]
    declarations: list[int]
    tail: int
    position: int = 0


class _Visible(Struct, frozen=True, eq=False):
    """A label that can be seen from here, if `function` is the present one."""

    label: syntax.Label
    number: int
    scope: LabelScope
    function: int


class Labels:
    """The labels of one chunk and the jumps to them."""

    def __init__(self, chunk: syntax.Chunk, source: Source) -> None:
        self.faults: list[Diagnostic] = []
        self._source = source
        self._visible: dict[str, list[_Visible]] = {}  # innermost last
        self._targets = [_UNKNOWN] * chunk.gotos
        self._backward: list[list[int]] = [[] for _ in range(chunk.labels)]
        self._forward: list[list[int]] = [[] for _ in range(chunk.labels)]

    def enter(self, block: syntax.Block, function: int, *, has_tail: bool) -> LabelScope:
        """Make the labels of `block` visible.

        A label with nothing but labels after it stands outside the scope of the block's locals, unless `has_tail` is
        false: the condition of a `repeat` still sees them.
        """
        statements = block.statements
        tail = len(statements)
        while has_tail and tail and type(statements[tail - 1]) is syntax.Label:
            tail -= 1
        scope = LabelScope(statements, _declarations(statements), tail)
        for number, statement in enumerate(statements):
            if type(statement) is syntax.Label:
                self._define(_Visible(statement, number, scope, function))
        return scope

    def leave(self, scope: LabelScope) -> None:
        """End the visibility of the labels of a block."""
        for statement in scope.statements:
            if type(statement) is syntax.Label:
                stack = self._visible[statement.name]
                if stack and stack[-1].scope is scope:
                    stack.pop()

    def jump(self, node: syntax.Goto, function: int) -> None:
        """Decide where a `goto` leads."""
        stack = self._visible.get(node.name)
        if not stack or stack[-1].function != function:
            self.faults.append(faults.no_label(node.name, span_of(node)))
            return
        target = stack[-1]
        is_backward = target.number <= target.scope.position
        entered = None if is_backward else _entered_scope(target)
        if entered is not None:
            line = self._source.line_of(node.start)
            self.faults.append(faults.jump_into_scope(node.name, line, entered, span_of(node)))
            return
        uses = self._backward if is_backward else self._forward
        uses[target.label.index].append(node.index)
        self._targets[node.index] = GotoTarget(target.label.index, is_backward=is_backward)

    def _define(self, new: _Visible) -> None:
        stack = self._visible.setdefault(new.label.name, [])
        if stack and stack[-1].function == new.function and stack[-1].label.start < new.label.start:
            line = self._source.line_of(stack[-1].label.start)
            self.faults.append(faults.label_twice(new.label.name, line, span_of(new.label)))
            if stack[-1].scope is new.scope:
                return
        stack.append(new)

    def tables(self) -> tuple[tuple[GotoTarget, ...], tuple[LabelUses, ...]]:
        """Where each `goto` leads, and who leads to each label."""
        pairs = zip(self._backward, self._forward, strict=True)
        return tuple(self._targets), tuple(LabelUses(tuple(back), tuple(forth)) for back, forth in pairs)


def _declarations(statements: Sequence[syntax.Statement]) -> list[int]:
    return [
        number
        for number, statement in enumerate(statements)
        if type(statement) is syntax.Local or type(statement) is syntax.LocalFunction
    ]


def _entered_scope(target: _Visible) -> str | None:
    """The local whose scope a jump from the present statement forward to `target` would enter."""
    scope = target.scope
    if target.number >= scope.tail:
        return None
    at = bisect_right(scope.declarations, scope.position)
    if at == len(scope.declarations) or scope.declarations[at] > target.number:
        return None
    declaring = scope.statements[scope.declarations[at]]
    if type(declaring) is syntax.LocalFunction:
        return declaring.name.name
    return declaring.names[0].name if type(declaring) is syntax.Local else None
