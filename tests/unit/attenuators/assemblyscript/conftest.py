# SPDX-License-Identifier: MIT
"""Tests here compile with the real compiler; without it they are skipped, with what to install as the reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from munition.attenuators.assemblyscript.engines import find_compiler, find_engine
from munition.capability.parse import parse
from munition.errors import MissingToolError
from munition.module import Module


@pytest.fixture(scope="session")
def compiled() -> Callable[..., Module]:
    """Compiles the text of a script."""
    try:
        find_compiler()
        find_engine()
    except MissingToolError as error:
        pytest.skip(str(error))
    from munition.attenuator import Options
    from munition.attenuators.assemblyscript.attenuator import ATTENUATOR
    from munition.source import Source

    def compile_text(text: str, caps: str = "", name: str = "script.ts") -> Module:
        return ATTENUATOR.compile(Source(name, text.encode()), Options(parse(caps)))

    return compile_text
