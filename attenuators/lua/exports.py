# SPDX-License-Identifier: MIT
"""Which functions of a chunk the host can fire by name, found without running it.

Global functions declared on the chunk's own level (`function f()`, `f = function`), and the function fields of the table
the chunk returns (`local M = {} ... function M.f() ... return M`). What a name denotes when it is fired is decided then.
"""

from __future__ import annotations

from typing import Final

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.resolved import GlobalUse, LocalUse, Resolved
from munition.capability.manifest import ManifestExport

_RESERVED: Final = frozenset({"memory"})


def find_exports(resolved: Resolved) -> tuple[ManifestExport, ...]:
    """The exports, in source order; a name that is declared twice counts once, as last declared."""
    statements = resolved.chunk.main.body.statements
    module = _returned_variable(resolved)
    found: dict[str, s.Function] = {}
    for statement in statements:
        for target, function in _assigned_functions(statement):
            name = _exported_name(target, resolved, module)
            if name is not None:
                found[name] = function
    for name, function in _returned_fields(resolved):
        found[name] = function
    return tuple(_export(name, function) for name, function in found.items())


def _export(name: str, function: s.Function) -> ManifestExport:
    export = f"lua:{name}" if name in _RESERVED else name
    return ManifestExport(name, export, tuple(p.name for p in function.params), function.is_vararg)


def _assigned_functions(statement: s.Statement) -> list[tuple[s.Name | s.Index, s.Function]]:
    if isinstance(statement, s.FunctionStatement):
        return [(statement.target, statement.function)]
    if isinstance(statement, s.Assign):
        pairs = zip(statement.targets, statement.values, strict=False)
        return [(target, value) for target, value in pairs if isinstance(value, s.Function)]
    return []


def _exported_name(target: s.Name | s.Index, resolved: Resolved, module: int | None) -> str | None:
    if isinstance(target, s.Name):
        use = resolved.uses[target.index]
        return use.name if isinstance(use, GlobalUse) and use.environment is None else None
    if module is None or not isinstance(target.object, s.Name) or not isinstance(target.key, s.String):
        return None
    use = resolved.uses[target.object.index]
    if isinstance(use, LocalUse) and use.variable == module:
        return _identifier(target.key.value)
    return None


def _identifier(name: bytes) -> str | None:
    text = name.decode("utf-8", "replace")
    return text if name and text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text else None


def _last_value(resolved: Resolved) -> s.Expression | None:
    statements = resolved.chunk.main.body.statements
    if statements and isinstance(last := statements[-1], s.Return) and len(last.values) == 1:
        return last.values[0]
    return None


def returns_value(resolved: Resolved) -> bool:
    """Whether the chunk ends by returning one value, which may be a table of functions."""
    return _last_value(resolved) is not None


def _returned_variable(resolved: Resolved) -> int | None:
    """The local variable of the chunk that it returns."""
    value = _last_value(resolved)
    if isinstance(value, s.Name) and isinstance(use := resolved.uses[value.index], LocalUse):
        return use.variable
    return None


def _returned_fields(resolved: Resolved) -> list[tuple[str, s.Function]]:
    """Function fields of a constructor that is returned, or that the returned variable starts with."""
    table = _last_value(resolved)
    variable = _returned_variable(resolved)
    if variable is not None:
        table = initial_value(resolved, variable)
    if not isinstance(table, s.Table):
        return []
    out: list[tuple[str, s.Function]] = []
    for field in table.fields:
        if not isinstance(field, s.Named):
            continue
        function = _function_behind(resolved, field.value)
        name = _identifier(field.key.value)
        if function is not None and name is not None:
            out.append((name, function))
    return out


def _function_behind(resolved: Resolved, value: s.Expression) -> s.Function | None:
    """The function an expression is, or that the local function it names is."""
    if isinstance(value, s.Function):
        return value
    if isinstance(value, s.Name) and isinstance(use := resolved.uses[value.index], LocalUse):
        initial = initial_value(resolved, use.variable)
        return initial if isinstance(initial, s.Function) else None
    return None


def initial_value(resolved: Resolved, variable: int) -> s.Expression | None:
    """What a local variable of the chunk's own level starts with; None if that is not written beside it."""
    for statement in resolved.chunk.main.body.statements:
        if isinstance(statement, s.LocalFunction) and statement.name.index == variable:
            return statement.function
        if isinstance(statement, s.Local):
            for name, value in zip(statement.names, statement.values, strict=False):
                if name.index == variable:
                    return value
    return None
