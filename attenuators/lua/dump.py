# SPDX-License-Identifier: MIT
"""Tokens and trees as text, for `--emit` and for tests. Without recursion, so that any tree can be printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from msgspec import Struct

from munition.attenuators.lua.lexer import Tokens
from munition.attenuators.lua.syntax import Chunk
from munition.attenuators.lua.tables import load
from munition.source import Source

_MAX_INDENT: Final = 40  # levels; a chain of thirty thousand operands is printed in a column
_PLACES: Final = frozenset(("start", "end", "at", "ats"))


def dump_tokens(source: Source, tokens: Tokens) -> str:
    """One token per line: line and column (in bytes), terminal, and the value of a name or literal."""
    terminals = load().terminals
    line_starts = source.line_starts
    lines: list[str] = []
    for kind, value, start in zip(tokens.kinds, tokens.values, tokens.starts, strict=True):
        line = source.line_of(start)
        shown = "" if value is None else f" {value!r}"
        lines.append(f"{line}:{start - line_starts[line - 1] + 1} {terminals[kind]}{shown}")
    return "\n".join(lines) + "\n"


def dump_chunk(chunk: Chunk) -> str:
    """The tree, one node or field per line, children indented below their parents; places left out."""
    lines: list[str] = []
    work: list[tuple[int, str, Any]] = [(0, "", chunk.main)]
    while work:
        depth, label, item = work.pop()
        indent = "  " * depth if depth <= _MAX_INDENT else "  " * _MAX_INDENT + f"[{depth}] "
        if _is_node(item):
            lines.append(f"{indent}{label}{type(item).__name__}{_inline(item)}")
            children = list(_children(item))
        elif _is_tuple(item):
            lines.append(f"{indent}{label}{len(item)}")
            children = [("", child) for child in item]
        else:
            lines.append(f"{indent}{label}{item!r}")
            continue
        work.extend((depth + 1, name, child) for name, child in reversed(children))
    return "\n".join(lines) + "\n"


def _is_tuple(item: object) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(item, tuple)


def _is_node(item: object) -> bool:
    return isinstance(item, Struct)


def _inline(node: Any) -> str:
    """The fields of a node that are no nodes."""
    parts = [
        f"{name}={value!r}"
        for name, value in _values(node)
        if not _is_node(value) and not isinstance(value, tuple)
    ]
    return f" {' '.join(parts)}" if parts else ""


def _children(node: Any) -> Iterator[tuple[str, Any]]:
    for name, value in _values(node):
        if _is_node(value) or (isinstance(value, tuple) and value):
            yield f"{name}: ", value


def _values(node: Any) -> Iterator[tuple[str, Any]]:
    for field in node.__struct_fields__:
        if field not in _PLACES:
            value: Any = getattr(node, field)
            yield field, value
