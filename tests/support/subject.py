# SPDX-License-Identifier: MIT
"""munition as the subject of differential tests: the same view of a program's behaviour as the oracle gives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from msgspec.structs import replace

import munition
from munition.codegen.program import Settings, generate
from munition.errors import CompileError
from munition.ir.specialise import specialise
from munition.ir.switches import ALL, Switches
from tests.support.oracle import Behaviour, canonical_float

if TYPE_CHECKING:
    from munition.engine.outcome import Outcome
    from munition.module import Module

CAPABILITIES: Final = "log,time"
COLLECT_ALWAYS: Final = Settings(flags=1)
"""Code that collects garbage at every allocation: a reference the collector cannot see does not survive it."""

STRESS: Final = bool(os.environ.get("GC_STRESS"))
"""Whether every module is to be generated so."""

_GENERATE: Final = "munition.attenuators.lua.attenuator.generate"
_SPECIALISE: Final = "munition.attenuators.lua.attenuator.specialise"


def compile_with(source: bytes, settings: Settings, caps: str = CAPABILITIES) -> Module:
    """The module for `source`, generated with settings that the public functions do not offer."""
    if STRESS:
        settings = replace(settings, flags=settings.flags | COLLECT_ALWAYS.flags)
    with (
        mock.patch(_GENERATE, partial(generate, settings=settings)),
        mock.patch(_SPECIALISE, partial(specialise, switches=settings.switches)),
    ):
        return munition.compile(source, caps, name="script")


@contextmanager
def collecting_always() -> Iterator[None]:
    """Whatever is compiled in this process collects garbage at every allocation."""
    with mock.patch(_GENERATE, partial(generate, settings=COLLECT_ALWAYS)):
        yield


def run(
    source: bytes,
    which: int = 0,
    *,
    stress: bool = False,
    caps: str = CAPABILITIES,
    switches: Switches = ALL,
) -> Behaviour:
    """What munition does with `source`; `which` is the chunk's argument unless it is 0.

    With `stress`, garbage is collected at every allocation.
    """
    module = compiled(source, stress=stress, caps=caps, switches=switches)
    return module if isinstance(module, Behaviour) else fired(module, which, caps=caps)


def compiled(
    source: bytes, *, stress: bool = False, caps: str = CAPABILITIES, switches: Switches = ALL
) -> Module | Behaviour:
    """The module for `source`, or that it is refused, or that the compiler is broken."""
    try:
        return compile_with(source, Settings(flags=int(stress), switches=switches), caps)
    except CompileError as error:
        return Behaviour("refused", (error.diagnostics[0].message.encode(),), b"")
    except (AssertionError, LookupError, TypeError, ValueError, RecursionError) as error:
        return Behaviour("broken", (repr(error).encode(),), b"")


def fired(
    module: Module,
    which: int = 0,
    *,
    caps: str = CAPABILITIES,
    fuel: int = 20_000_000_000,
    memory: int = 64 << 20,
) -> Behaviour:
    """What a fire of `module` shows."""
    args = (which,) if which else ()
    outcome = munition.fire(module, None, args, capabilities=caps, fuel=fuel, memory=memory, timeout=120)
    output = outcome.text()
    if outcome.ok:
        return Behaviour("ok", tuple(_value(v) for v in outcome.values), output)
    return Behaviour("error", (_error_value(outcome),), output)


def _error_value(outcome: Outcome) -> Any:
    crash = outcome.crash
    assert crash is not None
    if crash.error is None:
        return ("crash", outcome.kind, crash.reason, crash.message)
    if crash.error.lost:
        return ("object", "function" if "function" in crash.error.lost else "table")
    return _value(crash.error.value)


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
