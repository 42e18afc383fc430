# SPDX-License-Identifier: MIT
"""Which standard function a call most likely calls: by the name that stands there, or through a local variable."""

from __future__ import annotations

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.library import ENTRIES, GLOBALS, Sort
from munition.attenuators.lua.lowering.builder import Builder
from munition.attenuators.lua.resolved import GlobalUse, LocalUse, UpvalueUse


def library_function(b: Builder, call: s.Call | s.MethodCall) -> str | None:
    """The standard function that a call most likely calls: it is named, and the file does not assign it."""
    name = _standard_name(b, call.callee) if isinstance(call, s.Call) else None
    entry = None if name is None or name == GLOBALS else ENTRIES.get(name)
    return None if entry is None or entry.sort is not Sort.FUNCTION else entry.name


def note_alias(b: Builder, binding: s.Binding, value: s.Expression) -> None:
    """Remember `local fail = error`: a local variable that only ever holds what has a standard name."""
    name = None if b.unit.resolved.variables[binding.index].is_reassigned else _standard_name(b, value)
    if name is not None and name in ENTRIES:
        b.unit.aliases[binding.index] = name


def _standard_name(b: Builder, expression: s.Expression) -> str | None:
    """The name of a global, unless the file assigns it, or of a field of one."""
    if isinstance(expression, s.Name):
        use = b.unit.resolved.uses[expression.index]
        if isinstance(use, LocalUse | UpvalueUse):
            return b.unit.aliases.get(use.variable)
        if not isinstance(use, GlobalUse) or use.name in b.unit.resolved.assigned_globals:
            return None
        return use.name
    if isinstance(expression, s.Index) and isinstance(expression.key, s.String):
        if not isinstance(expression.object, s.Name):
            return None
        library = _standard_name(b, expression.object)
        return None if library is None else f"{library}.{expression.key.value.decode('latin-1')}"
    return None
