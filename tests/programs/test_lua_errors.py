# SPDX-License-Identifier: MIT
"""Typical mistakes, each with everything that is said about it.

`lua-errors/NN-name.lua` is the script, `NN-name.txt` what a person sees; `BLESS=1` rewrites the texts, which are to be
read as a diff. What is said at run time must be what the reference implementation says.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from lupa import lua54

import munition
from munition.diagnostics import render
from munition.errors import CompileError
from munition.source import Source

FOLDER: Final = Path(__file__).parent / "lua-errors"
SCRIPTS: Final = sorted(FOLDER.glob("*.lua"))
_ORACLE: Final = """function(text, name)
    print, io = function() end, {write = function() end}
    local chunk, message = load(text, "@" .. name, "t")
    if not chunk then return message end
    return select(2, pcall(chunk))
end"""


def capabilities(script: Path) -> list[str]:
    return [] if "undeclared" in script.name else ["log"]


def said(script: Path) -> tuple[str, str | None]:
    """All that is shown, and the message of an error at run time."""
    source = Source(script.name, script.read_bytes())
    try:
        module = munition.compile(source.text, capabilities(script), name=script.name)
    except CompileError as error:
        return "\n\n".join(render(d, source) for d in error.diagnostics) + "\n", None
    parts = [render(d, source) for d in module.diagnostics]
    outcome = munition.fire(module, capabilities=capabilities(script))
    assert outcome.crash is not None, "a mistake without consequences"
    advice = f"\n  = help: {outcome.crash.help}" if outcome.crash.help else ""
    parts.append(f"error[{outcome.kind}]: {outcome.crash.message}{advice}")
    return "\n\n".join(parts) + "\n", outcome.crash.message


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_what_is_said_about_a_mistake(script: Path) -> None:
    text, message = said(script)
    expected = script.with_suffix(".txt")
    if os.environ.get("BLESS") == "1":
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    if message is not None:
        runtime = lua54.LuaRuntime(encoding="latin-1", register_eval=False, register_builtins=False)
        assert message == runtime.eval(_ORACLE)(script.read_bytes().decode("latin-1"), script.name)


def test_there_are_enough_of_them() -> None:
    assert len(SCRIPTS) >= 90


def test_everything_that_is_said_says_what_to_do() -> None:
    for script in SCRIPTS:
        text = script.with_suffix(".txt").read_text(encoding="utf-8")
        assert text.count("= help: ") == len(text.split("\n\n")), script.stem
