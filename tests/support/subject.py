# SPDX-License-Identifier: MIT
"""munition as the subject of differential tests: the same view of a program's behaviour as the oracle gives."""

from __future__ import annotations

import re
from typing import Any

import munition
from munition.errors import CompileError
from tests.support.oracle import Behaviour, canonical_float

CAPABILITIES = "log"


def run(source: bytes, *, caps: str = CAPABILITIES, fuel: int = 2_000_000_000, memory: int = 64 << 20) -> Behaviour:
    """What munition does with `source`."""
    try:
        module = munition.compile(source, caps, name="script")
    except CompileError as error:
        return Behaviour("refused", (error.diagnostics[0].message.encode(),), b"")
    outcome = munition.fire(module, capabilities=caps, fuel=fuel, memory=memory, timeout=60)
    output = b"".join(r.data for r in outcome.log if r.stream == 1)
    if outcome.kind == "ok":
        return Behaviour("ok", tuple(_value(v) for v in outcome.values), output)
    return Behaviour("error", (_error(outcome),), output)


def _error(outcome: Any) -> Any:
    return outcome


def _value(value: Any) -> Any:
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case float():
            return ("float", canonical_float(f"{value:.17g}"))
        case str():
            return value.encode()
        case bytes():
            return value
        case _:
            return ("object", "table")


_POSITION = re.compile(rb"^script:\d+: ")


def without_position(message: bytes) -> bytes:
    """A message without the place it starts with."""
    return _POSITION.sub(b"", message)
