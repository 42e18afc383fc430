# SPDX-License-Identifier: MIT
"""Scopes that have something to close: `local x <close>` and the fourth value of a generic `for`.

The code of the scope stands in a `Try`. However it is left, control comes to the end of the `Try`; there the value
is closed, and then what was under way (an error, a jump, a return) goes on.
"""

from __future__ import annotations

from collections.abc import Callable

from munition.attenuators.lua.lowering.builder import Builder, ClosingScope, i32
from munition.ir import nodes as n
from munition.ir.nodes import Operand, Register
from munition.ir.types import Type
from munition.runtime import layout

RETURN_NUMBER = 1


def close_scope(b: Builder, closing: Register, lower: Callable[[], None], at: int) -> None:
    """Run the code `lower` emits, then close the value in register `closing`."""
    scope = ClosingScope(b.label(), b.new(Type.I32))
    b.emit(n.Move(scope.how, i32(0)))
    b.closing.append(scope)
    with b.nested() as body:
        lower()
    b.closing.pop()
    b.emit(n.Try(scope.label, tuple(body)))
    _close(b, closing, at)
    _go_on(b, scope)


def _close(b: Builder, closing: Register, at: int) -> None:
    error, kind, leaving = b.new(), b.new(Type.I32), b.new(Type.BOOL)
    b.emit(n.TakeError(error, kind))
    # os.exit closes nothing
    b.emit(n.Numeric(leaving, "i32.eq", (kind, i32(layout.PENDING_EXIT))))
    with b.nested() as call:
        b.runtime("rt_close", closing, error, kind, site=b.site(at))
    b.emit(n.If(leaving, (), tuple(call)))
    b.emit(n.Reraise(error, kind))


def _go_on(b: Builder, scope: ClosingScope) -> None:
    """What the way out asked for."""
    if scope.return_number:
        with b.nested() as body:
            finish_return(b)
        _when(b, scope.how, scope.return_number, tuple(body))
    for exit_ in scope.exits:
        with b.nested() as body:
            b.jump(exit_.target)
        _when(b, scope.how, exit_.number, tuple(body))


def _when(b: Builder, how: Register, number: int, body: tuple[n.Node, ...]) -> None:
    taken = b.new(Type.BOOL)
    b.emit(n.Numeric(taken, "i32.eq", (how, i32(number))))
    b.emit(n.If(taken, body))


def return_through(b: Builder, values: tuple[Operand, ...], open_: Register | None) -> None:
    """Return from inside such a scope: keep the results in a table while things are closed."""
    if b.saved_results is None:
        b.saved_results, b.saved_count = b.new_for_good(Type.TABLE), b.new_for_good(Type.I32)
    assert b.saved_count is not None
    # The count first: making the table must not disturb an open list, so that goes in afterwards.
    if open_ is None:
        b.emit(n.Move(b.saved_count, i32(len(values))))
    else:
        b.emit(n.Numeric(b.saved_count, "i32.add", (open_, i32(len(values)))))
    b.emit(n.SaveResults(b.saved_results, values, open_))
    finish_return(b)


def finish_return(b: Builder) -> None:
    """Go on returning the saved results: to the next scope out, or from the function."""
    if b.closing:
        scope = b.closing[-1]
        scope.return_number = RETURN_NUMBER
        b.emit(n.Move(scope.how, i32(RETURN_NUMBER)))
        b.emit(n.Jump(scope.label))
        return
    assert b.saved_results is not None
    assert b.saved_count is not None
    spread = b.new(Type.I32)
    b.emit(n.CallRuntime(spread, "rt_spread", (b.saved_results, b.saved_count)))
    b.emit(n.Return((), spread))
