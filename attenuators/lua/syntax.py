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

from typing import Literal, TypeAlias

from msgspec import Struct

ArithmeticOp: TypeAlias = Literal["+", "-", "*", "/", "//", "%", "^"]
BitwiseOp: TypeAlias = Literal["&", "|", "~", "<<", ">>"]
ComparisonOp: TypeAlias = Literal["==", "~=", "<", "<=", ">", ">="]
BinaryOp: TypeAlias = ArithmeticOp | BitwiseOp | ComparisonOp
UnaryOp: TypeAlias = Literal["-", "not", "#", "~"]
LogicalOp: TypeAlias = Literal["and", "or"]


class _Node(Struct, frozen=True, eq=False):
    """What all nodes have in common: they compare by identity, and do not print what they hold."""

    def __repr__(self) -> str:
        """The kind of node."""
        return f"<{type(self).__name__}>"


# --- expressions ---


class Nil(_Node, frozen=True, eq=False):
    """`nil`."""

    start: int
    end: int


class TrueE(_Node, frozen=True, eq=False):
    """`true`."""

    start: int
    end: int


class FalseE(_Node, frozen=True, eq=False):
    """`false`."""

    start: int
    end: int


class Integer(_Node, frozen=True, eq=False):
    """An integer numeral; `value` is already wrapped to the signed 64-bit range."""

    start: int
    end: int
    value: int


class Float(_Node, frozen=True, eq=False):
    """A float numeral (never NaN; `inf` when the numeral overflows, as in `1e999`)."""

    start: int
    end: int
    value: float


class String(_Node, frozen=True, eq=False):
    """A string literal, unescaped; also the key of `a.name` and of `name =` in a table constructor's `Named` field."""

    start: int
    end: int
    value: bytes


class Vararg(_Node, frozen=True, eq=False):
    """`...`: all extra arguments of the enclosing function."""

    start: int
    end: int


class Name(_Node, frozen=True, eq=False):
    """A use of a name. `Resolved.uses[index]` says what it denotes."""

    start: int
    end: int
    name: str
    index: int


class Index(_Node, frozen=True, eq=False):
    """`object[key]` or `object.name` (then `key` is a `String`); `at` is the offset of the dot or bracket."""

    start: int
    end: int
    object: Expression
    key: Expression
    at: int


class Call(_Node, frozen=True, eq=False):
    """`callee(args...)`; `at` is the offset of the first token of the arguments."""

    start: int
    end: int
    callee: Expression
    args: tuple[Expression, ...]
    at: int


class MethodCall(_Node, frozen=True, eq=False):
    """`object:name(args...)`: `object` is evaluated once and passed first. `at` as in `Call`."""

    start: int
    end: int
    object: Expression
    name: String
    args: tuple[Expression, ...]
    at: int


class Binary(_Node, frozen=True, eq=False):
    """An arithmetic, bitwise or comparison operator; `at` is the operator's offset."""

    start: int
    end: int
    op: BinaryOp
    left: Expression
    right: Expression
    at: int


class Logical(_Node, frozen=True, eq=False):
    """`left and right` or `left or right`: evaluates `right` only when needed."""

    start: int
    end: int
    op: LogicalOp
    left: Expression
    right: Expression


class Unary(_Node, frozen=True, eq=False):
    """`-x`, `not x`, `#x` or `~x`; `at` is the operator's offset."""

    start: int
    end: int
    op: UnaryOp
    operand: Expression
    at: int


class Concat(_Node, frozen=True, eq=False):
    """`a .. b .. c`, right associative: two or more operands in source order; `ats` are the operators' offsets."""

    start: int
    end: int
    operands: tuple[Expression, ...]
    ats: tuple[int, ...]


class Paren(_Node, frozen=True, eq=False):
    """`(inner)`: exactly one value. Kept for every pair of parentheses that was written."""

    start: int
    end: int
    inner: Expression


class Positional(_Node, frozen=True, eq=False):
    """A field without a key; the last one of a constructor contributes all its values."""

    value: Expression


class Named(_Node, frozen=True, eq=False):
    """`name = value`."""

    key: String
    value: Expression


class Keyed(_Node, frozen=True, eq=False):
    """`[key] = value`."""

    key: Expression
    value: Expression


Field: TypeAlias = Positional | Named | Keyed


class Table(_Node, frozen=True, eq=False):
    """A table constructor."""

    start: int
    end: int
    fields: tuple[Field, ...]


class Binding(_Node, frozen=True, eq=False):
    """A place that declares a local variable: `Resolved.variables[index]` is that variable.

    Attributes:
        attrib: `const`, `close`, another word as written (an error reported by resolution), or None.
    """

    start: int
    end: int
    name: str
    index: int
    attrib: str | None = None


class Function(_Node, frozen=True, eq=False):
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


class Block(_Node, frozen=True, eq=False):
    """Statements that share a scope; a `Return` can only be the last one."""

    start: int
    end: int
    statements: tuple[Statement, ...]


class Local(_Node, frozen=True, eq=False):
    """`local a <const>, b = ...`."""

    start: int
    end: int
    names: tuple[Binding, ...]
    values: tuple[Expression, ...]


class Assign(_Node, frozen=True, eq=False):
    """`a, b.c = ...`."""

    start: int
    end: int
    targets: tuple[Name | Index, ...]
    values: tuple[Expression, ...]


class CallStatement(_Node, frozen=True, eq=False):
    """A call whose results are dropped."""

    start: int
    end: int
    call: Call | MethodCall


class Do(_Node, frozen=True, eq=False):
    """`do ... end`."""

    start: int
    end: int
    body: Block


class While(_Node, frozen=True, eq=False):
    """`while condition do ... end`."""

    start: int
    end: int
    condition: Expression
    body: Block


class Repeat(_Node, frozen=True, eq=False):
    """`repeat ... until condition`; the condition sees the body's locals."""

    start: int
    end: int
    body: Block
    condition: Expression


class Arm(_Node, frozen=True, eq=False):
    """One `if` or `elseif` with its block."""

    condition: Expression
    body: Block


class If(_Node, frozen=True, eq=False):
    """`if ... elseif ... else ... end`; `otherwise` is the else block."""

    start: int
    end: int
    arms: tuple[Arm, ...]
    otherwise: Block | None


class NumericFor(_Node, frozen=True, eq=False):
    """`for variable = first, limit [, step] do ... end`; `at` is the offset of the `do`."""

    start: int
    end: int
    variable: Binding
    first: Expression
    limit: Expression
    step: Expression | None
    body: Block
    at: int


class GenericFor(_Node, frozen=True, eq=False):
    """`for names in values do ... end`."""

    start: int
    end: int
    names: tuple[Binding, ...]
    values: tuple[Expression, ...]
    body: Block


class FunctionStatement(_Node, frozen=True, eq=False):
    """`function a.b.c()` or `function a:m()`: assigns `function` to `target`."""

    start: int
    end: int
    target: Name | Index
    function: Function


class LocalFunction(_Node, frozen=True, eq=False):
    """`local function name()`: the name is in scope inside the body."""

    start: int
    end: int
    name: Binding
    function: Function


class Return(_Node, frozen=True, eq=False):
    """`return ...`: a single `Call` or `MethodCall` (not in parentheses) is a proper tail call."""

    start: int
    end: int
    values: tuple[Expression, ...]


class Break(_Node, frozen=True, eq=False):
    """`break`."""

    start: int
    end: int


class Goto(_Node, frozen=True, eq=False):
    """`goto name`. `Resolved.gotos[index]` is where it leads."""

    start: int
    end: int
    name: str
    index: int


class Label(_Node, frozen=True, eq=False):
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


class Chunk(_Node, frozen=True, eq=False):
    """A parsed source: its main function (index 0, vararg, no parameters) and how many of each index were given out."""

    main: Function
    names: int
    bindings: int
    functions: int
    gotos: int
    labels: int
