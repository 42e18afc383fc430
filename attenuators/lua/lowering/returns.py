# SPDX-License-Identifier: MIT
"""`return`: tail calls, and calls of library functions, which keep their caller's frame."""

from __future__ import annotations

from typing import Final

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.builder import Builder
from munition.attenuators.lua.lowering.expressions import lower_callee, lower_list
from munition.attenuators.lua.lowering.scopes import return_through
from munition.attenuators.lua.lowering.standard import library_function
from munition.ir import nodes as n

_RESUMABLE: Final = frozenset(("pcall", "xpcall"))
"""Library functions that can be suspended below: the caller has to be there to go on."""

_JUMPED_TO: Final = frozenset(("pairs", "require", "coroutine.yield", "coroutine.resume"))
"""Library functions whose caller may as well be gone: nothing in them tells of it, and more than they may run below."""


def lower_return(b: Builder, node: s.Return) -> None:
    """A `return` statement.

    A tail call replaces the frame of its caller. The reference implementation does so only for functions of Lua: one of
    the library runs on top of the caller's frame, so that `return error("x", 2)` and tracebacks find it.
    """
    if len(node.values) == 1 and not b.closing and isinstance(node.values[0], s.Call | s.MethodCall):
        call = node.values[0]
        library = library_function(b, call)
        if library not in _RESUMABLE:
            callee, args, open_, site = lower_callee(b, call)
            stays = library is not None and library not in _JUMPED_TO
            b.emit(n.TailCall(callee, args, site, open_, stays=stays))
            return
    values, results = lower_list(b, node.values)
    if b.closing:
        return_through(b, values, results)
    else:
        b.emit(n.Return(values, results))
