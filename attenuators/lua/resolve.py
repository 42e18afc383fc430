# SPDX-License-Identifier: MIT
"""Scope resolution: what every name, label and `goto` denotes (Lua 5.4 reference manual, 3.3.4, 3.3.7, 3.3.8, 3.5).

One walk in source order. Declarations are kept as one stack per name, so a lookup is one dictionary access; leaving a
block pops what it declared. Chains are walked by `spine`; the rest of the recursion is bounded by the nesting limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from msgspec import Struct

from munition.attenuators.lua import faults, syntax
from munition.attenuators.lua.labels import Labels
from munition.attenuators.lua.limits import DEFAULT_LIMITS, SourceLimits
from munition.attenuators.lua.resolved import Resolved, VariableKind
from munition.attenuators.lua.scopes import Scopes
from munition.attenuators.lua.syntax import Expression
from munition.attenuators.lua.walks import span_of, spine
from munition.diagnostics import Diagnostic
from munition.source import Source


class Resolution(Struct, frozen=True, eq=False):
    """The tables of a chunk, or why there are none. `resolved` is None exactly when there are diagnostics."""

    resolved: Resolved | None
    diagnostics: tuple[Diagnostic, ...]


def resolve(chunk: syntax.Chunk, source: Source, limits: SourceLimits = DEFAULT_LIMITS) -> Resolution:
    """Resolve the names and labels of `chunk`. All faults of its scopes are reported, in source order."""
    state = _State(Scopes(chunk, source, limits), Labels(chunk, source), chunk.labels > 0)
    _body(state, chunk.main)
    diagnostics = sorted((*state.scopes.faults, *state.labels.faults), key=lambda d: d.span.start)
    if diagnostics:
        return Resolution(None, tuple(diagnostics[:_MAX_DIAGNOSTICS]))
    gotos, labels = state.labels.tables()
    return Resolution(state.scopes.tables(gotos, labels), ())


_MAX_DIAGNOSTICS: Final = 100  # a megabyte of `break` has a quarter of a million faults


class _State(Struct, eq=False):
    scopes: Scopes
    labels: Labels
    has_labels: bool
    loops: int = 0  # loops of the present function that enclose this place


# --- functions and blocks ---


def _body(s: _State, function: syntax.Function) -> None:
    outer_loops, s.loops = s.loops, 0
    s.scopes.enter_function(function)
    mark = s.scopes.mark()
    for parameter in function.params:
        s.scopes.declare(parameter, VariableKind.PARAMETER)
    _statements(s, function.body, has_tail=True)
    s.scopes.leave(mark)
    s.scopes.leave_function()
    s.loops = outer_loops


def _statements(s: _State, block: syntax.Block, *, has_tail: bool) -> None:
    """Resolve a block's statements in the scope that is open."""
    if not s.has_labels:
        for statement in block.statements:
            _STATEMENTS[type(statement)](s, statement)
        return
    scope = s.labels.enter(block, s.scopes.current, has_tail=has_tail)
    for number, statement in enumerate(block.statements):
        scope.position = number
        _STATEMENTS[type(statement)](s, statement)
    s.labels.leave(scope)


def _block(s: _State, block: syntax.Block) -> None:
    mark = s.scopes.mark()
    _statements(s, block, has_tail=True)
    s.scopes.leave(mark)


def _loop(
    s: _State, block: syntax.Block, control: Sequence[syntax.Binding] = (), until: Expression | None = None
) -> None:
    s.loops += 1
    mark = s.scopes.mark()
    for binding in control:
        s.scopes.declare(binding, VariableKind.LOOP)
    _statements(s, block, has_tail=until is None)
    s.loops -= 1
    if until is not None:
        _expression(s, until)
    s.scopes.leave(mark)


# --- statements ---


def _local(s: _State, node: syntax.Local) -> None:
    for value in node.values:
        _expression(s, value)
    closing = [binding for binding in node.names if binding.attrib == "close"]
    if len(closing) > 1:
        s.scopes.faults.append(faults.close_twice(span_of(closing[1])))
    last = node.names[-1]
    for binding in node.names:
        if binding.attrib not in _ATTRIBUTES:
            s.scopes.faults.append(faults.unknown_attribute(cast(str, binding.attrib), span_of(binding)))
        s.scopes.declare(binding, VariableKind.LOCAL)
        # As in the reference implementation: the last of a list with a value for each. Messages tell the difference.
        if binding is last and binding.attrib == "const" and len(node.names) == len(node.values):
            s.scopes.bind_constant(binding, _constant(node.values[-1]))


_ATTRIBUTES: Final = frozenset((None, "const", "close"))
_LITERALS: Final = frozenset(
    (syntax.Nil, syntax.TrueE, syntax.FalseE, syntax.Integer, syntax.Float, syntax.String)
)


def _constant(value: Expression) -> Expression | None:
    return value if type(value) in _LITERALS else None


def _assign(s: _State, node: syntax.Assign) -> None:
    for target in node.targets:
        _target(s, target)
    for value in node.values:
        _expression(s, value)


def _target(s: _State, target: syntax.Name | syntax.Index) -> None:
    if type(target) is syntax.Name:
        s.scopes.assign(target)
    else:
        _expression(s, target)


def _call_statement(s: _State, node: syntax.CallStatement) -> None:
    _expression(s, node.call)


def _do(s: _State, node: syntax.Do) -> None:
    _block(s, node.body)


def _while(s: _State, node: syntax.While) -> None:
    _expression(s, node.condition)
    _loop(s, node.body)


def _repeat(s: _State, node: syntax.Repeat) -> None:
    _loop(s, node.body, (), node.condition)


def _if(s: _State, node: syntax.If) -> None:
    for arm in node.arms:
        _expression(s, arm.condition)
        _block(s, arm.body)
    if node.otherwise is not None:
        _block(s, node.otherwise)


def _numeric_for(s: _State, node: syntax.NumericFor) -> None:
    _expression(s, node.first)
    _expression(s, node.limit)
    if node.step is not None:
        _expression(s, node.step)
    _loop(s, node.body, (node.variable,))


def _generic_for(s: _State, node: syntax.GenericFor) -> None:
    for value in node.values:
        _expression(s, value)
    _loop(s, node.body, node.names)


def _function_statement(s: _State, node: syntax.FunctionStatement) -> None:
    _target(s, node.target)
    _body(s, node.function)


def _local_function(s: _State, node: syntax.LocalFunction) -> None:
    s.scopes.declare(node.name, VariableKind.FUNCTION)
    _body(s, node.function)


def _return(s: _State, node: syntax.Return) -> None:
    for value in node.values:
        _expression(s, value)


def _break(s: _State, node: syntax.Break) -> None:
    if not s.loops:
        s.scopes.faults.append(faults.break_outside_loop(span_of(node)))


def _goto(s: _State, node: syntax.Goto) -> None:
    s.labels.jump(node, s.scopes.current)


def _label(_s: _State, _node: syntax.Label) -> None:
    """Nothing: labels are defined when their block is entered."""


_STATEMENTS: Final[dict[type, Callable[[_State, Any], None]]] = {
    syntax.Local: _local,
    syntax.Assign: _assign,
    syntax.CallStatement: _call_statement,
    syntax.Do: _do,
    syntax.While: _while,
    syntax.Repeat: _repeat,
    syntax.If: _if,
    syntax.NumericFor: _numeric_for,
    syntax.GenericFor: _generic_for,
    syntax.FunctionStatement: _function_statement,
    syntax.LocalFunction: _local_function,
    syntax.Return: _return,
    syntax.Break: _break,
    syntax.Goto: _goto,
    syntax.Label: _label,
}


# --- expressions ---


def _expression(s: _State, node: Expression) -> None:
    if type(node) is syntax.Name:
        s.scopes.use(node)
        return
    handler = _EXPRESSIONS.get(type(node))
    if handler is not None:
        handler(s, node)


def _spine(s: _State, node: Expression) -> None:
    nodes = spine(node)
    _expression(s, nodes.pop())
    for part in reversed(nodes):
        if type(part) is syntax.Index:
            if type(part.key) is not syntax.String:
                _expression(s, part.key)
        elif type(part) is syntax.Call or type(part) is syntax.MethodCall:
            for argument in part.args:
                _expression(s, argument)
        else:
            _expression(s, cast("syntax.Binary | syntax.Logical", part).right)


def _unary(s: _State, node: syntax.Unary) -> None:
    _expression(s, node.operand)


def _concat(s: _State, node: syntax.Concat) -> None:
    for operand in node.operands:
        _expression(s, operand)


def _paren(s: _State, node: syntax.Paren) -> None:
    _expression(s, node.inner)


def _table(s: _State, node: syntax.Table) -> None:
    for field in node.fields:
        if type(field) is syntax.Keyed:
            _expression(s, field.key)
        _expression(s, field.value)


def _vararg(s: _State, node: syntax.Vararg) -> None:
    s.scopes.use_vararg(node)


_EXPRESSIONS: Final[dict[type, Callable[[_State, Any], None]]] = {
    syntax.Vararg: _vararg,
    syntax.Function: _body,
    syntax.Index: _spine,
    syntax.Call: _spine,
    syntax.MethodCall: _spine,
    syntax.Binary: _spine,
    syntax.Logical: _spine,
    syntax.Unary: _unary,
    syntax.Concat: _concat,
    syntax.Paren: _paren,
    syntax.Table: _table,
}
