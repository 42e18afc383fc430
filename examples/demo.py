# SPDX-License-Identifier: MIT
"""`make demo`: a few scripts compiled, inspected and fired, and what a denied and an endless one look like.

Everything shown is the command line at work: each line after `$` is run as it stands, and the demo fails if one of
them does not end as it should.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What is said, the command, the exit code it must have.
STEPS: tuple[tuple[str, str, int], ...] = (
    (
        "A pricing rule. It only computes, so its module imports nothing.",
        "compile examples/pricing.lua -o build/demo/pricing.wasm -v",
        0,
    ),
    ("What does it need? Read from the bytes.", "infer build/demo/pricing.wasm", 0),
    (
        "Fire one of its functions with an order, in a fresh instance.",
        "fire build/demo/pricing.wasm process @examples/data/order.json -v",
        0,
    ),
    (
        "The same rule in AssemblyScript: typed, and called in the same way.",
        "compile examples/pricing.ts -o build/demo/pricing-ts.wasm --timeout 60",
        0,
    ),
    (
        "A value that does not fit is refused before anything runs, by name.",
        """fire build/demo/pricing-ts.wasm process '{"lines": [{"sku": "A", "unit_cents": 250, "quantity": "12"}]}'""",
        2,
    ),
    (
        "A log-line classifier prints, and printing is a capability too.",
        "run examples/classify.lua --caps log -v",
        0,
    ),
    ("A parse, a transformation, and JSON again, all in Lua.", "run examples/json.lua --caps log -v", 0),
    ("Something to look at.", "run examples/mandelbrot.lua --caps log -v", 0),
    ("All solutions of the ten queens: how many, and the first.", "run examples/queens.lua 10 -v", 0),
    ("Telling the time was not declared: refused before it runs.", "run examples/clock.lua", 3),
    ("Declared and granted, it runs.", "run examples/clock.lua --caps time -v", 0),
    ("A thief. Nobody can grant what it wants.", "run examples/thief.lua --caps log,time", 3),
    ("A script without an end, and a little fuel.", "run examples/endless.lua --fuel 50000000", 5),
)


def main() -> int:
    """Run the steps; return how many did not end as they should."""
    os.chdir(ROOT)
    Path("build/demo").mkdir(parents=True, exist_ok=True)
    return sum(not _step(*step) for step in STEPS)


def _step(said: str, arguments: str, expected: int) -> bool:
    bold, reset = (
        ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else ("", "")
    )
    print(f"\n# {said}\n{bold}$ munition {arguments}{reset}", flush=True)
    ended = subprocess.run(
        [sys.executable, "-m", "munition", *shlex.split(arguments)],
        check=False,
        timeout=120,
        stderr=None if sys.stderr.isatty() else subprocess.STDOUT,
    )
    print(f"[exit code {ended.returncode}]", flush=True)
    if ended.returncode != expected:
        print(f"demo: exit code {expected} was expected", file=sys.stderr)
    return ended.returncode == expected


if __name__ == "__main__":
    sys.exit(main())
