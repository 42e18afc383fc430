# SPDX-License-Identifier: MIT
"""A long differential campaign: `python -m tests.support.campaign --seconds 3600 --seed 1`.

Prints every disagreement, reduced, and at the end how many programs were tried. Half the programs are compiled with
every optimisation; the other half take turns in switching one off, and in checking what was inferred (`--all` for none
of that, `--variant` for one of them alone).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from random import Random

from munition.ir.switches import ALL, VARIANTS, Switches
from tests.support.differential import STEPS, Disagreement, compare, join_programs
from tests.support.lua_programs import program
from tests.support.oracle import Behaviour, Oracle
from tests.support.reduce import reduce_program

_TOGETHER = 24
_TELL = 25  # batches between two lines of progress
_SHOWN = 2000  # characters of a behaviour that are printed
_TURNS = [switches for variant in VARIANTS.values() for switches in (ALL, variant)]


def main(arguments: list[str] | None = None) -> int:
    """Run it; 1 if there was a disagreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--stop-after", type=int, default=20, metavar="N", help="disagreements")
    parser.add_argument("--all", action="store_true", help="every optimisation, always")
    parser.add_argument("--variant", choices=sorted(VARIANTS), help="this switch turned, always")
    options = parser.parse_args(arguments)
    turns = [VARIANTS[options.variant]] if options.variant else [ALL] if options.all else _TURNS
    oracle = Oracle()
    seed, end, found = options.seed, time.monotonic() + options.seconds, 0
    while time.monotonic() < end and found < options.stop_after:
        batch = (seed - options.seed) // options.batch
        # Collecting always is the harder test; a quarter of the programs run plainly. Coroutines make all code another.
        yields = batch % 2 == 1
        switches = turns[batch // 4 % len(turns)]
        programs = [
            program(Random(seed + i), 20 if yields else 40, yields=yields) for i in range(options.batch)
        ]
        for bad in compare(oracle, programs, stress=batch % 4 != 3, switches=switches):
            found += 1
            sys.stdout.write(
                f"---- seed {seed + programs.index(bad.program)}, {report(oracle, bad, switches)}"
            )
            sys.stdout.flush()
        seed += options.batch
        if batch % _TELL == _TELL - 1:
            sys.stderr.write(f"... {seed - options.seed} programs, {found} disagreements, next seed {seed}\n")
    oracle.close()
    sys.stdout.write(f"{seed - options.seed} programs, {found} disagreements, next seed {seed}\n")
    return int(found > 0)


def report(oracle: Oracle, bad: Disagreement, switches: Switches = ALL) -> str:
    """A disagreement, reduced, for people."""
    mode = bad.stress

    def shows(texts: Sequence[str]) -> list[bool]:
        valid = [t for t in texts if oracle.run(join_programs([t]), 1, STEPS).status != "refused"]
        out: set[str] = set()
        for at in range(0, len(valid), _TOGETHER):
            for found in compare(oracle, valid[at : at + _TOGETHER], stress=mode, switches=switches):
                if _kind(found) == _kind(bad):
                    out.add(found.program)
        return [t in out for t in texts]

    small = reduce_program(bad.program, shows)
    again = (compare(oracle, [small], stress=mode, switches=switches) or [bad])[0]
    title = "collecting at every allocation" if mode else "plainly"
    title += "".join(f", {name} turned" for name, variant in VARIANTS.items() if variant == switches)
    return f"{title}:\n{small}\nexpected {_shown(again.expected)}\nactual   {_shown(again.actual)}\n"


def _shown(behaviour: Behaviour) -> str:
    """What a program did, with the middle of a long output left out."""
    text = str(behaviour)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]} ... {text[-_SHOWN // 2 :]}"


def _kind(bad: Disagreement) -> tuple[str, str]:
    """What two disagreements have in common if they may have one cause."""
    crash = bad.actual.values[:1] and isinstance(bad.actual.values[0], tuple) and bad.actual.values[0][0]
    return bad.actual.status, str(crash)


if __name__ == "__main__":
    sys.exit(main())
