# SPDX-License-Identifier: MIT
"""Which modules of a program may run more than once, so that their variables cannot have one fixed place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.bundle import Part
from munition.attenuators.lua.check import Checked
from munition.attenuators.lua.exports import initial_value
from munition.attenuators.lua.mentions import Required
from munition.attenuators.lua.resolved import GlobalUse, LocalUse, Resolved


def run_again(parts: Sequence[Part], checked: Checked, steady_builtins: frozenset[str]) -> frozenset[str]:
    """The names of the modules that `require` may load a second time.

    It does when the program removes them from `package.loaded`, when they returned false, or when their first run raised
    an error and the program went on. An error ends the program if the module is required only on the level of the script,
    or of a module of which the same holds.
    """
    modules = frozenset(part.module for part in parts if part.module is not None)
    if "package.loaded" in checked.reached or checked.uses.has_dynamic_require:
        return modules
    required = [(part, r, r.name.decode("latin-1")) for part in parts for r in part.uses.required]
    again = frozenset(name for _, r, name in required if r.is_optional or not r.at_load)
    asked = Counter(name for part, r, name in required for _ in range(2 if _is_repeated(part, r) else 1))
    again |= {
        part.module
        for part in parts
        if part.module is not None
        and asked[_key(part.module)] > 1
        and not _gives_truth(part.resolved, steady_builtins)
    }
    found = frozenset[str]()
    while not again <= found:
        found |= again
        again = frozenset(
            name for part, _, name in required if part.module is not None and _key(part.module) in found
        )
    return frozenset(module for module in modules if _key(module) in found)


def _key(module: str) -> str:
    return module.encode().decode("latin-1")


# --- statements of the chunk's own level, whatever blocks they are in ---

_Loop = s.While | s.Repeat | s.NumericFor | s.GenericFor
_LOOPS: Final = (s.While, s.Repeat, s.NumericFor, s.GenericFor)


def _statements(resolved: Resolved) -> Iterator[s.Statement]:
    blocks = [resolved.chunk.main.body]
    while blocks:
        for statement in blocks.pop().statements:
            yield statement
            if isinstance(statement, s.If):
                blocks += (arm.body for arm in statement.arms)
                blocks += () if statement.otherwise is None else (statement.otherwise,)
            elif isinstance(statement, s.Do | _Loop):
                blocks.append(statement.body)


def _is_repeated(part: Part, required: Required) -> bool:
    if part.resolved.gotos:
        return True
    loops = (node for node in _statements(part.resolved) if isinstance(node, _LOOPS))
    return any(loop.start <= required.start < loop.end for loop in loops)


# --- what a module returns ---

_TRUE: Final = (s.Table, s.Function, s.String, s.Integer, s.Float, s.TrueE, s.Nil)  # nil is kept as true


def _gives_truth(resolved: Resolved, steady_builtins: frozenset[str]) -> bool:
    """Whether what `require` keeps of the module is never false; nothing, or nil, is kept as true."""
    returns = (node for node in _statements(resolved) if isinstance(node, s.Return))
    return all(not node.values or _is_true(resolved, node.values[0], steady_builtins) for node in returns)


def _is_true(resolved: Resolved, value: s.Expression, steady_builtins: frozenset[str]) -> bool:
    initial: s.Expression | None = value
    if isinstance(value, s.Name) and isinstance(use := resolved.uses[value.index], LocalUse):
        is_bound_once = not resolved.variables[use.variable].is_reassigned
        initial = initial_value(resolved, use.variable) if is_bound_once else None
    if isinstance(initial, s.Call) and isinstance(initial.callee, s.Name):
        called = resolved.uses[initial.callee.index]
        return (
            isinstance(called, GlobalUse)
            and called.environment is None
            and called.name == "setmetatable"
            and called.name in steady_builtins
        )
    return isinstance(initial, _TRUE)
