# SPDX-License-Identifier: MIT
"""`make bench-lua`: the twenty programs, measured and reported.

python -m bench.lua.run [--only NAME,NAME] [--rounds N] [--strict] [--no-save]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

from bench.lua.compiling import compiling_table, measure_compiling
from bench.lua.contenders import OURS, REFERENCE, Metered, contenders, on_large_stack
from bench.lua.measure import chosen, compile_all, geometric_mean, group_means, measure
from bench.lua.pauses import measure_pauses, pauses_table
from bench.lua.programs import OVERALL_TARGET, PROGRAMS, TARGETS, WORST_TARGET
from bench.lua.report import Sizes, save, table
from bench.report import circumstances


def main() -> int:
    """Run it; with --strict the exit code is 1 if a target was missed."""
    options = _options()
    programs = chosen(options.only)
    modules, seconds = compile_all(programs)
    everybody = contenders(modules)
    for contender in everybody:
        if contender.run is None:
            print(f"SKIPPED {contender.name}: {contender.note}", file=sys.stderr)
    reference = everybody[0].run
    if reference is None:
        return 8
    around = circumstances() | {"commit": _commit()}
    names = options.against.split(",")
    taking_part = [c for c in everybody if c.name in (REFERENCE, OURS) or any(n in c.name for n in names)]
    rows = on_large_stack(lambda: measure(programs, taking_part, options.rounds))
    last = on_large_stack(lambda: _fire_again(modules, programs))
    sizes = {
        p.name: Sizes(seconds[p.name], len(modules[p.name].wasm), last.peak_memory[p.name], last.fuel[p.name])
        for p in programs
    }
    pauses = on_large_stack(lambda: measure_pauses(reference, options.rounds))
    compiled = compiling_table(measure_compiling(options.rounds))
    text = f"{table(rows, taking_part, sizes)}\n\n{compiled}\n\n{pauses_table(pauses)}"
    print(text)
    if not options.no_save and len(programs) == len(PROGRAMS):
        print(f"\nwritten to {save(rows, sizes, text, around)}", file=sys.stderr)
    return int(options.strict and _missed(rows))


def _fire_again(modules: Any, programs: Any) -> Metered:
    """Once more, for what does not depend on time."""
    metered = Metered(modules)
    for program in programs:
        metered.run(program)
    return metered


def _missed(rows: Any) -> bool:
    ratios = [row.ratio(OURS) for row in rows]
    groups = group_means(rows)
    return (
        geometric_mean(ratios) > OVERALL_TARGET
        or max(ratios) > WORST_TARGET
        or any(mean > TARGETS[group] for group, mean in groups.items())
    )


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", default="", help="programs whose name holds one of these, with commas between"
    )
    parser.add_argument(
        "--against", default="", help="contenders besides the reference whose name holds one of these"
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
