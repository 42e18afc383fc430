# SPDX-License-Identifier: MIT
"""Diagnostic codes of the AssemblyScript front end that are ours, with the text that `munition explain CODE` prints.

A1xx are faults of the text, A19x limits and failures of the compiler, A3xx of imports, A4xx of exports. C1xx are shared with
the other languages. Codes with AS or TS in front are the compiler's own.
"""

from __future__ import annotations

from typing import Final

EXPLANATIONS: Final[dict[str, str]] = {
    "A101": """the source is not UTF-8

The bytes of the file are no text. Save it as UTF-8.
""",
    "A102": """a reserved name

Names that hold `munition$` belong to the code that munition adds to a script. Rename it.
""",
    "A190": """the source is too large

The script and what it imports are larger than --max-source allows, 1 MiB unless given.
""",
    "A191": """compiling took too long

The compiler used up its processor time on this source and was ended. Very large tables, thousands of functions or cases,
and functions that are inlined into each other without bound do that. The next compilation starts afresh.
""",
    "A192": """compiling took too much memory

The compiler used up its memory on this source and was ended. The next compilation starts afresh.
""",
    "A193": """nested too deep

The compiler ran out of stack: expressions or blocks are nested in thousands, a chain of operators has tens of thousands of
terms, or a generic type or function instantiates itself without end.
""",
    "A194": """the compiler's process went away

Something ended the process in which the compiler runs. It is no fault of the source; try again.
""",
    "A195": """the compiler failed

The AssemblyScript compiler ran into an error of its own on this source. Simplify what the source does last.
""",
    "A196": """too much to declare

The exported functions and their classes do not fit into the manifest of a module. Export less.
""",
    "A301": """an import leads out of the folder

A relative import leads above the folder the program lies in. Only files inside the folders given with --path are read.
""",
    "A401": """an exported function that cannot be fired

The function is exported, but its parameters or its result are of a type that cannot cross to the host: a function, an
interface, a class of the library, a generic parameter. It stays usable inside the program.
""",
}
