# SPDX-License-Identifier: MIT
"""The syntax tree of a Lua 5.4 chunk: what was written, with the byte range of each construct.

Shape guarantees, on which every later pass relies:

* Left-deep chains (`1+1+...`, `a.b.c`, `f()()()`, `a or b or c`) may be tens of thousands of nodes deep. A pass walks
  them with `spine`, never by recursion on the left child.
* Everything else is at most `SourceLimits.nesting` (200) levels deep, where each open bracket, block, `^` and unary
  operator is one level and each function two; recursion that follows the tree's other children is therefore bounded.
* `..` is flat: `a .. b .. c` is one `Concat` of three operands. `elseif` arms are a flat tuple.
* `Name`, `Binding`, `Function`, `Goto` and `Label` carry dense indices, so that what later passes find out about them
  lives in tuples (`resolved.Resolved`) and not in dictionaries.

Nodes compare and hash by identity and have no repr of their contents: all three would recurse on deep trees. `dump`
(in `dump.py`) prints a tree.

Every node but the fields of tables has `start` and `end`, byte offsets into the source; `span_of` makes a `Span` of them. `at`, where present,
is the offset of the token that the reference implementation takes the line of a run-time error from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ArithmeticOp: TypeAlias = Literal["+", "-", "*", "/", "//", "%", "^"]
BitwiseOp: TypeAlias = Literal["&", "|", "~", "<<", ">>"]
ComparisonOp: TypeAlias = Literal["==", "~=", "<", "<=", ">", ">="]
BinaryOp: TypeAlias = ArithmeticOp | BitwiseOp | ComparisonOp
UnaryOp: TypeAlias = Literal["-", "not", "#", "~"]
LogicalOp: TypeAlias = Literal["and", "or"]


# --- expressions ---


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Nil:
    """`nil`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrueE:
    """`true`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FalseE:
    """`false`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Integer:
    """An integer numeral; `value` is already wrapped to the signed 64-bit range."""

    start: int
    end: int
    value: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Float:
    """A float numeral (never NaN; `inf` when the numeral overflows, as in `1e999`)."""

    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class String:
    """A string literal, unescaped; also the key of `a.name` and of `name =` in a table constructor's `Named` field."""

    start: int
    end: int
    value: bytes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Vararg:
    """`...`: all extra arguments of the enclosing function."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name:
    """A use of a name. `Resolved.uses[index]` says what it denotes."""

    start: int
    end: int
    name: str
    index: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index:
    """`object[key]` or `object.name` (then `key` is a `String`); `at` is the offset of the dot or bracket."""

    start: int
    end: int
    object: Expression
    key: Expression
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call:
    """`callee(args...)`; `at` is the offset of the first token of the arguments."""

    start: int
    end: int
    callee: Expression
    args: tuple[Expression, ...]
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MethodCall:
    """`object:name(args...)`: `object` is evaluated once and passed first. `at` as in `Call`."""

    start: int
    end: int
    object: Expression
    name: String
    args: tuple[Expression, ...]
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary:
    """An arithmetic, bitwise or comparison operator; `at` is the operator's offset."""

    start: int
    end: int
    op: BinaryOp
    left: Expression
    right: Expression
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Logical:
    """`left and right` or `left or right`: evaluates `right` only when needed."""

    start: int
    end: int
    op: LogicalOp
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary:
    """`-x`, `not x`, `#x` or `~x`; `at` is the operator's offset."""

    start: int
    end: int
    op: UnaryOp
    operand: Expression
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Concat:
    """`a .. b .. c`, right associative: two or more operands in source order; `ats` are the operators' offsets."""

    start: int
    end: int
    operands: tuple[Expression, ...]
    ats: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Paren:
    """`(inner)`: exactly one value. Kept for every pair of parentheses that was written."""

    start: int
    end: int
    inner: Expression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Positional:
    """A field without a key; the last one of a constructor contributes all its values."""

    value: Expression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Named:
    """`name = value`."""

    key: String
    value: Expression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Keyed:
    """`[key] = value`."""

    key: Expression
    value: Expression


Field: TypeAlias = Positional | Named | Keyed


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table:
    """A table constructor."""

    start: int
    end: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binding:
    """A place that declares a local variable: `Resolved.variables[index]` is that variable.

    Attributes:
        attrib: `const`, `close`, another word as written (an error reported by resolution), or None.
    """

    start: int
    end: int
    name: str
    index: int
    attrib: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Function:
    """A function body. `Resolved.functions[index]` is its scope; the chunk itself is index 0.

    Attributes:
        params: the named parameters, for a method (`function a:m()`) with `self` first.
        name: what to call it in messages (`f`, `a.b`, `a:m`), None where nothing in the source names it.
    """

    start: int
    end: int
    params: tuple[Binding, ...]
    is_vararg: bool
    body: Block
    index: int
    name: str | None = None


Expression: TypeAlias = (
    Nil
    | TrueE
    | FalseE
    | Integer
    | Float
    | String
    | Vararg
    | Function
    | Name
    | Index
    | Call
    | MethodCall
    | Binary
    | Logical
    | Unary
    | Concat
    | Paren
    | Table
)


# --- statements ---


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Block:
    """Statements that share a scope; a `Return` can only be the last one."""

    start: int
    end: int
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Local:
    """`local a <const>, b = ...`."""

    start: int
    end: int
    names: tuple[Binding, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assign:
    """`a, b.c = ...`."""

    start: int
    end: int
    targets: tuple[Name | Index, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CallStatement:
    """A call whose results are dropped."""

    start: int
    end: int
    call: Call | MethodCall


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Do:
    """`do ... end`."""

    start: int
    end: int
    body: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class While:
    """`while condition do ... end`."""

    start: int
    end: int
    condition: Expression
    body: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Repeat:
    """`repeat ... until condition`; the condition sees the body's locals."""

    start: int
    end: int
    body: Block
    condition: Expression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arm:
    """One `if` or `elseif` with its block."""

    condition: Expression
    body: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class If:
    """`if ... elseif ... else ... end`; `otherwise` is the else block."""

    start: int
    end: int
    arms: tuple[Arm, ...]
    otherwise: Block | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NumericFor:
    """`for variable = first, limit [, step] do ... end`; `at` is the offset of the `do`."""

    start: int
    end: int
    variable: Binding
    first: Expression
    limit: Expression
    step: Expression | None
    body: Block
    at: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GenericFor:
    """`for names in values do ... end`."""

    start: int
    end: int
    names: tuple[Binding, ...]
    values: tuple[Expression, ...]
    body: Block


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunctionStatement:
    """`function a.b.c()` or `function a:m()`: assigns `function` to `target`."""

    start: int
    end: int
    target: Name | Index
    function: Function


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LocalFunction:
    """`local function name()`: the name is in scope inside the body."""

    start: int
    end: int
    name: Binding
    function: Function


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Return:
    """`return ...`: a single `Call` or `MethodCall` (not in parentheses) is a proper tail call."""

    start: int
    end: int
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Break:
    """`break`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Goto:
    """`goto name`. `Resolved.gotos[index]` is where it leads."""

    start: int
    end: int
    name: str
    index: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Label:
    """`::name::`. `Resolved.labels[index]` says who jumps to it."""

    start: int
    end: int
    name: str
    index: int


Statement: TypeAlias = (
    Local
    | Assign
    | CallStatement
    | Do
    | While
    | Repeat
    | If
    | NumericFor
    | GenericFor
    | FunctionStatement
    | LocalFunction
    | Return
    | Break
    | Goto
    | Label
)
Node: TypeAlias = Expression | Statement | Block | Binding


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chunk:
    """A parsed source: its main function (index 0, vararg, no parameters) and how many of each index were given out."""

    main: Function
    names: int
    bindings: int
    functions: int
    gotos: int
    labels: int
