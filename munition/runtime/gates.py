# SPDX-License-Identifier: MIT
"""Which functions of the runtime a program cannot get to call unless it holds certain others, or does certain things.

The walk over relocations keeps what may be called as far as C can tell. These tables add what only the meaning of the
functions tells: no table is ever encoded in a program that makes none. A mistake here is a trap at run time, never a wrong
result, and the differential campaign would run into it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Need(enum.Enum):
    """What the code generator finds that a program does."""

    ARGUMENTS = "look at what the host passes"
    ARG = "read the global `arg`"
    RESULTS = "give values to the host"
    TABLES = "get hold of a table it did not make"
    STRING_METHODS = "index strings"
    METATABLES = "get hold of an object of a library"
    FLOATS = "compute with floats"
    DEPTH = "call a function of its own"
    CALLS = "call what may be no function"
    FIELDS = "read a field that may not be there"
    TEXTS = "print what may be no string"
    POWER = "raise to a power"
    REMAINDER = "take a remainder of floats"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the runtime.

    Attributes:
        functions: those that are never called without need -> what stands in for them; None: nothing calls them.
        needs: any of these, and the part is needed.
        openers: functions of the runtime; any of these in the module, and the part is needed.
    """

    functions: Mapping[str, str | None]
    needs: frozenset[Need] = frozenset()
    openers: frozenset[str] = frozenset()


# Who can give a value a metatable, or change the one of strings.
_METATABLES: Final = frozenset({"lua_base_setmetatable", "lua_base_getmetatable", "userdata_new"})

PARTS: Final = (
    Part(
        {"entry_arguments": "no_arguments", "entry_input": "no_input", "entry_refuse_arguments": None},
        frozenset({Need.ARGUMENTS}),
    ),
    Part({"entry_set_arg": "no_arg"}, frozenset({Need.ARG})),
    Part({"entry_report_results": None}, frozenset({Need.RESULTS})),
    # Nothing fails that nothing makes fail.
    Part({"entry_report_error": None}, openers=frozenset({"error_set_pending"})),
    Part({"heap_init": "no_heap"}, openers=frozenset({"run_take", "heap_collect"})),
    Part(
        {"codec_write_table": None, "table_release": None}, frozenset({Need.TABLES}), frozenset({"table_new"})
    ),
    # What strings know they know from a metatable.
    Part(
        {
            "metamethod": "no_metamethod",
            "meta_index_chain": "no_index_chain",
            "meta_index_string": "no_index_string",
        },
        frozenset({Need.STRING_METHODS, Need.METATABLES}),
        _METATABLES,
    ),
    Part(
        {
            "meta_set": "no_set",
            "meta_call1": None,
            "meta_call2": None,
            "meta_call3": None,
            "text_by_metamethod": None,
            "call_metamethod": "no_call_metamethod",
        },
        frozenset({Need.METATABLES}),
        _METATABLES,
    ),
    Part(
        {"number_format_g14": None},
        frozenset({Need.FLOATS}),
        frozenset({"codec_decode", "rt_arith", "rt_for_prepare"}),
    ),
    Part(
        {"rt_stack_overflow": None},
        frozenset({Need.DEPTH}),
        frozenset({"stack_reserve", "invoke_values", "invoke_begin", "call_metamethod"}),
    ),
    Part(
        {"rt_call": None, "rt_callee": None},
        frozenset({Need.CALLS}),
        frozenset({"invoke_values", "lua_base_xpcall"}),
    ),
    Part({"rt_index_string": None}, frozenset({Need.FIELDS}), frozenset({"lua_os_time"})),
    # Errors are reported as text: what they are in a program that raises none itself are strings.
    Part({"value_to_string": "no_text"}, frozenset({Need.TEXTS})),
    Part({"arith_power": None}, frozenset({Need.POWER})),
    Part({"arith_remainder": None}, frozenset({Need.REMAINDER})),
)
