# SPDX-License-Identifier: MIT
"""Where each local variable of a chunk lives.

The chunk runs once per instance, so its own variables need no boxes: those that functions share become program
variables at fixed addresses. A function whose captures are all such variables, literals, or functions of the same
sort captures nothing at run time; it exists once, as static data, and is called directly by name.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.resolved import ENVIRONMENT, FunctionScope, Resolved, Variable


class InRegister(Struct, frozen=True):
    """A register of the function that declares it; copied into closures that capture it."""


class InBox(Struct, frozen=True):
    """A box on the heap, shared by the closures that capture it."""


class InStatic(Struct, frozen=True):
    """Program variable number `index`."""

    index: int


class IsFunction(Struct, frozen=True):
    """Always the function with this index, which captures nothing."""

    function: int


class IsLiteral(Struct, frozen=True):
    """Always the value of this literal."""

    value: s.Expression


Place: TypeAlias = InRegister | InBox | InStatic | IsFunction | IsLiteral


class Placement(Struct, frozen=True):
    """Places of all variables.

    Attributes:
        variables: by variable index.
        captures: for each function the variables its closures hold, in order.
        static_functions: functions without captures.
        statics: number of program variables, those of the files before it counted.
    """

    variables: tuple[Place, ...]
    captures: tuple[tuple[int, ...], ...]
    static_functions: frozenset[int]
    statics: int


def place_variables(resolved: Resolved, *, first_static: int = 0, once: bool = True) -> Placement:
    """Decide for every variable of a file.

    Args:
        resolved: the file.
        first_static: number of its first program variable.
        once: it is run at most once, so that program variables can hold its locals.
    """
    repeated, bound = _scan_chunk(resolved, again=not once)
    static = _static_functions(resolved, repeated, bound)
    places: list[Place] = []
    statics = first_static
    for variable in resolved.variables:
        place = _place(variable, repeated, bound, static, statics)
        statics += isinstance(place, InStatic)
        places.append(place)
    captures = tuple(
        tuple(u.variable for u in scope.upvalues if isinstance(places[u.variable], InRegister | InBox))
        for scope in resolved.functions
    )
    return Placement(tuple(places), captures, static, statics)


def _place(
    variable: Variable,
    repeated: frozenset[int],
    bound: dict[int, int],
    static: frozenset[int],
    statics: int,
) -> Place:
    if variable.constant is not None:
        return IsLiteral(variable.constant)
    function = bound.get(variable.index)
    if function is not None and function in static:
        return IsFunction(function)
    if variable.index == ENVIRONMENT and variable.is_reassigned:
        return InStatic(statics)  # functions use it without listing it as captured
    if not variable.is_captured:
        return InRegister()
    if _lives_once(variable, repeated):
        return InStatic(statics)
    return InBox() if variable.is_reassigned else InRegister()


def _lives_once(variable: Variable, repeated: frozenset[int]) -> bool:
    return (
        variable.function == 0
        and variable.index not in repeated
        and variable.index != ENVIRONMENT
        and variable.attrib != "close"
    )


def _static_functions(resolved: Resolved, repeated: frozenset[int], bound: dict[int, int]) -> frozenset[int]:
    """The largest set of functions all of whose captures are fixed places or functions of the set itself."""
    static = {scope.index for scope in resolved.functions}
    changed = True
    while changed:
        lost = {
            index
            for index in static
            if not _captures_nothing(resolved.functions[index], resolved, repeated, bound, static)
        }
        static -= lost
        changed = bool(lost)
    return frozenset(static)


def _captures_nothing(
    scope: FunctionScope,
    resolved: Resolved,
    repeated: frozenset[int],
    bound: dict[int, int],
    static: set[int],
) -> bool:
    for upvalue in scope.upvalues:
        variable = resolved.variables[upvalue.variable]
        if variable.constant is not None or _lives_once(variable, repeated):
            continue
        if bound.get(variable.index) not in static:
            return False
    return True


def _scan_chunk(resolved: Resolved, *, again: bool) -> tuple[frozenset[int], dict[int, int]]:
    """Variables of the chunk declared where code may run more than once, and variables bound to one function for good."""
    repeated: set[int] = set()
    bound: dict[int, int] = {}
    pending: list[tuple[s.Block, bool, bool]] = [(resolved.chunk.main.body, again, True)]
    pending.extend((scope.node.body, True, False) for scope in resolved.functions[1:])
    while pending:
        block, again, main = pending.pop()
        jumps_back = any(
            isinstance(st, s.Label) and resolved.labels[st.index].backward for st in block.statements
        )
        again = again or jumps_back
        for statement in block.statements:
            for binding in _bindings(statement):
                if again or not main:
                    repeated.add(binding.index)
            _bind(statement, resolved, bound)
            for inner, loops in _blocks(statement):
                pending.append((inner, again or loops, main))
                if loops and isinstance(statement, s.NumericFor | s.GenericFor):
                    repeated.update(b.index for b in _bindings(statement))
    return frozenset(repeated), bound


def _bindings(statement: s.Statement) -> tuple[s.Binding, ...]:
    match statement:
        case s.Local() | s.GenericFor():
            return statement.names
        case s.NumericFor():
            return (statement.variable,)
        case s.LocalFunction():
            return (statement.name,)
        case _:
            return ()


def _bind(statement: s.Statement, resolved: Resolved, bound: dict[int, int]) -> None:
    if isinstance(statement, s.LocalFunction):
        _bind_one(statement.name, statement.function, resolved, bound)
    elif isinstance(statement, s.Local):
        for binding, value in zip(statement.names, statement.values, strict=False):
            if isinstance(value, s.Function):
                _bind_one(binding, value, resolved, bound)


def _bind_one(binding: s.Binding, function: s.Function, resolved: Resolved, bound: dict[int, int]) -> None:
    variable = resolved.variables[binding.index]
    if not variable.is_reassigned and variable.attrib != "close":
        bound[binding.index] = function.index


def _blocks(statement: s.Statement) -> tuple[tuple[s.Block, bool], ...]:
    """The blocks in a statement (not in functions), and whether each runs repeatedly."""
    match statement:
        case s.Do():
            return ((statement.body, False),)
        case s.While() | s.Repeat() | s.NumericFor() | s.GenericFor():
            return ((statement.body, True),)
        case s.If():
            arms = tuple((arm.body, False) for arm in statement.arms)
            return arms if statement.otherwise is None else (*arms, (statement.otherwise, False))
        case _:
            return ()
