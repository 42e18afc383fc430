# SPDX-License-Identifier: MIT
"""Everything that can be wrong with a WebAssembly binary: one table of stable codes, one way to raise them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.errors import InvalidModuleError, MunitionError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fault(Struct, frozen=True):
    """One kind of fault: its code and what it means, for `munition explain`."""

    code: str
    title: str
    explanation: str


_FAULTS: Final = (
    Fault("E200", "not a usable module", "The bytes cannot be used as a WebAssembly module."),
    Fault(
        "E201",
        "not a WebAssembly binary",
        "A module starts with the four bytes 00 61 73 6D ('\\0asm'). The message says what the file looks like"
        " instead, when that can be told: text format, compressed data, native code, and so on.",
    ),
    Fault(
        "E202",
        "text format given for a binary",
        "The file is WebAssembly text (.wat). Translate it to a binary first, for example with `wasm-tools parse`.",
    ),
    Fault(
        "E203",
        "component given for a module",
        "The file is a component (component model), which contains modules. `munition infer`, `diff` and `check` read"
        " components; what runs is a core module. Extract that first, for example with `wasm-tools component unbundle`.",
    ),
    Fault("E204", "unknown version", "The four bytes after the magic number must be 01 00 00 00."),
    Fault("E210", "unexpected end", "The bytes end, or a section ends, in the middle of something."),
    Fault(
        "E211",
        "malformed LEB128 number",
        "A number is written with more bytes than its type allows, or its unused bits are set.",
    ),
    Fault("E212", "malformed UTF-8", "Names must be UTF-8; this one is not."),
    Fault("E213", "unknown section", "The section identifier is none that WebAssembly 3.0 defines."),
    Fault("E214", "section out of order", "Sections come in a fixed order, and each at most once."),
    Fault(
        "E215", "section size mismatch", "What is in a section is shorter than the size the section declares."
    ),
    Fault(
        "E216",
        "count larger than its section",
        "A vector declares more entries than the bytes that follow could hold.",
    ),
    Fault(
        "E217",
        "implementation limit exceeded",
        "The module is larger than munition accepts in one respect. The defaults are those of the WebAssembly"
        " JavaScript interface; a caller may set others.",
    ),
    Fault(
        "E220",
        "malformed type",
        "A value, reference, function, struct or array type has an unknown encoding.",
    ),
    Fault("E221", "malformed import or export", "The kind of an import or export is none that is defined."),
    Fault(
        "E222",
        "index out of bounds",
        "An index names a type, function, table, memory, global or tag that is absent.",
    ),
    Fault(
        "E223",
        "malformed limits",
        "The bounds of a memory or table have an unknown encoding or contradict each other.",
    ),
    Fault(
        "E224",
        "malformed constant expression",
        "The initial value of a global, or the offset or content of a segment, is no constant expression.",
    ),
    Fault("E225", "duplicate export", "Two exports have the same name."),
    Fault("E226", "function and code sections disagree", "Each declared function needs exactly one body."),
    Fault(
        "E227",
        "data count disagrees",
        "The data count section announces another number of segments than there are.",
    ),
    Fault("E228", "malformed element segment", "An element segment has an unknown encoding."),
    Fault("E229", "malformed data segment", "A data segment has an unknown encoding."),
    Fault("E230", "malformed local declarations", "The local variables of a function body cannot be read."),
    Fault("E231", "unknown instruction", "An opcode is none that WebAssembly defines."),
    Fault(
        "E232",
        "unbalanced blocks",
        "Blocks and their ends do not match, or a function ends before its last `end`.",
    ),
    Fault("E233", "malformed immediate", "The operand of an instruction has an unknown encoding."),
    Fault(
        "E240", "malformed custom section", "A name, line or linking section does not follow its own format."
    ),
    Fault(
        "E250",
        "not a linkable runtime",
        "The guest runtime was not built with --emit-relocs, or uses something the linker does not support.",
    ),
    Fault(
        "E270",
        "malformed component",
        "A definition of a component (component model) has an unknown encoding, or stands where it may not.",
    ),
    Fault("E260", "link error", "The generated functions and the runtime do not fit together."),
)

FAULTS: Final[Mapping[str, Fault]] = MappingProxyType({fault.code: fault for fault in _FAULTS})
"""Every code this package raises."""


class LinkError(MunitionError, ValueError):
    """Generated code and runtime do not fit together: a fault of the compiler, never of the program compiled."""

    code = "E260"


def invalid(code: str, message: str, offset: int | None = None) -> InvalidModuleError:
    """The exception for a fault of the table, ready to be raised."""
    return InvalidModuleError(message, code=FAULTS[code].code, offset=offset)
