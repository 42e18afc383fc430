# SPDX-License-Identifier: MIT
"""Which standard names a program uses, where, and what it may reach without naming it.

One walk over the resolved tree. Each expression yields what is known about it: the standard name it denotes, if any
(through locals that are bound once: `local time = os.time`), and what its truth says about standard names, so that a
call can be seen to be guarded (`if os.time then`, `os.time and os.time()`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from munition.attenuators.lua import syntax
from munition.attenuators.lua.library import GLOBALS, REQUIRABLE, STRING_METHODS, entry_of
from munition.attenuators.lua.mentions import (
    NO_NAMES,
    NOTHING,
    Known,
    LibraryUse,
    Walk,
    asked,
    compared,
    is_table,
    member,
)  # fmt: skip
from munition.attenuators.lua.resolved import (
    ENVIRONMENT,
    EnvironmentUse,
    GlobalUse,
    LocalUse,
    Resolved,
    UpvalueUse,
)
from munition.attenuators.lua.syntax import Expression
from munition.attenuators.lua.walks import spine


def library_uses(resolved: Resolved) -> LibraryUse:
    """Find the uses of standard names in a program."""
    s = Walk(resolved)
    _block(s, resolved.chunk.main.body)
    if resolved.variables[ENVIRONMENT].is_reassigned:
        s.whole.add(GLOBALS)
    return LibraryUse(
        tuple(sorted(s.mentions, key=lambda mention: (mention.start, mention.end))),
        frozenset(s.assigned) | resolved.assigned_globals,
        frozenset(s.whole),
        frozenset(s.string_names),
        s.has_dynamic_index or (s.has_computed_index and any(m.name == "setmetatable" for m in s.mentions)),
        tuple(s.required),
        s.has_dynamic_require,
        s.keeps_file,
        frozenset(s.spelled),
    )


# --- values: what an expression denotes, and what happens to it ---


def _value(s: Walk, node: Expression) -> Known:
    """Visit an expression whose value goes somewhere unknown: a library table that does is reachable as a whole."""
    # not through _expression: each level of nesting has few frames to spend
    handler = _EXPRESSIONS.get(type(node))
    if handler is None:
        return NOTHING
    known = handler(s, node)
    if known.name is not None:
        _escape(s, known.name, node)
    return known


def _escape(s: Walk, name: str, node: Expression) -> None:
    s.mention(name, node)
    if is_table(name):
        s.whole.add(name)
    elif name == "require":
        s.has_dynamic_require = True
    elif name == "io.write":
        s.keeps_file = True


def _expression(s: Walk, node: Expression) -> Known:
    handler = _EXPRESSIONS.get(type(node))
    return NOTHING if handler is None else handler(s, node)


def _name(s: Walk, node: syntax.Name) -> Known:
    use = s.resolved.uses[node.index]
    if isinstance(use, GlobalUse):
        if use.environment is None:
            return s.named(use.name)
        table = s.aliases.get(use.environment.variable)
        return _field_of(s, table, use.name.encode("ascii"))
    if isinstance(use, EnvironmentUse):
        return s.named(GLOBALS)
    alias = s.aliases.get(use.variable)
    return NOTHING if alias is None else s.named(alias)


def _field_of(s: Walk, table: str | None, key: bytes) -> Known:
    if table is not None and is_table(table):
        return s.named(member(table, key))
    name = key.decode("latin-1")
    if name in STRING_METHODS:
        s.string_names.add(name)
    return NOTHING


def _spine(s: Walk, node: Expression) -> Known:
    nodes = spine(node)
    child = nodes.pop()
    known = _expression(s, child)
    for part in reversed(nodes):
        known = _PARTS[type(part)](s, part, child, known)
        child = part
    return known


def _index(s: Walk, node: syntax.Index, left: Expression, known: Known) -> Known:
    if type(node.key) is syntax.String:
        if known.name is not None and not is_table(known.name):
            s.mention(known.name, left)
        return _field_of(s, known.name, node.key.value)
    if known.name is not None:
        _escape(s, known.name, left)
    _note_key(s, node.key)
    _value(s, node.key)
    return NOTHING


_NOT_STRINGS: Final = frozenset(
    (syntax.Integer, syntax.Float, syntax.TrueE, syntax.FalseE, syntax.Nil, syntax.Table, syntax.Function)
)
_COMPUTED: Final = frozenset((syntax.Binary, syntax.Unary))


def _note_key(s: Walk, key: Expression) -> None:
    """Remember that a key may be a string, and so find a method if what is indexed is a string."""
    if type(key) in _NOT_STRINGS or (type(key) is syntax.Name and _is_number(s, key)):
        return
    if type(key) in _COMPUTED:  # a number, unless a metamethod makes a string of it
        s.has_computed_index = True
    else:
        s.has_dynamic_index = True


def _is_number(s: Walk, name: syntax.Name) -> bool:
    use = s.resolved.uses[name.index]
    return isinstance(use, LocalUse | UpvalueUse) and use.variable in s.numbers


def _call(s: Walk, node: syntax.Call, left: Expression, known: Known) -> Known:
    args = node.args
    special = None
    if known.name is not None:
        s.mention(asked(known.name, node), left, node.at)
        special = _SPECIAL_CALLS.get(known.name)
        if known.name in _PROTECTED_CALLS:
            args = _protected(s, node, known.name)
    first = None
    # here and not in a function of the special calls: each level of nesting has three frames to spend
    for argument in args:
        value = _value(s, argument)
        first = first or value
    return NOTHING if special is None else special(s, node, first or NOTHING)


def _call_type(s: Walk, node: syntax.Call, first: Known) -> Known:
    return Known(None, type_of=first.if_true)


def _call_write(s: Walk, node: syntax.Call, first: Known) -> Known:
    if node is not s.dropped:
        s.keeps_file = True
    return NOTHING


def _call_require(s: Walk, node: syntax.Call, first: Known) -> Known:
    """`require "name"` is a use of that module; with anything but a literal it may be one of any module."""
    return s.require(node.args[0] if node.args else None, node, is_optional=s.protected > 0)


_SPECIAL_CALLS: Final[dict[str, Callable[[Walk, syntax.Call, Known], Known]]] = {
    "type": _call_type,
    "io.write": _call_write,
    "require": _call_require,
}
_PROTECTED_CALLS: Final = frozenset(("pcall", "xpcall"))


def _protected(s: Walk, node: syntax.Call, caller: str) -> tuple[Expression, ...]:
    """`pcall(require, "name")`, or a function that is called where it is written; the arguments still to visit."""
    function = node.args[0] if node.args else None
    if type(function) is syntax.Function:
        s.protected += 1
        _value(s, function)
        s.protected -= 1
        return node.args[1:]
    if type(function) is syntax.Name and _name(s, function).name == "require":
        s.mention("require", function)
        at = 1 if caller == "pcall" else 2
        s.require(node.args[at] if at < len(node.args) else None, node, is_optional=True)
        return node.args[1:]
    return node.args


def _method_call(s: Walk, node: syntax.MethodCall, left: Expression, known: Known) -> Known:
    name = node.name.value.decode("latin-1")
    if not is_table(known.name) and name in STRING_METHODS:  # the object may be a string
        s.string_names.add(name)
    if known.name is not None and is_table(known.name):  # `string:rep(...)`: the table itself is an argument
        _escape(s, known.name, left)
        s.mention(member(known.name, node.name.value), node, node.at)
    elif known.name is not None:
        s.mention(known.name, left)
        if entry_of(known.name) is not None:
            s.mention(f"{known.name}:{name}", left, node.at)
    for argument in node.args:
        _value(s, argument)
    return NOTHING


def _binary(s: Walk, node: syntax.Binary, left: Expression, known: Known) -> Known:
    if known.name is not None:
        _escape(s, known.name, left)
    right = _value(s, node.right)
    if node.op == "==":
        return compared(node, left, known, right)
    if node.op == "~=":
        equal = compared(node, left, known, right)
        return Known(None, equal.if_false, equal.if_true)
    return NOTHING


def _logical(s: Walk, node: syntax.Logical, left: Expression, known: Known) -> Known:
    is_and = node.op == "and"
    if known.name is not None:
        if is_and:  # tested only
            s.mention(known.name, left)
        else:
            _escape(s, known.name, left)
    guards = known.if_true if is_and else known.if_false
    s.guard(guards)
    right = _value(s, node.right)
    s.unguard(guards)
    if is_and:
        return Known(None, known.if_true | right.if_true, known.if_false & right.if_false)
    return Known(None, known.if_true & right.if_true, known.if_false | right.if_false)


_PARTS: Final[dict[type, Callable[[Walk, Any, Expression, Known], Known]]] = {
    syntax.Index: _index,
    syntax.Call: _call,
    syntax.MethodCall: _method_call,
    syntax.Binary: _binary,
    syntax.Logical: _logical,
}


def _unary(s: Walk, node: syntax.Unary) -> Known:
    if node.op != "not":
        _value(s, node.operand)
        return NOTHING
    known = _tested(s, node.operand)
    return Known(None, known.if_false, known.if_true)


def _tested(s: Walk, node: Expression) -> Known:
    """Visit a condition; reading a name there is a mention, but lets no table escape."""
    known = _expression(s, node)
    if known.name is not None:
        s.mention(known.name, node)
    return known


def _string(s: Walk, node: syntax.String) -> Known:
    text = node.value.decode("latin-1")
    if text in REQUIRABLE:
        s.spelled.add(text)
    return NOTHING


def _concat(s: Walk, node: syntax.Concat) -> Known:
    for operand in node.operands:
        _value(s, operand)
    return NOTHING


def _paren(s: Walk, node: syntax.Paren) -> Known:
    return _expression(s, node.inner)


def _table(s: Walk, node: syntax.Table) -> Known:
    for item in node.fields:
        if type(item) is syntax.Keyed:
            _value(s, item.key)
        _value(s, item.value)
    return NOTHING


def _function(s: Walk, node: syntax.Function) -> Known:
    s.functions += 1
    _block(s, node.body)
    s.functions -= 1
    return NOTHING


_EXPRESSIONS: Final[dict[type, Callable[[Walk, Any], Known]]] = {
    syntax.Name: _name,
    syntax.String: _string,
    syntax.Function: _function,
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


# --- statements ---


def _block(s: Walk, block: syntax.Block, guards: frozenset[str] = NO_NAMES) -> None:
    """Visit a block. An `if not os.time then return end` guards what follows it in the same block."""
    held = [guards]
    s.guard(guards)
    for statement in block.statements:
        if type(statement) is syntax.If:
            after = _if(s, statement)
            if after:
                held.append(after)
                s.guard(after)
            continue
        handler = _STATEMENTS.get(type(statement))
        if handler is not None:
            handler(s, statement)
    for names in held:
        s.unguard(names)


_LEAVES: Final = frozenset((syntax.Return, syntax.Break, syntax.Goto))


def _if(s: Walk, node: syntax.If) -> frozenset[str]:
    """Visit an `if`; the names that are known not to be nil once it is passed."""
    ruled_out: list[frozenset[str]] = []
    after = NO_NAMES
    for number, arm in enumerate(node.arms):
        known = _tested(s, arm.condition)
        _block(s, arm.body, known.if_true)
        if number == 0 and len(node.arms) == 1 and node.otherwise is None and _leaves(s, arm.body):
            after = known.if_false
        s.guard(known.if_false)
        ruled_out.append(known.if_false)
    if node.otherwise is not None:
        _block(s, node.otherwise)
    for names in ruled_out:
        s.unguard(names)
    return after


def _leaves(s: Walk, block: syntax.Block) -> bool:
    """Whether the block's end is never reached: it leaves, or raises an error."""
    if not block.statements:
        return False
    last = block.statements[-1]
    if type(last) is syntax.CallStatement and type(last.call) is syntax.Call:
        return _expression_name(s, last.call.callee) == "error" and not _is_assigned(s, "error")
    return type(last) in _LEAVES


def _expression_name(s: Walk, node: Expression) -> str | None:
    """The standard name that a plain name denotes."""
    return _name(s, node).name if type(node) is syntax.Name else None


def _is_assigned(s: Walk, name: str) -> bool:
    return name in s.resolved.assigned_globals or s.resolved.variables[ENVIRONMENT].is_reassigned


def _local(s: Walk, node: syntax.Local) -> None:
    for number, value in enumerate(node.values):
        known = _expression(s, value)
        if known.name is None:
            continue
        variable = node.names[number].index if number < len(node.names) else None
        if variable is None or s.resolved.variables[variable].is_reassigned:
            _escape(s, known.name, value)
        else:
            s.aliases[variable] = known.name
            s.mention(known.name, value)


def _assign(s: Walk, node: syntax.Assign) -> None:
    for target in node.targets:
        _target(s, target)
    for value in node.values:
        _value(s, value)


def _target(s: Walk, target: syntax.Name | syntax.Index) -> None:
    if isinstance(target, syntax.Name):
        known = _name(s, target)
        if known.name is not None:
            s.assigned.add(known.name)
        return
    known = _expression(s, target.object)
    if type(target.key) is not syntax.String:
        _value(s, target.key)
        if known.name is not None:
            _escape(s, known.name, target.object)
    elif known.name is not None and is_table(known.name):
        s.assigned.add(member(known.name, target.key.value))
    elif known.name is not None:
        s.mention(known.name, target.object)


def _call_statement(s: Walk, node: syntax.CallStatement) -> None:
    s.dropped = node.call
    _expression(s, node.call)


def _do(s: Walk, node: syntax.Do) -> None:
    _block(s, node.body)


def _while(s: Walk, node: syntax.While) -> None:
    known = _tested(s, node.condition)
    _block(s, node.body, known.if_true)


def _repeat(s: Walk, node: syntax.Repeat) -> None:
    _block(s, node.body)
    _tested(s, node.condition)


def _numeric_for(s: Walk, node: syntax.NumericFor) -> None:
    for value in (node.first, node.limit, node.step):
        if value is not None:
            _value(s, value)
    _holds_numbers(s, node.variable)
    _block(s, node.body)


def _holds_numbers(s: Walk, binding: syntax.Binding) -> None:
    if not s.resolved.variables[binding.index].is_reassigned:
        s.numbers.add(binding.index)


def _generic_for(s: Walk, node: syntax.GenericFor) -> None:
    for value in node.values:
        _value(s, value)
    first = node.values[0]
    if (
        type(first) is syntax.Call
        and _expression_name(s, first.callee) == "ipairs"
        and not _is_assigned(s, "ipairs")
    ):
        _holds_numbers(s, node.names[0])
    _block(s, node.body)


def _function_statement(s: Walk, node: syntax.FunctionStatement) -> None:
    _target(s, node.target)
    _function(s, node.function)


def _local_function(s: Walk, node: syntax.LocalFunction) -> None:
    _function(s, node.function)


def _return(s: Walk, node: syntax.Return) -> None:
    for value in node.values:
        _value(s, value)


_STATEMENTS: Final[dict[type, Callable[[Walk, Any], None]]] = {
    syntax.Local: _local,
    syntax.Assign: _assign,
    syntax.CallStatement: _call_statement,
    syntax.Do: _do,
    syntax.While: _while,
    syntax.Repeat: _repeat,
    syntax.NumericFor: _numeric_for,
    syntax.GenericFor: _generic_for,
    syntax.FunctionStatement: _function_statement,
    syntax.LocalFunction: _local_function,
    syntax.Return: _return,
}
