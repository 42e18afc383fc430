# SPDX-License-Identifier: MIT
"""What scope resolution finds out about a chunk: the tables that go with the syntax tree.

The tree is not copied or annotated. Its `Name`, `Binding`, `Function`, `Goto` and `Label` nodes carry dense indices, and
each tuple here is indexed by one of them.
"""

from __future__ import annotations

import enum
from typing import TypeAlias

from msgspec import Struct

from munition.attenuators.lua.syntax import Chunk, Expression, Function

ENVIRONMENT = 0  # index of the chunk's own `_ENV` in `Resolved.variables`; bindings of the source start at 1


class VariableKind(enum.Enum):
    """How a local variable comes into being."""

    LOCAL = "local"
    PARAMETER = "parameter"
    LOOP = "loop"  # control variable of a `for`; a fresh one for each turn
    FUNCTION = "function"  # `local function`: visible, and capturable, inside its own initial value
    ENVIRONMENT = "environment"  # the chunk's `_ENV`, which exists once and starts as the globals table


class Variable(Struct, frozen=True, eq=False):
    """A local variable.

    Attributes:
        index: its place in `Resolved.variables`, the `index` of the `Binding` that declares it.
        function: index of the function that declares it.
        attrib: `const`, `close` or None.
        is_captured: some inner function uses it.
        is_reassigned: something other than its declaration (or loop header, or call) gives it a value. A variable that
            is captured but not reassigned may be copied into closures; for kind `FUNCTION` the copy a function keeps
            of itself is the function.
        constant: the literal a `<const>` variable is bound to (nil, boolean, number or string), if it is one and the variable
            is the last of its declaration, with a value for each: what the reference implementation takes for a constant.
    """

    index: int
    name: str
    function: int
    kind: VariableKind
    attrib: str | None
    is_captured: bool
    is_reassigned: bool
    constant: Expression | None


class LocalUse(Struct, frozen=True):
    """A name that denotes a local variable of the function it stands in."""

    variable: int


class UpvalueUse(Struct, frozen=True):
    """A name that denotes a variable of an enclosing function, by its place in `FunctionScope.upvalues`."""

    slot: int
    variable: int


class EnvironmentUse(Struct, frozen=True):
    """The name `_ENV` where it denotes the chunk's own environment (`Resolved.variables[ENVIRONMENT]`)."""


class GlobalUse(Struct, frozen=True):
    """A free name: `environment[name]`.

    Attributes:
        environment: what `_ENV` denotes at this place; None for the chunk's own environment (almost always).
    """

    name: str
    environment: LocalUse | UpvalueUse | None


Use: TypeAlias = LocalUse | UpvalueUse | EnvironmentUse | GlobalUse


class Upvalue(Struct, frozen=True, eq=False):
    """One variable of an enclosing function that a function (or a function inside it) uses.

    The chunk's own `_ENV` is never listed: there is one of it, reachable from everywhere.

    Attributes:
        parent_slot: None when the variable is a local of the directly enclosing function, otherwise the slot of the
            same variable in that function's own upvalues.
    """

    name: str
    variable: int
    parent_slot: int | None


class FunctionScope(Struct, frozen=True, eq=False):
    """One function: what it declares and what it captures.

    Attributes:
        index: its place in `Resolved.functions`, the `index` of its node.
        parent: index of the enclosing function; None for the chunk.
        params: variables of its named parameters, in order.
        locals: every variable it declares, parameters first, in source order.
        upvalues: what it captures, in order of first use.
        uses_vararg: `...` occurs in its own body.
        children: indices of the functions written directly in it, in source order.
    """

    index: int
    parent: int | None
    node: Function
    params: tuple[int, ...]
    locals: tuple[int, ...]
    upvalues: tuple[Upvalue, ...]
    uses_vararg: bool
    children: tuple[int, ...]


class GotoTarget(Struct, frozen=True, eq=False):
    """Where a `goto` leads: the index of its label, and whether that label stands before it."""

    label: int
    is_backward: bool


class LabelUses(Struct, frozen=True, eq=False):
    """Who jumps to a label: the indices of the `goto`s after it and before it. Both are in the label's function."""

    backward: tuple[int, ...]
    forward: tuple[int, ...]


class Resolved(Struct, frozen=True, eq=False):
    """A chunk with everything that scope resolution knows about it.

    Attributes:
        chunk: the tree; `chunk.main` has function index 0.
        functions: by `Function.index`.
        variables: by `Binding.index`; entry 0 is the chunk's `_ENV`.
        uses: by `Name.index`.
        gotos: by `Goto.index`.
        labels: by `Label.index`.
        assigned_globals: names that are assigned somewhere as globals of the chunk's own environment.
        names_environment: `_ENV` is written somewhere, so globals may be reached or replaced other than by their names.
    """

    chunk: Chunk
    functions: tuple[FunctionScope, ...]
    variables: tuple[Variable, ...]
    uses: tuple[Use, ...]
    gotos: tuple[GotoTarget, ...]
    labels: tuple[LabelUses, ...]
    assigned_globals: frozenset[str]
    names_environment: bool
