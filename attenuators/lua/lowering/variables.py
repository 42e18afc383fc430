# SPDX-License-Identifier: MIT
"""Reading, writing and declaring variables, wherever they live."""

from __future__ import annotations

from typing import Final, assert_never

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.builder import Builder, value
from munition.attenuators.lua.lowering.placement import InBox, InRegister, InStatic, IsFunction, IsLiteral
from munition.attenuators.lua.resolved import ENVIRONMENT, EnvironmentUse, GlobalUse, LocalUse, UpvalueUse
from munition.ir import nodes as n
from munition.ir.nodes import Const, Operand, Register
from munition.ir.types import Type

GLOBALS = Const(Type.TABLE, "globals")

_CHAIN: Final = 20  # operands of `and` and `or` that names are looked for in


def literal(expression: s.Expression) -> Const | None:
    """The constant an expression is, if it is a literal."""
    match expression:
        case s.Nil():
            return n.NIL
        case s.TrueE():
            return value(True)
        case s.FalseE():
            return value(False)
        case s.Integer() | s.Float() | s.String():
            return value(expression.value)
        case _:
            return None


def read_variable(b: Builder, index: int) -> Operand:
    """The value of a variable. A register that is not reassigned while it is used as an operand stays itself."""
    place = b.unit.placement.variables[index]
    match place:
        case IsLiteral():
            constant = literal(place.value)
            assert constant is not None
            return constant
        case IsFunction():
            return Const(Type.FUNCTION, b.unit.symbols[place.function])
        case InStatic():
            out = b.new()
            b.emit(n.LoadStatic(out, place.index))
            return out
        case InRegister():
            if index in b.places:
                return b.places[index]
            out = b.new()
            b.emit(n.LoadUpvalue(out, b.capture_numbers[index]))
            return out
        case InBox():
            out = b.new()
            b.emit(n.BoxGet(out, box_of(b, index)))
            return out
        case _:
            assert_never(place)


def box_of(b: Builder, index: int) -> Register:
    """The register that holds the box of a variable."""
    if index in b.places:
        return b.places[index]
    box = b.new(Type.BOX)
    b.emit(n.LoadUpvalue(box, b.capture_numbers[index]))
    return box


def write_variable(b: Builder, index: int, source: Operand) -> None:
    """Assign to a variable."""
    place = b.unit.placement.variables[index]
    match place:
        case InStatic():
            b.emit(n.StoreStatic(place.index, source))
        case InBox():
            b.emit(n.BoxSet(box_of(b, index), source))
        case InRegister():
            b.emit(n.Move(b.places[index], source))
        case IsFunction() | IsLiteral():
            pass  # the value is where it is used
        case _:
            assert_never(place)


def declare_variable(b: Builder, index: int, source: Operand) -> None:
    """Bring a variable into being with its initial value (a fresh one each time this code runs)."""
    place = b.unit.placement.variables[index]
    if isinstance(place, InRegister):
        register = b.new()
        b.place(index, register)
        b.emit(n.Move(register, source))
    elif isinstance(place, InBox):
        if index not in b.places:
            b.place(index, b.new(Type.BOX))
        b.emit(n.NewBox(b.places[index], source))
    else:
        write_variable(b, index, source)


def capture(b: Builder, index: int) -> Operand:
    """What a closure made here holds for a variable: its value, or its box."""
    if isinstance(b.unit.placement.variables[index], InBox):
        return box_of(b, index)
    return read_variable(b, index)


def read_name(b: Builder, name: s.Name) -> Operand:
    """The value of a name."""
    use = b.unit.resolved.uses[name.index]
    match use:
        case LocalUse() | UpvalueUse():
            return read_variable(b, use.variable)
        case EnvironmentUse():
            return _environment(b)
        case GlobalUse():
            out = b.new()
            text = name.name.encode("latin-1")
            site = b.site(name.start, *_environment_name(use))
            b.emit(n.Index(out, global_table(b, use), value(text), site))
            return out
        case _:
            assert_never(use)


def write_name(b: Builder, name: s.Name, source: Operand, at: int) -> None:
    """Assign to a name."""
    use = b.unit.resolved.uses[name.index]
    match use:
        case LocalUse() | UpvalueUse():
            write_variable(b, use.variable, source)
        case EnvironmentUse():
            write_variable(b, ENVIRONMENT, source)
        case GlobalUse():
            text = name.name.encode("latin-1")
            site = b.site(at, *_environment_name(use))
            b.emit(n.SetIndex(global_table(b, use), value(text), source, site))
        case _:
            assert_never(use)


def _environment(b: Builder) -> Operand:
    if _environment_is_fixed(b):
        return GLOBALS
    return read_variable(b, ENVIRONMENT)


def _environment_is_fixed(b: Builder) -> bool:
    return not b.unit.resolved.variables[ENVIRONMENT].is_reassigned


def global_table(b: Builder, use: GlobalUse) -> Operand:
    """The table a free name is looked up in."""
    if use.environment is not None:
        return read_variable(b, use.environment.variable)
    if _environment_is_fixed(b):
        b.unit.mentioned.setdefault(use.name.encode("latin-1"))
    return _environment(b)


def _environment_name(use: GlobalUse) -> tuple[tuple[str, bytes], ...]:
    if use.environment is None:
        return (("upvalue", b"_ENV"),)
    kind = "local" if isinstance(use.environment, LocalUse) else "upvalue"
    return ((kind, b"_ENV"),)


def describe(b: Builder, expression: s.Expression) -> tuple[str, bytes] | None:
    """How error messages call the value of an expression, as (kind, name); a name ends at a zero byte."""
    found = _describe(b, expression)
    return None if found is None else (found[0], found[1].partition(b"\0")[0])


def _describe(b: Builder, expression: s.Expression) -> tuple[str, bytes] | None:
    expression = _what_remains(b, expression)
    match expression:
        case s.Name():
            text = expression.name.encode("latin-1")
            use = b.unit.resolved.uses[expression.index]
            if isinstance(use, GlobalUse):
                return ("global", text)
            if isinstance(use, LocalUse | UpvalueUse):
                place = b.unit.placement.variables[use.variable]
                if isinstance(place, IsLiteral):  # the name is gone, as in the reference implementation
                    return ("constant", place.value.value) if isinstance(place.value, s.String) else None
            return ("local" if isinstance(use, LocalUse) else "upvalue", text)
        case s.Index():
            return _describe_item(b, expression)
        case s.MethodCall():
            return None
        case s.String():
            return ("constant", expression.value)
        case _:
            return None


def _describe_item(b: Builder, expression: s.Index) -> tuple[str, bytes]:
    """An item is a field, by its name if the key is a constant; one of `_ENV` is a global."""
    key = _constant(b, _what_remains(b, expression.key))
    if isinstance(key, s.String):
        object_ = _what_remains(b, expression.object)
        is_global = isinstance(object_, s.Name) and object_.name == "_ENV"
        return ("global" if is_global else "field", key.value)
    if isinstance(key, s.Integer) and 0 <= key.value <= 255:
        return ("field", b"integer index")
    return ("field", b"?")


def _constant(b: Builder, expression: s.Expression) -> s.Expression:
    """The literal a constant local variable stands for; anything else as it is."""
    if isinstance(expression, s.Name):
        use = b.unit.resolved.uses[expression.index]
        if isinstance(use, LocalUse | UpvalueUse):
            place = b.unit.placement.variables[use.variable]
            if isinstance(place, IsLiteral):
                return place.value
    return expression


def _what_remains(b: Builder, expression: s.Expression, depth: int = 0) -> s.Expression:
    """The expression without parentheses, and without left operands of `and` and `or` that are constants and decide.

    The reference implementation drops those when it compiles, so its messages name what is left.
    """
    while True:
        if isinstance(expression, s.Paren):
            expression = expression.inner
        elif isinstance(expression, s.Logical) and _truth(b, expression.left, depth) == (
            expression.op == "and"
        ):
            expression = expression.right
        else:
            return expression


def _truth(b: Builder, expression: s.Expression, depth: int) -> bool | None:
    """Whether a constant is true; None for all other expressions, and for chains that nobody writes by hand."""
    if depth == _CHAIN:
        return None
    negated = False
    expression = _what_remains(b, expression, depth + 1)
    while isinstance(expression, s.Unary) and expression.op == "not":
        expression, negated = _what_remains(b, expression.operand, depth + 1), not negated
    if isinstance(expression, s.Unary) and expression.op == "-":
        expression = expression.operand
        return not negated if isinstance(expression, s.Integer | s.Float) else None
    expression = _constant(b, expression)
    if literal(expression) is None:
        return None
    return isinstance(expression, s.Nil | s.FalseE) is negated
