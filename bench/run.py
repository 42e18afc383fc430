# SPDX-License-Identifier: MIT
"""`make bench`: every case of bench/suites, measured and reported.

python -m bench.run [--only TEXT] [--rounds N] [--seconds S] [--strict] [--no-save]
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from bench.harness import Case, Result, measure
from bench.report import circumstances, save, table


def main() -> int:
    """Run the cases; with --strict the exit code is 1 if a target was missed."""
    options = _options()
    results: list[Result] = []
    around = circumstances()
    for case in _cases(options.only):
        print(f"... {case.name}", file=sys.stderr, flush=True)
        results += measure(case, options.rounds, options.seconds)
    print(table(results))
    if not options.no_save:
        print(f"\nwritten to {save(results, around)}", file=sys.stderr)
    return int(options.strict and any(row.met is False for row in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.2, help="of one contender in one round")
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    return parser.parse_args()


def _cases(only: str) -> list[Case]:
    found: list[Case] = []
    for path in sorted((Path(__file__).parent / "suites").glob("*.py")):
        found += importlib.import_module(f"bench.suites.{path.stem}").cases()
    return [case for case in found if only in case.name]


if __name__ == "__main__":
    sys.exit(main())
