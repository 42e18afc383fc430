# SPDX-License-Identifier: MIT
# ruff: noqa: D103  # what an action builds is its name, the alias of its rule in grammar.lark
"""What each rule of grammar.lark builds: one function per alias, called by parse.py when the rule is complete.

An action gets the workspace, the values of the rule's symbols (the token number for a terminal) and the byte range the
rule covers. Lists are under construction and become tuples in the node that owns them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

from msgspec import Struct
from msgspec.structs import replace

from munition.attenuators.lua import syntax
from munition.attenuators.lua.chains import Chain, add_operator, finish
from munition.attenuators.lua.lexer import Tokens

Values: TypeAlias = list[Any]
Expressions: TypeAlias = list[syntax.Expression]


class Workspace(Struct, eq=False):
    """What the actions share: the tokens, the numbers given out so far, and the present level of nesting."""

    tokens: Tokens
    terminals: list[str]
    operators: list[str]
    names: int = 0
    bindings: int = 1  # 0 is the chunk's _ENV
    functions: int = 1  # 0 is the chunk
    gotos: int = 0
    labels: int = 0
    level: int = 0

    def text(self, token: int) -> str:
        """The text of the name token."""
        return cast(str, self.tokens.values[token])

    def at(self, token: int) -> int:
        """The offset where the token begins."""
        return self.tokens.starts[token]

    def key(self, token: int) -> syntax.String:
        """The name token as the key that it stands for."""
        tokens = self.tokens
        return syntax.String(tokens.starts[token], tokens.ends[token], self.text(token).encode("ascii"))

    def bind(self, token: int, attrib: str | None = None) -> syntax.Binding:
        """The name token as a new local variable."""
        index = self.bindings
        self.bindings = index + 1
        tokens = self.tokens
        return syntax.Binding(tokens.starts[token], tokens.ends[token], self.text(token), index, attrib)


Action: TypeAlias = Callable[[Workspace, Values, int, int], Any]


class NotAStatement(Exception):  # noqa: N818  # caught by parse.py, which turns it into a diagnostic
    """An expression that is no call stands as a statement; the token that follows shows it."""


class NotAssignable(Exception):  # noqa: N818  # as above
    """The left side of an assignment is a call or in parentheses; the token that follows shows it."""


# --- lists ---


def first(_w: Workspace, v: Values, _start: int, _end: int) -> list[Any]:
    return [v[0]]


def following(_w: Workspace, v: Values, _start: int, _end: int) -> list[Any]:
    items: list[Any] = v[0]
    items.append(v[-1])
    return items


def first_name(w: Workspace, v: Values, _start: int, _end: int) -> list[syntax.Binding]:
    return [w.bind(v[0])]


def next_name(w: Workspace, v: Values, _start: int, _end: int) -> list[syntax.Binding]:
    v[0].append(w.bind(v[2]))
    return cast("list[syntax.Binding]", v[0])


def first_target(_w: Workspace, v: Values, _start: int, _end: int) -> Expressions:
    return [_assignable(v[0])]


def next_target(_w: Workspace, v: Values, _start: int, _end: int) -> Expressions:
    v[0].append(_assignable(v[2]))
    return cast(Expressions, v[0])


def _assignable(target: syntax.Expression) -> syntax.Expression:
    if type(target) is not syntax.Name and type(target) is not syntax.Index:
        raise NotAssignable
    return target


# --- blocks and statements ---


def block(_w: Workspace, v: Values, start: int, end: int) -> syntax.Block:
    return syntax.Block(start, max(start, end), tuple(v[0]))


def block_return(_w: Workspace, v: Values, start: int, end: int) -> syntax.Block:
    return syntax.Block(start, end, (*v[0], v[1]))


def no_statements(_w: Workspace, _v: Values, _start: int, _end: int) -> list[syntax.Statement]:
    return []


def skip_semicolon(_w: Workspace, v: Values, _start: int, _end: int) -> list[syntax.Statement]:
    return cast("list[syntax.Statement]", v[0])


def return_nothing(_w: Workspace, _v: Values, start: int, end: int) -> syntax.Return:
    return syntax.Return(start, end, ())


def return_values(_w: Workspace, v: Values, start: int, end: int) -> syntax.Return:
    return syntax.Return(start, end, tuple(v[1]))


def call_statement(_w: Workspace, v: Values, start: int, end: int) -> syntax.CallStatement:
    call = v[0]
    if type(call) is not syntax.Call and type(call) is not syntax.MethodCall:
        raise NotAStatement
    return syntax.CallStatement(start, end, call)


def assign(_w: Workspace, v: Values, start: int, end: int) -> syntax.Assign:
    targets, values = v[0], v[2]
    if type(values[0]) is syntax.Function:
        values[0] = _named(values[0], _spelling(targets[0]))
    return syntax.Assign(start, end, tuple(targets), tuple(values))


def label(w: Workspace, v: Values, start: int, end: int) -> syntax.Label:
    w.labels += 1
    return syntax.Label(start, end, w.text(v[1]), w.labels - 1)


def break_(_w: Workspace, _v: Values, start: int, end: int) -> syntax.Break:
    return syntax.Break(start, end)


def goto(w: Workspace, v: Values, start: int, end: int) -> syntax.Goto:
    w.gotos += 1
    return syntax.Goto(start, end, w.text(v[1]), w.gotos - 1)


def do(_w: Workspace, v: Values, start: int, end: int) -> syntax.Do:
    return syntax.Do(start, end, v[1])


def while_(_w: Workspace, v: Values, start: int, end: int) -> syntax.While:
    return syntax.While(start, end, v[1], v[3])


def repeat(_w: Workspace, v: Values, start: int, end: int) -> syntax.Repeat:
    return syntax.Repeat(start, end, v[1], v[3])


def first_arm(_w: Workspace, v: Values, _start: int, _end: int) -> list[syntax.Arm]:
    return [syntax.Arm(v[1], v[3])]


def next_arm(_w: Workspace, v: Values, _start: int, _end: int) -> list[syntax.Arm]:
    v[0].append(syntax.Arm(v[2], v[4]))
    return cast("list[syntax.Arm]", v[0])


def if_(_w: Workspace, v: Values, start: int, end: int) -> syntax.If:
    return syntax.If(start, end, tuple(v[0]), None)


def if_else(_w: Workspace, v: Values, start: int, end: int) -> syntax.If:
    return syntax.If(start, end, tuple(v[0]), v[2])


def numeric_for(w: Workspace, v: Values, start: int, end: int) -> syntax.NumericFor:
    return syntax.NumericFor(start, end, w.bind(v[1]), v[3], v[5], None, v[7], w.at(v[6]))


def numeric_for_step(w: Workspace, v: Values, start: int, end: int) -> syntax.NumericFor:
    return syntax.NumericFor(start, end, w.bind(v[1]), v[3], v[5], v[7], v[9], w.at(v[8]))


def generic_for(_w: Workspace, v: Values, start: int, end: int) -> syntax.GenericFor:
    return syntax.GenericFor(start, end, tuple(v[1]), tuple(v[3]), v[5])


def function_statement(_w: Workspace, v: Values, start: int, end: int) -> syntax.FunctionStatement:
    return syntax.FunctionStatement(start, end, v[1], _named(v[2], _spelling(v[1])))


def method_statement(w: Workspace, v: Values, start: int, end: int) -> syntax.FunctionStatement:
    owner, colon, name, function = v[1], v[2], v[3], v[4]
    at, key = w.at(colon), w.key(name)
    target = syntax.Index(owner.start, key.end, owner, key, at)
    itself = syntax.Binding(at, key.end, "self", w.bindings)
    w.bindings += 1
    spelling = _spelling(owner)
    named = f"{spelling}:{w.text(name)}" if spelling else None
    function = replace(function, params=(itself, *function.params), name=named)
    return syntax.FunctionStatement(start, end, target, function)


def local_function(w: Workspace, v: Values, start: int, end: int) -> syntax.LocalFunction:
    return syntax.LocalFunction(start, end, w.bind(v[2]), _named(v[3], w.text(v[2])))


def local(_w: Workspace, v: Values, start: int, end: int) -> syntax.Local:
    return syntax.Local(start, end, tuple(v[1]), ())


def local_values(_w: Workspace, v: Values, start: int, end: int) -> syntax.Local:
    names, values = v[1], v[3]
    if type(values[0]) is syntax.Function:
        values[0] = _named(values[0], names[0].name)
    return syntax.Local(start, end, tuple(names), tuple(values))


def binding(w: Workspace, v: Values, _start: int, _end: int) -> syntax.Binding:
    return w.bind(v[0])


def attributed(w: Workspace, v: Values, _start: int, _end: int) -> syntax.Binding:
    return w.bind(v[0], w.text(v[2]))


# --- functions ---


class Parameters(Struct, frozen=True, eq=False):
    """A parameter list."""

    names: tuple[syntax.Binding, ...]
    is_vararg: bool


def no_params(_w: Workspace, _v: Values, _start: int, _end: int) -> Parameters:
    return Parameters((), is_vararg=False)


def params(_w: Workspace, v: Values, _start: int, _end: int) -> Parameters:
    return Parameters(tuple(v[0]), is_vararg=False)


def params_vararg(_w: Workspace, v: Values, _start: int, _end: int) -> Parameters:
    return Parameters(tuple(v[0]), is_vararg=True)


def only_vararg(_w: Workspace, _v: Values, _start: int, _end: int) -> Parameters:
    return Parameters((), is_vararg=True)


def body(w: Workspace, v: Values, start: int, end: int) -> syntax.Function:
    parameters: Parameters = v[1]
    w.functions += 1
    return syntax.Function(start, end, parameters.names, parameters.is_vararg, v[3], w.functions - 1)


def function(_w: Workspace, v: Values, _start: int, _end: int) -> syntax.Function:
    return cast(syntax.Function, v[1])


def _named(function: syntax.Function, name: str | None) -> syntax.Function:
    return function if name is None else replace(function, name=name)


_MAX_SPELLING: Final = 8  # parts of a dotted name that messages show


def _spelling(target: syntax.Expression) -> str | None:
    """`a.b.c` as text, if the target is a name with constant fields and not too long."""
    parts: list[str] = []
    while type(target) is syntax.Index and type(target.key) is syntax.String and len(parts) < _MAX_SPELLING:
        parts.append(target.key.value.decode("latin-1"))
        target = target.object
    if type(target) is not syntax.Name:
        return None
    return ".".join((target.name, *reversed(parts)))


# --- expressions ---


def expression(w: Workspace, v: Values, _start: int, _end: int) -> syntax.Expression:
    value: syntax.Expression | Chain = v[0]
    return finish(w, value) if type(value) is Chain else cast(syntax.Expression, value)


def add_operand(_w: Workspace, v: Values, _start: int, _end: int) -> Chain:
    chain: Chain = v[0]
    chain.operands.append(v[1])
    return chain


def add_chain_operator(w: Workspace, v: Values, _start: int, _end: int) -> Chain:
    value: syntax.Expression | Chain = v[0]
    chain = value if type(value) is Chain else Chain([cast(syntax.Expression, value)], [])
    return add_operator(w, chain, v[1])


def power(w: Workspace, v: Values, start: int, end: int) -> syntax.Binary:
    return syntax.Binary(start, end, "^", v[0], v[2], w.at(v[1]))


def unary(w: Workspace, v: Values, start: int, end: int) -> syntax.Unary:
    op = cast(syntax.UnaryOp, w.operators[w.tokens.kinds[v[0]]])
    return syntax.Unary(start, end, op, v[1], start)


def nil(_w: Workspace, _v: Values, start: int, end: int) -> syntax.Nil:
    return syntax.Nil(start, end)


def true(_w: Workspace, _v: Values, start: int, end: int) -> syntax.TrueE:
    return syntax.TrueE(start, end)


def false(_w: Workspace, _v: Values, start: int, end: int) -> syntax.FalseE:
    return syntax.FalseE(start, end)


def number(w: Workspace, v: Values, start: int, end: int) -> syntax.Integer | syntax.Float:
    value = cast("int | float", w.tokens.values[v[0]])
    return syntax.Integer(start, end, value) if isinstance(value, int) else syntax.Float(start, end, value)


def string(w: Workspace, v: Values, start: int, end: int) -> syntax.String:
    return syntax.String(start, end, cast(bytes, w.tokens.values[v[0]]))


def vararg(_w: Workspace, _v: Values, start: int, end: int) -> syntax.Vararg:
    return syntax.Vararg(start, end)


def name(w: Workspace, v: Values, start: int, end: int) -> syntax.Name:
    index = w.names
    w.names = index + 1
    return syntax.Name(start, end, cast(str, w.tokens.values[v[0]]), index)


def field(w: Workspace, v: Values, start: int, end: int) -> syntax.Index:
    return syntax.Index(start, end, v[0], w.key(v[2]), w.at(v[1]))


def index(w: Workspace, v: Values, start: int, end: int) -> syntax.Index:
    return syntax.Index(start, end, v[0], v[2], w.at(v[1]))


def paren(_w: Workspace, v: Values, start: int, end: int) -> syntax.Paren:
    return syntax.Paren(start, end, v[1])


class Arguments(Struct, frozen=True, eq=False):
    """The arguments of a call and where they begin."""

    at: int
    values: tuple[syntax.Expression, ...]


def no_args(_w: Workspace, _v: Values, start: int, _end: int) -> Arguments:
    return Arguments(start, ())


def args(_w: Workspace, v: Values, start: int, _end: int) -> Arguments:
    return Arguments(start, tuple(v[1]))


def one_arg(_w: Workspace, v: Values, start: int, _end: int) -> Arguments:
    return Arguments(start, (v[0],))


def string_arg(w: Workspace, v: Values, start: int, end: int) -> Arguments:
    return Arguments(start, (string(w, v, start, end),))


def call(_w: Workspace, v: Values, start: int, end: int) -> syntax.Call:
    arguments: Arguments = v[1]
    return syntax.Call(start, end, v[0], arguments.values, arguments.at)


def method_call(w: Workspace, v: Values, start: int, end: int) -> syntax.MethodCall:
    arguments: Arguments = v[3]
    return syntax.MethodCall(start, end, v[0], w.key(v[2]), arguments.values, arguments.at)


def empty_table(_w: Workspace, _v: Values, start: int, end: int) -> syntax.Table:
    return syntax.Table(start, end, ())


def table(_w: Workspace, v: Values, start: int, end: int) -> syntax.Table:
    return syntax.Table(start, end, tuple(v[1]))


def positional(_w: Workspace, v: Values, _start: int, _end: int) -> syntax.Positional:
    return syntax.Positional(v[0])


def named(w: Workspace, v: Values, _start: int, _end: int) -> syntax.Named:
    value = v[2]
    if type(value) is syntax.Function:
        value = _named(value, w.text(v[0]))
    return syntax.Named(w.key(v[0]), value)


def keyed(_w: Workspace, v: Values, _start: int, _end: int) -> syntax.Keyed:
    return syntax.Keyed(v[1], v[4])


ACTIONS: Final[dict[str, Action]] = {
    action.__name__: action
    for action in (
        first, first_name, next_name, first_target, next_target, block, block_return, no_statements, skip_semicolon,
        return_nothing, return_values, call_statement, assign, label, break_, goto, do, while_, repeat, first_arm,
        next_arm, if_, if_else, numeric_for, numeric_for_step, generic_for, function_statement, method_statement,
        local_function, local, local_values, binding, attributed, no_params, params, params_vararg, only_vararg, body,
        function, expression, add_operand, power, unary, nil, true, false, number, string, vararg, name, field, index,
        paren, no_args, args, one_arg, string_arg, call, method_call, empty_table, table, positional, named, keyed,
    )
} | {"next": following, "add_statement": following, "add_operator": add_chain_operator}  # fmt: skip
