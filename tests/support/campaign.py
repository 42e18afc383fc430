# SPDX-License-Identifier: MIT
"""A long differential campaign: `python -m tests.support.campaign --seconds 3600 --seed 1`.

Prints every disagreement, reduced, and at the end how many programs were tried.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from random import Random

from munition.ir.switches import ALL, Switches
from tests.support.differential import Disagreement, compare, join_programs
from tests.support.lua_programs import program
from tests.support.oracle import Oracle
from tests.support.reduce import reduce_program

_TOGETHER = 24
OPTIMISATIONS = ("types", "entries", "methods", "appends")


def main(arguments: list[str] | None = None) -> int:
    """Run it; 1 if there was a disagreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--stop-after", type=int, default=20, metavar="N", help="disagreements")
    parser.add_argument("--check", action="store_true", help="compare what was inferred with what happens")
    parser.add_argument("--without", action="append", default=[], choices=OPTIMISATIONS)
    options = parser.parse_args(arguments)
    switches = Switches(**dict.fromkeys(options.without, False), check=options.check)
    oracle = Oracle()
    seed, end, found = options.seed, time.monotonic() + options.seconds, 0
    while time.monotonic() < end and found < options.stop_after:
        batch = (seed - options.seed) // options.batch
        # Collecting always is the harder test; a quarter of the programs run plainly. Coroutines make all code another.
        yields = batch % 2 == 1
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
    oracle.close()
    sys.stdout.write(f"{seed - options.seed} programs, {found} disagreements, next seed {seed}\n")
    return int(found > 0)


def report(oracle: Oracle, bad: Disagreement, switches: Switches = ALL) -> str:
    """A disagreement, reduced, for people."""
    mode = bad.stress

    def shows(texts: Sequence[str]) -> list[bool]:
        valid = [t for t in texts if oracle.run(join_programs([t]), 1).status != "refused"]
        out: set[str] = set()
        for at in range(0, len(valid), _TOGETHER):
            for found in compare(oracle, valid[at : at + _TOGETHER], stress=mode, switches=switches):
                if _kind(found) == _kind(bad):
                    out.add(found.program)
        return [t in out for t in texts]

    small = reduce_program(bad.program, shows)
    again = (compare(oracle, [small], stress=mode, switches=switches) or [bad])[0]
    title = "collecting at every allocation" if mode else "plainly"
    return f"{title}:\n{small}\nexpected {again.expected}\nactual   {again.actual}\n"


def _kind(bad: Disagreement) -> tuple[str, str]:
    """What two disagreements have in common if they may have one cause."""
    crash = bad.actual.values[:1] and isinstance(bad.actual.values[0], tuple) and bad.actual.values[0][0]
    return bad.actual.status, str(crash)


if __name__ == "__main__":
    sys.exit(main())
