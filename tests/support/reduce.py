# SPDX-License-Identifier: MIT
"""Smaller programs that still show what a program showed: lines and whole blocks are left out as long as that holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Shows = Callable[[Sequence[str]], Sequence[bool]]
"""For each of some programs, whether it still shows it."""

_OPENS = re.compile(r"\b(?:function|do|then|repeat)\b")
_CLOSES = re.compile(r"\b(?:end|until|elseif)\b")


def reduce_program(program: str, shows: Shows, rounds: int = 30) -> str:
    """A part of `program` for which `shows` still holds; each round asks once, about many candidates."""
    lines = program.split("\n")
    for _ in range(rounds):
        cuts = _cuts(lines)
        good = [cut for cut, yes in zip(cuts, shows([_without(lines, c) for c in cuts]), strict=True) if yes]
        if not good:
            break
        lines = _without(lines, _best_union(lines, good, shows)).split("\n")
    return "\n".join(lines)


def _best_union(lines: list[str], good: list[frozenset[int]], shows: Shows) -> frozenset[int]:
    """The largest working union of a first part of the cuts, biggest cuts first."""
    good = sorted(good, key=len, reverse=True)
    unions = [frozenset[int]().union(*good[: max(1, len(good) * k // 8)]) for k in range(1, 9)]
    works = shows([_without(lines, u) for u in unions])
    return max([good[0], *(u for u, yes in zip(unions, works, strict=True) if yes)], key=len)


def _without(lines: list[str], cut: frozenset[int]) -> str:
    return "\n".join(line for i, line in enumerate(lines) if i not in cut)


def _cuts(lines: list[str]) -> list[frozenset[int]]:
    """Single lines, whole blocks, the first and last line of a block, and large slices."""
    out = [frozenset({i}) for i in range(len(lines))]
    for start, stop in _blocks(lines):
        out += [frozenset(range(start, stop + 1)), frozenset({start, stop})]
    width = len(lines) // 2
    while width > 3:
        out += [frozenset(range(at, at + width)) for at in range(0, len(lines), width)]
        width //= 2
    return [cut for cut in dict.fromkeys(out) if len(cut) < len(lines)]


def _blocks(lines: list[str]) -> list[tuple[int, int]]:
    """First and last lines of blocks that span lines."""
    open_: list[int] = []
    out: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        change = len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
        for _ in range(change):
            open_.append(i)
        for _ in range(-change):
            if open_:
                out.append((open_.pop(), i))
    return out
