# SPDX-License-Identifier: MIT
"""Which functions of the runtime a program cannot get to call unless it holds certain others, or does certain things.

The walk over relocations keeps what may be called as far as C can tell. These tables add what only the meaning of the
functions tells: no table is ever encoded in a program that makes none. A mistake here is a trap at run time, never a wrong
result, and the differential campaign would run into it.
"""

from __future__ import annotations

import enum
from typing import Final


class Need(enum.Enum):
    """What the code generator finds that a program does."""

    ARGUMENTS = "look at what the host passes"
    ARG = "read the global `arg`"
    RESULTS = "give values to the host"


NEEDED: Final[dict[Need, dict[str, str | None]]] = {
    Need.ARGUMENTS: {
        "entry_arguments": "no_arguments",
        "entry_input": "no_input",
        "entry_refuse_arguments": None,
    },
    Need.ARG: {"entry_set_arg": "no_arg"},
    Need.RESULTS: {"entry_report_results": None},
}
"""What is never called unless the program does that -> what stands in for it."""

BROUGHT: Final[tuple[tuple[dict[str, str | None], frozenset[str]], ...]] = (
    # Nothing fails that nothing makes fail.
    ({"entry_report_error": None}, frozenset({"error_set_pending"})),
    ({"heap_init": "no_heap"}, frozenset({"run_take", "heap_collect"})),
)
"""What is never called -> unless one of these is there."""
