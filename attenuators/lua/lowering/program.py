# SPDX-License-Identifier: MIT
"""The files of a program to an IR program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from munition.attenuators.lua.bundle import Part
from munition.attenuators.lua.lowering.blocks import lower_block
from munition.attenuators.lua.lowering.builder import Builder, Unit
from munition.attenuators.lua.lowering.placement import InBox, InRegister, place_variables
from munition.attenuators.lua.lowering.variables import GLOBALS, declare_variable
from munition.attenuators.lua.resolved import ENVIRONMENT, FunctionScope
from munition.ir import nodes as n
from munition.ir.nodes import Function
from munition.ir.program import ExportedFunction, LibraryItem, Loadable, ObjectType, Program
from munition.ir.types import Type

MAIN = "main chunk"


class Setting(Struct, frozen=True):
    """What a program gets besides its code.

    Attributes:
        library: what its globals start with.
        object_types: types of the library's objects.
        exports: the functions the host can call.
        steady_builtins: the global names of library functions that the program never assigns.
        run_again: the names of the modules that may run more than once.
    """

    library: tuple[LibraryItem, ...]
    object_types: tuple[ObjectType, ...]
    exports: tuple[ExportedFunction, ...]
    steady_builtins: frozenset[str]
    run_again: frozenset[str]


def lower_program(
    parts: Sequence[Part], setting: Setting, denied_calls: Sequence[Mapping[int, str]]
) -> Program:
    """Lower the files of a program that were resolved and checked without errors, the script first.

    `denied_calls`: for each part what refused calls raise, by `Call.at`.
    """
    functions: list[Function] = []
    mentioned: dict[bytes, None] = {}
    loadable: list[Loadable] = []
    statics = 0
    for part, denied in zip(parts, denied_calls, strict=True):
        once = part.module not in setting.run_again
        placement = place_variables(part.resolved, first_static=statics, once=once)
        symbols = tuple(_symbol(part, scope) for scope in part.resolved.functions)
        unit = Unit(
            part.source, part.resolved, placement, symbols, mentioned, setting.steady_builtins, denied
        )
        # an enclosing function before those in it: what its variables hold is known by then
        scopes = sorted(part.resolved.functions, key=lambda scope: (scope.index > 0, scope.node.start))
        lowered = {scope.index: _lower_function(unit, scope) for scope in scopes}
        functions += (lowered[scope.index] for scope in part.resolved.functions)
        statics = placement.statics
        if part.module is not None:
            loadable.append(Loadable(part.module.encode(), symbols[0]))
    return Program(
        source_name=parts[0].source.name.encode(),
        functions=tuple(functions),
        main=MAIN,
        statics=statics,
        globals=tuple(mentioned),
        exports=setting.exports,
        library=setting.library,
        object_types=setting.object_types,
        modules=tuple(loadable),
    )


def _symbol(part: Part, scope: FunctionScope) -> str:
    """A name for stack traces; module and number keep it unique."""
    module = "" if part.module is None else f"{part.module}::"
    if scope.index == 0:
        return module + MAIN
    name = scope.node.name or "function"
    return f"{module}{name}:{part.source.line_of(scope.node.start)}#{scope.index}"


def _lower_function(unit: Unit, scope: FunctionScope) -> Function:
    b = Builder(unit, scope)
    node = scope.node
    for register, index in enumerate(scope.params):
        _place_parameter(b, index, register)
    if scope.index == 0 and not isinstance(unit.placement.variables[ENVIRONMENT], InRegister):
        declare_variable(b, ENVIRONMENT, GLOBALS)
    elif scope.index == 0:
        b.places[ENVIRONMENT] = b.new()
        b.emit(n.Move(b.places[ENVIRONMENT], GLOBALS))
    lower_block(b, node.body)
    line = unit.source.line_of(node.start)
    return Function(
        symbol=unit.symbols[scope.index],
        name=node.name.encode("latin-1") if node.name else None,
        parameters=len(scope.params),
        vararg=node.is_vararg,
        registers=tuple(b.registers),
        body=tuple(b.body),
        line=0 if scope.index == 0 else line,
        last_line=unit.source.line_of(max(node.start, node.end - 1)),
        source=unit.source.name.encode(),
        is_chunk=scope.index == 0,
    )


def _place_parameter(b: Builder, index: int, register: int) -> None:
    """A parameter stays where it arrives, unless closures share it."""
    if isinstance(b.unit.placement.variables[index], InBox):
        b.place(index, b.new(Type.BOX))
        b.emit(n.NewBox(b.places[index], register))
    else:
        b.place(index, register)
