# SPDX-License-Identifier: MIT
"""Instructions, regions and functions.

Registers are small integers, assignable any number of times; `Function.registers` holds their types. An operand is a
register or a `Const`. Where a `VALUE` is expected an operand of any boxable type may stand; the code generator boxes it.

An *open list* is a row of values whose number is known only at run time. It lies on the shadow stack above the
frame, there is at most one at a time, and the instruction that makes it puts its length into an `I32` register.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from munition.ir.facts import Facts, Version
from munition.ir.types import Type

Register: TypeAlias = int


class Const(Struct, frozen=True):
    """A constant.

    With type `VALUE`: None, a bool, an int (64 bit), a float, or bytes (a string). With `I64`, `F64`, `I32`, `BOOL` the raw
    number; with `STRING` bytes; with `FUNCTION` the symbol of a function without captures (str); with `TABLE` the
    name of a static table (only "globals").
    """

    type: Type
    value: bool | int | float | bytes | str | None


Operand: TypeAlias = Register | Const

NIL = Const(Type.VALUE, None)


class Site(Struct, frozen=True):
    """What an error raised here says: the line, and how the operands are called in the source.

    A name is a (kind, text) pair with a kind of `layout.SITE_KINDS`. `more` names the operands of a concatenation from
    the third on.
    """

    line: int
    name1: tuple[str, bytes] | None = None
    name2: tuple[str, bytes] | None = None
    more: tuple[tuple[str, bytes] | None, ...] = ()


# ---- moves and memory


class Move(Struct, frozen=True):
    """`dst = src`, boxing if `dst` is a `VALUE`."""

    dst: Register
    src: Operand


class LoadUpvalue(Struct, frozen=True):
    """`dst = captured cell number index of the running closure` (dst is `VALUE` or `BOX`)."""

    dst: Register
    index: int


class LoadStatic(Struct, frozen=True):
    """`dst (VALUE) = program variable number index`."""

    dst: Register
    index: int


class StoreStatic(Struct, frozen=True):
    """`program variable number index = src`."""

    index: int
    src: Operand


class NewBox(Struct, frozen=True):
    """`dst (BOX) = a fresh box that holds src`."""

    dst: Register
    src: Operand


class BoxGet(Struct, frozen=True):
    """`dst (VALUE) = content of box`."""

    dst: Register
    box: Register


class BoxSet(Struct, frozen=True):
    """`content of box = src`."""

    box: Register
    src: Operand


class MakeClosure(Struct, frozen=True):
    """`dst (FUNCTION) = closure of the function symbol over captures` (`VALUE`-like or `BOX` operands)."""

    dst: Register
    symbol: str
    captures: tuple[Operand, ...]


# ---- operators


class Numeric(Struct, frozen=True):
    """A raw machine operation that cannot fail, by its WebAssembly name (`i64.add`, `f64.lt`, `i64.eqz`, ...)."""

    dst: Register
    op: str
    args: tuple[Operand, ...]


class Arith(Struct, frozen=True):
    """`dst = left op right` with the language's semantics; op is one of `layout.ARITH` (unary: left is right)."""

    dst: Register
    op: str
    left: Operand
    right: Operand
    site: Site


class Compare(Struct, frozen=True):
    """`dst (BOOL) = left op right`; op is `eq`, `ne`, `lt` or `le`."""

    dst: Register
    op: str
    left: Operand
    right: Operand
    site: Site


class Not(Struct, frozen=True):
    """`dst (BOOL) = src is nil or false`."""

    dst: Register
    src: Operand


class Concat(Struct, frozen=True):
    """`dst (VALUE) = concatenation of the operands, from the right`."""

    dst: Register
    operands: tuple[Operand, ...]
    site: Site


class Length(Struct, frozen=True):
    """`dst (VALUE) = #src`."""

    dst: Register
    src: Operand
    site: Site


# ---- tables


class NewTable(Struct, frozen=True):
    """`dst (TABLE) = a table with room for that many list items and fields`."""

    dst: Register
    array: int
    fields: int


class Index(Struct, frozen=True):
    """`dst (VALUE) = object[key]`; `method` says the value is about to be called as a method."""

    dst: Register
    object: Operand
    key: Operand
    site: Site
    method: bool = False


class SetIndex(Struct, frozen=True):
    """`object[key] = value`."""

    object: Operand
    key: Operand
    value: Operand
    site: Site


class Append(Struct, frozen=True):
    """Store values, then the open list of length `open` if there is one, into `table[first], table[first + 1], ...`."""

    table: Register
    first: int
    values: tuple[Operand, ...]
    open: Register | None = None


# ---- calls


class Call(Struct, frozen=True):
    """Call a value: results go to `dsts` (missing ones are nil), or become an open list of length `count`.

    `scope`: for a call that collects garbage on demand, the registers of the variables in scope, which are kept. What else
    the frame still refers to, though nothing will read it, is let go first, so that the program sees it collected.
    """

    dsts: tuple[Register, ...]
    callee: Operand
    args: tuple[Operand, ...]
    site: Site
    open: Register | None = None
    count: Register | None = None
    scope: tuple[Register, ...] | None = None


class CallRuntime(Struct, frozen=True):
    """Call a runtime function by symbol; operands are passed as the ABI page says for that function."""

    dst: Register | None
    symbol: str
    args: tuple[Operand, ...]
    site: Site | None = None


class Vararg(Struct, frozen=True):
    """`dsts = the first extra arguments` (missing ones are nil), or all of them as an open list of length `count`."""

    dsts: tuple[Register, ...]
    count: Register | None = None


class Return(Struct, frozen=True):
    """Leave the function with these results, then the open list if there is one."""

    values: tuple[Operand, ...]
    open: Register | None = None


class TailCall(Struct, frozen=True):
    """Leave the function by calling another in its place.

    `stays`: what is called is taken for a function of the runtime that is never suspended. It is called while the frame is
    still there, and its results are returned.
    """

    callee: Operand
    args: tuple[Operand, ...]
    site: Site
    open: Register | None = None
    stays: bool = False


class SaveResults(Struct, frozen=True):
    """`dst (TABLE) = a list of the values, then the open list`; they may hold nil."""

    dst: Register
    values: tuple[Operand, ...]
    open: Register | None = None


class ForRegisters(Struct, frozen=True):
    """The hidden state of a numeric `for`.

    Attributes:
        kind: `I32`: 0 the loop does not run, 1 it counts in integers, 2 in floats.
        counter, step, turns: `I64`; `turns` is the number of turns after the first.
        float_counter, float_step, float_limit: `F64`.
    """

    kind: Register
    counter: Register
    step: Register
    turns: Register
    float_counter: Register
    float_step: Register
    float_limit: Register


class ForPrepare(Struct, frozen=True):
    """Check the bounds of a numeric `for` and set the registers of its kind."""

    loop: ForRegisters
    start: Operand
    limit: Operand
    step: Operand
    site: Site


# ---- control


class If(Struct, frozen=True):
    """Run `then` if the condition (`BOOL` or `VALUE`) is true, else `otherwise`."""

    condition: Operand
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


class Block(Struct, frozen=True):
    """A region that `Jump(label)` leaves at its end."""

    label: int
    body: tuple[Node, ...]


class Loop(Struct, frozen=True):
    """A region that `Jump(label)` starts again; falling off its end leaves it."""

    label: int
    body: tuple[Node, ...]


class Jump(Struct, frozen=True):
    """Go to the end of the enclosing block `label`, or the start of the enclosing loop `label`."""

    label: int


class Switch(Struct, frozen=True):
    """Jump to `labels[index]` (`index` is `I32`), or to `default`."""

    index: Register
    labels: tuple[int, ...]
    default: int


class Try(Struct, frozen=True):
    """A block whose end is also where an error raised inside goes. Test with `Pending` what happened."""

    label: int
    body: tuple[Node, ...]


class Pending(Struct, frozen=True):
    """`dst (BOOL) = an error (or exit) is under way`."""

    dst: Register


class TakeError(Struct, frozen=True):
    """`dst (VALUE) = the error under way`, which is then no longer under way; `kind` (I32) keeps what it was."""

    dst: Register
    kind: Register


class Reraise(Struct, frozen=True):
    """Put the error back under way (`kind` from `TakeError`) and leave to the next handler. `kind` 0 does nothing."""

    error: Register
    kind: Register


class Line(Struct, frozen=True):
    """The instructions that follow come from this source line."""

    line: int


Instruction: TypeAlias = (
    Move
    | LoadUpvalue
    | LoadStatic
    | StoreStatic
    | NewBox
    | BoxGet
    | BoxSet
    | MakeClosure
    | Numeric
    | Arith
    | Compare
    | Not
    | Concat
    | Length
    | NewTable
    | Index
    | SetIndex
    | Append
    | Call
    | CallRuntime
    | Vararg
    | Return
    | TailCall
    | SaveResults
    | ForPrepare
    | Jump
    | Switch
    | Pending
    | TakeError
    | Reraise
    | Line
)
Region: TypeAlias = If | Block | Loop | Try
Node: TypeAlias = Instruction | Region


class Function(Struct, frozen=True):
    """One function of the source.

    Attributes:
        symbol: unique name in the program.
        name: what tracebacks call it, or None.
        parameters: number of parameters; they are the registers 0 .. parameters - 1, all `VALUE`.
        vararg: whether it takes extra arguments.
        registers: types of all registers.
        body: the code; falling off its end returns no results.
        line, last_line: where it stands in the source.
        source: what error messages call the file it stands in.
        is_chunk: it is the whole of a file.
        facts: what was inferred; None before that.
        version: the version that runs in its place when some arguments are integers.
        general: of such a version, the function it is one of.
    """

    symbol: str
    name: bytes | None
    parameters: int
    vararg: bool
    registers: tuple[Type, ...]
    body: tuple[Node, ...]
    line: int
    last_line: int
    source: bytes
    is_chunk: bool = False
    facts: Facts | None = None
    version: Version | None = None
    general: str | None = None
