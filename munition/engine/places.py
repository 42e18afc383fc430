# SPDX-License-Identifier: MIT
"""Where an uncaught error was raised, if that is in a module that the script requires.

A guest tells the line of errors of the script itself (docs/guest-abi.md); messages name the file in any case, and the
manifest knows the files.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from munition.engine.text import tidy

if TYPE_CHECKING:
    from munition.engine.facts import Facts
    from munition.engine.outcome import Crash


def with_place(crash: Crash, facts: Facts) -> Crash:
    """The crash, with the file and the line of its error if its message begins with those of one of the program's modules."""
    error = crash.error
    if error is None or error.line is not None or facts.manifest is None:
        return crash
    for module in facts.manifest.modules:
        found = re.match(re.escape(module.source_name) + r":([0-9]{1,9}):", error.message)
        if found is not None:
            placed = replace(error, line=int(found[1]), file=tidy(module.source_name))
            return replace(crash, error=placed)
    return crash
