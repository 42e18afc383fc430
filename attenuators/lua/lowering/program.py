# SPDX-License-Identifier: MIT
"""A whole chunk to an IR program."""

from __future__ import annotations

from collections.abc import Mapping

from munition.attenuators.lua.lowering.blocks import lower_block
from munition.attenuators.lua.lowering.builder import Builder, Unit
from munition.attenuators.lua.lowering.placement import InBox, InRegister, place_variables
from munition.attenuators.lua.lowering.variables import GLOBALS, declare_variable
from munition.attenuators.lua.resolved import ENVIRONMENT, FunctionScope, Resolved
from munition.ir import nodes as n
from munition.ir.nodes import ExportedFunction, Function, LibraryItem, Program
from munition.ir.types import Type
from munition.source import Source

MAIN = "main chunk"


def lower_program(
    source: Source,
    resolved: Resolved,
    library: tuple[LibraryItem, ...],
    exports: tuple[ExportedFunction, ...],
    steady_builtins: frozenset[str],
    denied_calls: Mapping[int, str],
) -> Program:
    """Lower a chunk that was resolved and checked without errors.

    `library` is what its globals start with; `exports` the functions the host can call; `steady_builtins` the global
    names of library functions that the program never assigns; `denied_calls` what refused calls raise, by `Call.at`.
    """
    placement = place_variables(resolved)
    symbols = tuple(_symbol(source, scope) for scope in resolved.functions)
    unit = Unit(source, resolved, placement, symbols, {}, steady_builtins, denied_calls)
    functions = tuple(_lower_function(unit, scope) for scope in resolved.functions)
    return Program(
        source_name=source.name.encode(),
        functions=functions,
        main=symbols[0],
        statics=placement.statics,
        globals=tuple(unit.mentioned),
        exports=exports,
        library=library,
    )


def _symbol(source: Source, scope: FunctionScope) -> str:
    """A name for stack traces; the number keeps it unique."""
    if scope.index == 0:
        return MAIN
    name = scope.node.name or "function"
    return f"{name}:{source.line_of(scope.node.start)}#{scope.index}"


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
    )


def _place_parameter(b: Builder, index: int, register: int) -> None:
    """A parameter stays where it arrives, unless closures share it."""
    if isinstance(b.unit.placement.variables[index], InBox):
        b.places[index] = b.new(Type.BOX)
        b.emit(n.NewBox(b.places[index], register))
    else:
        b.places[index] = register
