# SPDX-License-Identifier: MIT
"""munition: code nobody trusts, compiled to WebAssembly that can only do what was declared, fired under limits.

    module = munition.compile("pricing.lua")
    outcome = munition.fire(module, "process", [order], fuel=10_000_000)
    outcome.kind, outcome.values

Importing the package is cheap: compilers and the engine are loaded by the first call that needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from munition._version import __version__
from munition.errors import (
    CompileError,
    InvalidModuleError,
    MissingToolError,
    MunitionError,
    UsageError,
    UsageTypeError,
)

if TYPE_CHECKING:
    from munition.api import compile, infer_capabilities, validate
    from munition.engine.fire import fire, fire_async
    from munition.engine.limits import Limits
    from munition.engine.outcome import Crash, Frame, GuestError, Outcome
    from munition.engine.pool import Pool, PoolStats, fire_pooled, fire_pooled_async
    from munition.host.options import HostOptions
    from munition.host.user import HostCapability, HostFunction, RefusedError
    from munition.module import Module

_WHERE: Final = {
    "compile": "munition.api",
    "infer_capabilities": "munition.api",
    "validate": "munition.api",
    "fire": "munition.engine.fire",
    "fire_async": "munition.engine.fire",
    "Pool": "munition.engine.pool",
    "PoolStats": "munition.engine.pool",
    "fire_pooled": "munition.engine.pool",
    "fire_pooled_async": "munition.engine.pool",
    "Limits": "munition.engine.limits",
    "Crash": "munition.engine.outcome",
    "Frame": "munition.engine.outcome",
    "GuestError": "munition.engine.outcome",
    "Outcome": "munition.engine.outcome",
    "HostOptions": "munition.host.options",
    "HostCapability": "munition.host.user",
    "HostFunction": "munition.host.user",
    "RefusedError": "munition.host.user",
    "Module": "munition.module",
}

__all__ = [
    "CompileError",
    "Crash",
    "Frame",
    "GuestError",
    "HostCapability",
    "HostFunction",
    "HostOptions",
    "InvalidModuleError",
    "Limits",
    "MissingToolError",
    "Module",
    "MunitionError",
    "Outcome",
    "Pool",
    "PoolStats",
    "RefusedError",
    "UsageError",
    "UsageTypeError",
    "__version__",
    "compile",
    "fire",
    "fire_async",
    "fire_pooled",
    "fire_pooled_async",
    "infer_capabilities",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    where = _WHERE.get(name)
    if where is None:
        raise AttributeError(f"module 'munition' has no attribute {name!r}")
    import importlib

    found = getattr(importlib.import_module(where), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
