# SPDX-License-Identifier: MIT
"""The twenty programs, their groups, their arguments, and what is asked of each group.

A program is the text of `programs/NAME.lua`: every contender runs the same bytes. Its size comes from its arguments, it checks
its own result by other means than it computed it, and it returns a text that must be the same for all contenders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "programs"

NUMERIC: Final = "typed numeric and calls"
ARRAYS: Final = "array loops"
METHODS: Final = "method calls and closures"
ALLOCATION: Final = "allocation"
STRINGS: Final = "string building"
LIBRARY: Final = "format, patterns and sort"
COROUTINES: Final = "coroutines"

TARGETS: Final = {
    NUMERIC: 0.25,
    ARRAYS: 0.55,
    METHODS: 0.60,
    ALLOCATION: 0.80,
    STRINGS: 0.90,
    LIBRARY: 1.40,
    COROUTINES: 1.20,
}
"""CPU time relative to the reference implementation: geometric mean of the group, at most."""

OVERALL_TARGET: Final = 0.50
WORST_TARGET: Final = 1.80


@dataclass(frozen=True, slots=True)
class Program:
    """One program.

    Attributes:
        name: of the file.
        group: one of `TARGETS`.
        arguments: what it gets as `...`.
    """

    name: str
    group: str
    arguments: tuple[int, ...]

    @property
    def path(self) -> Path:
        """Its file."""
        return FOLDER / f"{self.name}.lua"


PROGRAMS: Final = (
    Program("fib", NUMERIC, (29,)),
    Program("mandelbrot", NUMERIC, (256, 50)),
    Program("spectral_norm", NUMERIC, (180,)),
    Program("nbody", ARRAYS, (40_000,)),
    Program("fannkuch", ARRAYS, (9,)),
    Program("queens", ARRAYS, (10,)),
    Program("matmul", ARRAYS, (150,)),
    Program("sieve", ARRAYS, (300_000, 3)),
    Program("closures", METHODS, (300_000,)),
    Program("methods", METHODS, (400_000,)),
    Program("scheduler", METHODS, (60_000,)),
    Program("binary_trees", ALLOCATION, (13, 15)),
    Program("string_append", STRINGS, (1_500, 200)),
    Program("table_concat", STRINGS, (150_000,)),
    Program("format", LIBRARY, (100_000,)),
    Program("patterns", LIBRARY, (2_000,)),
    Program("insert_sort", LIBRARY, (40_000,)),
    Program("json", LIBRARY, (150,)),
    Program("word_count", LIBRARY, (80,)),
    Program("coroutine_ping_pong", COROUTINES, (300_000,)),
)
