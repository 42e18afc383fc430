# SPDX-License-Identifier: MIT
"""Programs in AssemblyScript that must work, and sources that must be refused. What is expected stands at their end.

//caps log                     what is declared and granted
//> f [1, 2] => 3              firing f gives this
//> f [1, 2] ! message         it ends as a fault of the program, with this message
//> f [1, 2] ? message         the call itself is refused
//| text                       a line of output, of all calls together
//! CODE line:column help      the first diagnostic of a source that must be refused
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from munition import fire
from munition.attenuator import Options
from munition.attenuators.assemblyscript.attenuator import ATTENUATOR
from munition.capability.parse import parse
from munition.cli.json_values import encode, loads
from munition.errors import CompileError, UsageError, UsageTypeError
from munition.source import Source
from tests.support.assemblyscript import needs_compiler

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "assemblyscript").glob("*.ts"))
REFUSED = sorted((HERE / "assemblyscript-errors").glob("*.ts"))
_CALL = re.compile(r"^//> (\w+) (\[.*\]) (=>|!|\?) (.*)$", re.MULTILINE)

pytestmark = needs_compiler


def _names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


@pytest.mark.parametrize("path", PROGRAMS, ids=_names(PROGRAMS))
def test_program(path: Path) -> None:
    text = path.read_text("utf-8")
    caps = re.search(r"^//caps (.*)$", text, re.MULTILINE)
    granted = caps[1] if caps else ""
    module = ATTENUATOR.compile(Source(path.name, text.encode()), Options(parse(granted)))
    calls = _CALL.findall(text)
    assert calls
    output = b""
    for function, arguments, sign, wanted in calls:
        values = cast("list[object]", loads(arguments))
        if sign == "?":
            with pytest.raises((UsageError, UsageTypeError)) as error:
                fire(module, function, values, capabilities=granted)
            assert str(error.value).startswith(wanted)
            continue
        outcome = fire(module, function, values, capabilities=granted)
        output += outcome.text()
        if sign == "!":
            assert (outcome.kind, outcome.message) == ("guest_error", wanted)
            assert outcome.crash is not None
        else:
            assert outcome.ok, outcome.message
            assert _as_json(outcome.values) == ([] if wanted == "nothing" else [json.loads(wanted)])
    lines = re.findall(r"^//\| ?(.*)$", text, re.MULTILINE)
    assert output.decode().split("\n")[: len(lines)] == lines
    assert bool(output) == bool(lines)


def _as_json(values: tuple[Any, ...]) -> Any:
    """As JSON shows them, where 1 and 1.0 differ."""
    shown = [encode(value) for value in values]
    assert json.dumps(shown)
    return shown


@pytest.mark.parametrize("path", REFUSED, ids=_names(REFUSED))
def test_refused(path: Path) -> None:
    text = path.read_text("utf-8")
    wanted = re.search(r"^//! (\S+) (\S+) (.*)$", text, re.MULTILINE)
    assert wanted
    source = Source(path.name, text.encode())
    with pytest.raises(CompileError) as error:
        ATTENUATOR.compile(source, Options(parse("")))
    first = error.value.diagnostics[0]
    at = source.position(first.span.start)
    assert (first.code, f"{at.line}:{at.column}") == (wanted[1], wanted[2])
    if wanted[3] != "-":
        assert wanted[3] in (first.help or first.message)


def test_there_are_enough() -> None:
    assert len(PROGRAMS) >= 30
    assert len(REFUSED) >= len(PROGRAMS)
