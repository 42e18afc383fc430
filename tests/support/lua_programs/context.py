# SPDX-License-Identifier: MIT
"""What a program that is being written has in scope, and how choices are drawn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeVar

Item = TypeVar("Item")
NAMES: Final = ("a", "b", "c", "d", "e", "f", "g", "h")
KINDS: Final = "ifsbtx"
"""Integer, float, string, boolean, list, anything."""


@dataclass(frozen=True)
class Variable:
    """A variable in scope.

    Attributes:
        kind: one of `KINDS`, `F` for functions, `o` for objects with metamethods.
        fixed: whether it must not be assigned.
        arity: parameters of a function.
        result: what kind a function returns first.
    """

    name: str
    kind: str
    fixed: bool = False
    arity: int = 0
    result: str = "x"


@dataclass
class Context:
    """The program so far; with `yields`, coroutines are part of the grammar."""

    random: Random
    lines: list[str] = field(default_factory=list)
    scopes: list[list[Variable]] = field(default_factory=lambda: [[]])
    varargs: list[bool] = field(default_factory=lambda: [True])
    loops: list[int] = field(default_factory=lambda: [0])
    left: int = 40
    labels: int = 0
    yields: bool = False

    # ---- choices; the first alternative is the simplest

    def below(self, n: int) -> int:
        return self.random.randrange(n)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) >= 100 - percent

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.random.randrange(len(items))]

    def weighted(self, table: Sequence[tuple[int, Callable[..., str]]]) -> Callable[..., str]:
        at = self.random.randrange(sum(w for w, _ in table))
        for weight, item in table:
            at -= weight
            if at < 0:
                return item
        raise AssertionError

    # ---- scopes

    @contextmanager
    def scope(self) -> Generator[None]:
        self.scopes.append([])
        try:
            yield
        finally:
            self.scopes.pop()

    @contextmanager
    def function(self, *, vararg: bool) -> Generator[None]:
        self.varargs.append(vararg)
        self.loops.append(0)
        with self.scope():
            yield
        self.varargs.pop()
        self.loops.pop()

    @contextmanager
    def loop(self) -> Generator[None]:
        self.loops[-1] += 1
        with self.scope():
            yield
        self.loops[-1] -= 1

    def declare(self, variable: Variable) -> None:
        self.scopes[-1].append(variable)

    def visible(self, kinds: str, *, writable: bool = False) -> list[Variable]:
        """Variables of one of `kinds` that nothing shadows."""
        seen: dict[str, Variable] = {}
        for scope in self.scopes:
            for variable in scope:
                seen[variable.name] = variable
        return [v for v in seen.values() if v.kind in kinds and not (writable and v.fixed)]

    def stop(self, text: str) -> str:
        """An expression, perhaps as one that may stop the coroutine it runs in."""
        return f"Y({text})" if self.yields and self.chance(20) else text

    def name(self) -> str:
        return self.pick(NAMES)

    def label(self) -> str:
        self.labels += 1
        return f"l{self.labels}"

    # ---- text

    def line(self, text: str) -> None:
        # a line that starts with a parenthesis would go on with the expression before it
        self.lines.append(f";{text}" if text.startswith("(") else text)

    @property
    def in_vararg(self) -> bool:
        return self.varargs[-1]
