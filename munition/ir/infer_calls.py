# SPDX-License-Identifier: MIT
"""What goes into the functions of the program and comes out of them, as the inference follows it."""

from __future__ import annotations

from collections.abc import Iterable

from munition.ir.facts import Version
from munition.ir.infer_state import RESULTS, Inference
from munition.ir.lattice import INTEGER, NIL, TYPES, UNKNOWN, Mask


def give_away(s: Inference, callee: Mask, arguments: list[Mask], rest: Mask) -> None:
    """All of these escape."""
    s.escape(callee)
    s.escape(rest)
    for mask in arguments:
        s.escape(mask)


def call_function(s: Inference, number: int, arguments: list[Mask], rest: Mask) -> list[Mask]:
    """The results of a call of a function of the program with these arguments, and further ones in `rest`."""
    version = s.functions[number].version
    if version is not None:
        masks = [arguments[i] if i < len(arguments) else rest | NIL for i in version.integers]
        if not all(masks):
            return [0] * RESULTS  # nothing is known to be passed yet
        if only_integers(masks):
            number = s.number[version.symbol]
    facts, function = s.facts[number], s.functions[number]
    s.callers[number].add(s.current)
    grown = not facts.called
    facts.called = True
    if not facts.escaped:
        for i in range(function.parameters):
            mask = arguments[i] if i < len(arguments) else rest | NIL
            if mask & ~facts.registers[i]:
                facts.registers[i] |= mask
                grown = True
    extra = rest
    for mask in arguments[function.parameters :]:
        extra |= mask
    if facts.escaped:
        s.escape(extra)
        for mask in arguments:
            s.escape(mask)
    if function.vararg and extra & ~facts.extra:
        facts.extra |= extra
        grown = True
    if grown:
        s.wake({number})
    return [m | (NIL if i >= facts.fewest or i == RESULTS - 1 else 0) for i, m in enumerate(facts.results)]


def only_integers(masks: Iterable[Mask]) -> bool:
    """Whether values of the masks are integers and nothing else."""
    return all(mask & (TYPES | UNKNOWN) == INTEGER for mask in masks)


def call_version(s: Inference, version: Version) -> None:
    """The current function leaves to its version what it is called with that fits."""
    arguments = s.registers[: s.functions[s.current].parameters]
    for i in version.integers:
        arguments[i] &= INTEGER
        if not arguments[i]:
            return
    add_results(s, call_function(s, s.number[version.symbol], arguments, 0))


def result_at(results: list[Mask], index: int) -> Mask:
    """One of the results of a call."""
    return results[min(index, RESULTS - 1)] | (NIL if index >= RESULTS - 1 else 0)


def add_results(s: Inference, results: list[Mask]) -> None:
    """The current function can return these."""
    facts = s.facts_now
    grown = False
    for i, mask in enumerate(results):
        if mask & ~facts.results[i]:
            facts.results[i] |= mask
            grown = True
        if facts.escaped:
            s.escape(mask)
    if grown:
        s.wake(s.callers[s.current])
