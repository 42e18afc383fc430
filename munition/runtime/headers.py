# SPDX-License-Identifier: MIT
"""Generate the C files that repeat constants of layout.py: `layout.h`, and `names.c` with the runtime's own strings."""

from __future__ import annotations

from typing import Final

from munition.runtime import layout

_PREAMBLE: Final = "/* SPDX-License-Identifier: MIT */\n/* Generated from layout.py by `make runtime`. */\n"

_TAGS: Final = (
    "NIL", "FALSE", "TRUE", "INTEGER", "FLOAT", "STRING", "TABLE", "FUNCTION", "COROUTINE", "USERDATA", "BOX", "FRAME",
)  # fmt: skip

_CONSTANTS: Final = (
    "CELL_SIZE", "CELL_TAG", "CELL_AUX",
    "STRING_LENGTH", "STRING_HASH", "STRING_NEXT", "STRING_BYTES", "STRING_INTERNED", "SHORT_STRING",
    "TABLE_METATABLE", "TABLE_ARRAY", "TABLE_ARRAY_LENGTH", "TABLE_ARRAY_CAPACITY", "TABLE_ENTRIES",
    "TABLE_ENTRY_COUNT", "TABLE_ENTRY_CAPACITY", "TABLE_INDEX", "TABLE_INDEX_MASK", "TABLE_ABSENT", "TABLE_NAMES",
    "TABLE_SIZE", "METHOD_GUESS", "METHOD_META", "METHOD_CELL", "METHOD_NEXT", "METHOD_SIZE", "METHOD_NONE",
    "ENTRY_SIZE", "ENTRY_KEY_STRING", "ENTRY_VALUE", "ENTRY_VALUE_TAG", "LINEAR_ENTRIES",
    "CLOSURE_SLOT", "CLOSURE_INFO", "CLOSURE_UPVALUE_COUNT", "CLOSURE_UPVALUES",
    "BOX_VALUE", "BOX_TAG", "BOX_SIZE",
    "STATE_SP", "STATE_PENDING", "STATE_STACK_LIMIT", "STATE_RESULT_COUNT", "STATE_ERROR", "STATE_HEAP_START",
    "STATE_STACK_BASE",
    "PENDING_NONE", "PENDING_ERROR", "PENDING_EXIT", "PENDING_YIELD", "PENDING_CLOSE",
    "CALL_TAIL", "FRAME_LEFT",
    "CONFIG_GC_STRESS", "CONFIG_ENTROPY", "SITE_SIZE", "INFO_SIZE", "INFO_VARARG", "INFO_MAIN",
)  # fmt: skip

_SPECIAL_NAMES: Final = {"": "EMPTY", "?": "UNKNOWN", "-inf": "MINUS_INF", "-nan": "MINUS_NAN"}


def name_constant(text: str) -> str:
    """The C constant that numbers a runtime name: `__index` is `NAME_INDEX`, `nil` is `NAME_TYPE_NIL` if ambiguous."""
    special = _SPECIAL_NAMES.get(text)
    if special is not None:
        return f"NAME_{special}"
    if text.startswith("__"):
        return f"META_{text[2:].upper()}"
    return f"NAME_{text.upper().replace(' ', '_')}"


def layout_header() -> str:
    """The text of layout.h."""
    lines = [_PREAMBLE, "#ifndef MUNITION_LAYOUT_H", "#define MUNITION_LAYOUT_H", ""]
    lines += ["enum {", *(f"    TAG_{tag} = {getattr(layout, tag)}," for tag in _TAGS), "};", ""]
    lines += ["enum {", *(f"    {name} = {getattr(layout, name)}," for name in _CONSTANTS)]
    lines += [f"    CONFIG_SIZE = {4 * len(layout.CONFIG_FIELDS)},", "};", ""]
    lines += ["/* Operators of rt_arith. */", "enum {"]
    lines += [f"    ARITH_{name.upper()}," for name in layout.ARITH]
    lines += ["    ARITH_COUNT,", "};", "", "/* Positions in rt_names. */", "enum {"]
    lines += [f"    {name_constant(name)}," for name in layout.RUNTIME_NAMES]
    lines += ["    NAME_COUNT,", "};", "", "#endif"]
    return "\n".join(lines) + "\n"


def _escape(data: bytes) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() or byte in b" _-?" else f"\\{byte:03o}" for byte in data)


def names_source() -> str:
    """The text of names.c: one data symbol with all strings in a row, and the array of their addresses."""
    members: list[str] = []
    values: list[str] = []
    addresses: list[str] = []
    for number, name in enumerate(layout.RUNTIME_NAMES):
        data = name.encode()
        size = layout.string_size(len(data)) - layout.STRING_BYTES
        members.append(f"    struct {{ String head; char text[{size}]; }} s{number};")
        flags = layout.STRING_INTERNED
        head = f"{{{{TAG_STRING, 0, {flags}, 0}}, {len(data)}, 0x{layout.string_hash(data):08x}, NULL}}"
        values.append(f'    .s{number} = {{{head}, "{_escape(data)}"}},')
        addresses.append(f"    &rt_name_strings.s{number}.head,")
    lines = [_PREAMBLE, '#include "rt.h"', "", "struct NameStrings {", *members, "};", ""]
    lines += [
        "extern struct NameStrings rt_name_strings;",
        "",
        "struct NameStrings rt_name_strings = {",
        *values,
        "};",
    ]
    lines += ["", "String *const rt_names[NAME_COUNT] = {", *addresses, "};"]
    return "\n".join(lines) + "\n"


GENERATED: Final = {"layout.h": layout_header, "names.c": names_source}
"""File name -> function that returns its text."""
