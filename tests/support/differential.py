# SPDX-License-Identifier: MIT
"""Programs run by the reference implementation and by munition, and where the two differ.

The engine takes a quarter of a second for the guest runtime that every module carries, so programs share modules: each
becomes an arm of a chunk that runs the one its argument names, half of them in the chunk itself (whose variables are
program variables) and half in functions (whose variables are registers and boxes). Every arm runs in an instance of
its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from munition.ir.switches import ALL, Switches
from tests.support import subject
from tests.support.lua_programs import PRELUDE, coroutines
from tests.support.oracle import Behaviour, Oracle


@dataclass(frozen=True)
class Disagreement:
    """A program that behaves differently.

    Attributes:
        program: its text.
        stress: whether garbage was collected at every allocation.
        expected: what the reference implementation does.
        actual: what munition does.
    """

    program: str
    stress: bool
    expected: Behaviour
    actual: Behaviour


STEPS: Final = 5_000_000  # of the reference implementation; programs that take more are passed over


# The oracle has other limits of time and memory than a fire.
_UNLIKE: Final = (b"step limit of the oracle", b"not enough memory")


def join_programs(programs: Sequence[str]) -> bytes:
    """One chunk that runs the program its argument names, counted from 1."""
    functions = [f"local function run{k}(...)\n{p}\nend\n" for k, p in enumerate(programs, 1) if k % 2]
    arms = [
        f"if which == {k} then\n" + (f"return run{k}(which, nil, 'x')" if k % 2 else p) + "\nend\n"
        for k, p in enumerate(programs, 1)
    ]
    # Code that may yield is another code: programs without coroutines are compiled without them.
    stops = coroutines.PRELUDE if any(_STOPS.search(p) for p in programs) else ""
    return "".join(["local which = ...\n", PRELUDE, stops, *functions, *arms]).encode("latin-1")


def compare(
    oracle: Oracle, programs: Sequence[str], *, stress: bool | None = None, switches: Switches = ALL
) -> list[Disagreement]:
    """Run all programs, plainly and under stress (or only as `stress` says), and return the ones that differ."""
    source = join_programs(programs)
    expected = [normal(oracle.run(source, k, STEPS)) for k in range(1, len(programs) + 1)]
    if expected and expected[0].status == "refused":
        return _compare_each(oracle, programs, stress, switches)
    out: list[Disagreement] = []
    for mode in (False, True) if stress is None else (stress,):
        module = subject.compiled(source, stress=mode, switches=switches)
        for k, program in enumerate(programs, 1):
            want = expected[k - 1]
            if want.status == "timeout" or any(
                text in want.output + repr(want.values).encode() for text in _UNLIKE
            ):
                continue
            got = module if isinstance(module, Behaviour) else subject.fired(module, k)
            if mode and _is_out_of_fuel(
                got
            ):  # marking a deep stack at every allocation is not to be waited for
                got = _fire_plainly(source, k, switches)
            if normal(got) != want:
                out.append(Disagreement(program, mode, want, normal(got)))
    return out


def _is_out_of_fuel(behaviour: Behaviour) -> bool:
    crash = behaviour.values[:1]
    return bool(crash) and isinstance(crash[0], tuple) and crash[0][:2] == ("crash", "fuel")


def _fire_plainly(source: bytes, which: int, switches: Switches) -> Behaviour:
    module = subject.compiled(source, switches=switches)
    return module if isinstance(module, Behaviour) else subject.fired(module, which)


def _compare_each(
    oracle: Oracle, programs: Sequence[str], stress: bool | None, switches: Switches
) -> list[Disagreement]:
    """Programs one by one, because the reference refuses at least one of them; then it is enough that both refuse."""
    if len(programs) > 1:
        return [d for p in programs for d in compare(oracle, [p], stress=stress, switches=switches)]
    source = join_programs(programs)
    module = subject.compiled(source)
    if isinstance(module, Behaviour):
        return []
    return [Disagreement(programs[0], False, oracle.run(source, 1), Behaviour("compiled", (), b""))]


_STOPS: Final = re.compile(r"\b[YRWO]\(|coroutine")
_NAN: Final = re.compile(rb"-(?=nan)|(?<=nan)-", re.IGNORECASE)  # also of text that is reversed
_HARNESS: Final = re.compile(rb"""\[string \\?"<python>\\?"\]:\d+: """)  # a level beyond the chunk
_ADDRESS: Final = re.compile(rb"\b(\w+): (?:builtin: )?0x[0-9a-fA-F]+")


def normal(behaviour: Behaviour) -> Behaviour:
    """The behaviour without what two implementations need not agree on: the sign of NaN, addresses, who called the chunk."""
    return replace(
        behaviour,
        values=tuple(_normal_value(v) for v in behaviour.values),
        output=_normal_text(behaviour.output),
    )


def _normal_value(value: Any) -> Any:
    return _normal_text(value) if isinstance(value, bytes) else value


def _normal_text(text: bytes) -> bytes:
    return _ADDRESS.sub(rb"\1: address", _HARNESS.sub(b"", _NAN.sub(b"", text)))
