# SPDX-License-Identifier: MIT
"""Statements and blocks, with labels and gotos.

A label can only be reached from its own block and the blocks inside it, so every `goto` leaves some number of blocks
and goes on at a place in one of them. Forward jumps leave an IR block that ends at the label; backward jumps restart
a loop that begins there; where both mix, a loop around a `Switch` picks the part of the block to go on with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.assignments import (
    lower_assign,
    lower_function_statement,
    lower_local,
    lower_local_function,
    lower_values,
)
from munition.attenuators.lua.lowering.builder import Builder, Target, i32
from munition.attenuators.lua.lowering.conditions import jump_unless
from munition.attenuators.lua.lowering.expressions import lower_callee
from munition.attenuators.lua.lowering.loops import (
    lower_generic_for,
    lower_numeric_for,
    lower_repeat,
    lower_while,
)
from munition.attenuators.lua.lowering.returns import lower_return
from munition.attenuators.lua.lowering.scopes import close_scope
from munition.attenuators.lua.lowering.variables import declare_variable
from munition.attenuators.lua.resolved import GlobalUse
from munition.ir import nodes as n
from munition.ir.nodes import Const
from munition.ir.types import Type


def lower_block(b: Builder, block: s.Block) -> None:
    """All statements of a block."""
    lower_scope(b, block, lambda: None)


def lower_scope(b: Builder, block: s.Block, after: Callable[[], None]) -> None:
    """All statements of a block, then what `after` emits, still inside the block's scope."""
    outer = len(b.in_scope)
    _statements(b, block.statements, after)
    del b.in_scope[outer:]


def _statements(b: Builder, statements: Sequence[s.Statement], after: Callable[[], None]) -> None:
    positions = [i for i, st in enumerate(statements) if isinstance(st, s.Label) and _is_used(b, st)]
    closing = next((i for i, st in enumerate(statements) if _closes(st)), len(statements))
    inner = [i for i in positions if i < closing or _is_void(statements[i:])]
    if not inner:
        _plain(b, statements, after)
    elif len(inner) == 1:
        _one_label(b, statements, inner[0], after)
    elif not any(b.unit.resolved.labels[_label(statements[i]).index].backward for i in inner):
        _forward_labels(b, statements, inner, after)
    else:
        _switched_labels(b, statements, inner, after)


def _is_used(b: Builder, label: s.Label) -> bool:
    uses = b.unit.resolved.labels[label.index]
    return bool(uses.backward or uses.forward)


def _label(statement: s.Statement) -> s.Label:
    assert isinstance(statement, s.Label)
    return statement


def _closes(statement: s.Statement) -> bool:
    return isinstance(statement, s.Local) and any(name.attrib == "close" for name in statement.names)


def _is_void(statements: Sequence[s.Statement]) -> bool:
    """Whether nothing but labels is left of the block: they stand outside the scope of its variables."""
    return all(isinstance(st, s.Label) for st in statements)


def _plain(b: Builder, statements: Sequence[s.Statement], after: Callable[[], None]) -> None:
    """Statements without labels that are jumped to (on this level)."""
    for i, statement in enumerate(statements):
        if _closes(statement):
            assert isinstance(statement, s.Local)
            _closing_local(b, statement, statements[i + 1 :], after)
            return
        lower_statement(b, statement)
    after()


def _closing_local(b: Builder, node: s.Local, rest: Sequence[s.Statement], after: Callable[[], None]) -> None:
    """`local x <close> = ...`: the rest of the block is the scope to be closed."""
    values = lower_values(b, node.values, len(node.names))
    hidden = b.new()
    for binding, source in zip(node.names, values, strict=True):
        if binding.attrib == "close":
            b.emit(n.Move(hidden, source))
            name = Const(Type.STRING, binding.name.encode("latin-1"))
            at = node.values[-1].end - 1 if node.values else node.start
            b.runtime("rt_check_closable", hidden, name, site=b.site(at))
        declare_variable(b, binding.index, source)
    close_scope(b, hidden, lambda: _statements(b, rest, after), node.end)


def _one_label(b: Builder, statements: Sequence[s.Statement], at: int, after: Callable[[], None]) -> None:
    label = _label(statements[at])
    uses = b.unit.resolved.labels[label.index]
    if uses.forward:
        end = b.label()
        b.label_targets[label.index] = Target(end, len(b.closing))
        with b.nested() as body:
            _plain(b, statements[:at], lambda: None)
        b.emit(n.Block(end, tuple(body)))
    else:
        _plain(b, statements[:at], lambda: None)
    if uses.backward:
        head = b.label()
        b.label_targets[label.index] = Target(head, len(b.closing))
        with b.nested() as body:
            _plain(b, statements[at + 1 :], after)
        b.emit(n.Loop(head, tuple(body)))
    else:
        _plain(b, statements[at + 1 :], after)


def _parts(statements: Sequence[s.Statement], positions: list[int]) -> list[Sequence[s.Statement]]:
    starts = [0, *(i + 1 for i in positions)]
    return [statements[a:z] for a, z in zip(starts, [*positions, len(statements)], strict=True)]


def _forward_labels(
    b: Builder, statements: Sequence[s.Statement], positions: list[int], after: Callable[[], None]
) -> None:
    """Nested blocks: leaving the one for a label goes on after the part before that label."""
    parts = _parts(statements, positions)
    ends = [b.label() for _ in positions]
    for position, end in zip(positions, ends, strict=True):
        b.label_targets[_label(statements[position]).index] = Target(end, len(b.closing))
    with b.nested() as code:
        _plain(b, parts[0], lambda: None)
    for end, part in zip(ends, parts[1:], strict=True):
        block = n.Block(end, tuple(code))
        last = part is parts[-1]
        with b.nested() as code:
            b.emit(block)
            _plain(b, part, after if last else lambda: None)
    for node in code:
        b.emit(node)


def _switched_labels(
    b: Builder, statements: Sequence[s.Statement], positions: list[int], after: Callable[[], None]
) -> None:
    """A loop that goes on with the part a register names."""
    parts = _parts(statements, positions)
    state, head = b.new(Type.I32), b.label()
    for number, position in enumerate(positions, 1):
        target = Target(head, len(b.closing), (state, number))
        b.label_targets[_label(statements[position]).index] = target
    b.emit(n.Move(state, i32(0)))
    labels = [b.label() for _ in parts]
    code: list[n.Node] = [n.Switch(state, tuple(labels[:-1]), labels[-1])]
    for number, part in enumerate(parts):
        block = n.Block(labels[number], tuple(code))
        with b.nested() as code:
            b.emit(block)
            _plain(b, part, after if number == len(parts) - 1 else lambda: None)
    b.emit(n.Loop(head, tuple(code)))


# ---- statements


def lower_statement(b: Builder, statement: s.Statement) -> None:
    """One statement."""
    b.at(statement.start)
    with b.statement(declares=isinstance(statement, s.Local | s.LocalFunction)):
        _STATEMENTS[type(statement)](b, statement)


def _call_statement(b: Builder, node: s.CallStatement) -> None:
    callee, args, open_, site = lower_callee(b, node.call)
    scope = tuple(b.in_scope) if _collects(b, node.call) else None
    b.emit(n.Call((), callee, args, site, open_, scope=scope))


def _collects(b: Builder, call: s.Call | s.MethodCall) -> bool:
    """Whether a call is one of `collectgarbage`, whose effect a program may look at."""
    if not isinstance(call, s.Call) or not isinstance(call.callee, s.Name):
        return False
    use = b.unit.resolved.uses[call.callee.index]
    return isinstance(use, GlobalUse) and use.name == "collectgarbage"


def _do(b: Builder, node: s.Do) -> None:
    lower_block(b, node.body)


def _while(b: Builder, node: s.While) -> None:
    lower_while(b, node, lower_block)


def _repeat(b: Builder, node: s.Repeat) -> None:
    lower_repeat(b, node, lower_scope)


def _if(b: Builder, node: s.If) -> None:
    """Arms in a row inside one block, so that a long `elseif` chain does not nest."""
    end = b.label()
    with b.nested() as all_arms:
        for i, arm in enumerate(node.arms):
            last = i == len(node.arms) - 1 and node.otherwise is None
            past = end if last else b.label()
            with b.nested() as code:
                jump_unless(b, arm.condition, past)
                lower_block(b, arm.body)
                if not last:
                    b.emit(n.Jump(end))
            if last:
                for item in code:
                    b.emit(item)
            else:
                b.emit(n.Block(past, tuple(code)))
        if node.otherwise is not None:
            lower_block(b, node.otherwise)
    b.emit(n.Block(end, tuple(all_arms)))


def _numeric_for(b: Builder, node: s.NumericFor) -> None:
    lower_numeric_for(b, node, lower_block)


def _generic_for(b: Builder, node: s.GenericFor) -> None:
    lower_generic_for(b, node, lower_block)


def _break(b: Builder, node: s.Break) -> None:
    b.jump(b.break_targets[-1])


def _goto(b: Builder, node: s.Goto) -> None:
    b.jump(b.label_targets[b.unit.resolved.gotos[node.index].label])


def _label_statement(b: Builder, node: s.Label) -> None:
    """A label nobody on this level jumps to."""


_STATEMENTS: Final[dict[type, Callable[[Builder, Any], None]]] = {
    s.Local: lower_local,
    s.Assign: lower_assign,
    s.CallStatement: _call_statement,
    s.Do: _do,
    s.While: _while,
    s.Repeat: _repeat,
    s.If: _if,
    s.NumericFor: _numeric_for,
    s.GenericFor: _generic_for,
    s.FunctionStatement: lower_function_statement,
    s.LocalFunction: lower_local_function,
    s.Return: lower_return,
    s.Break: _break,
    s.Goto: _goto,
    s.Label: _label_statement,
}
