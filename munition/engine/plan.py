# SPDX-License-Identifier: MIT
"""A plan: everything about firing one module under one grant and one set of limits that does not change between fires.

Making one reads and checks the module; what is wrong with it or with the grant is found here, once, before the engine
sees a byte. Firing a plan again costs nothing of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.capability.catalogue import BY_IMPORT, HostFunction
from munition.capability.imports import WASI, denied
from munition.capability.manifest import ABI_VALUES
from munition.engine.facts import Facts, Signature
from munition.engine.limits import PAGE
from munition.engine.outcome import Crash, Fired, Kind
from munition.engine.presets import SLOT, Allocation, Preset

if TYPE_CHECKING:
    from munition.capability.model import CapabilitySet
    from munition.engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a module will not be fired."""

    kind: Kind
    crash: Crash


@dataclass(frozen=True, slots=True)
class Plan:
    """How to fire one module.

    Attributes:
        wasm: the module's bytes.
        facts: what they say.
        fired: the same, as outcomes report it.
        limits: the limits.
        preset: what the module may use.
        allocation: where its memory lies.
        hosts: host functions to link, in import order without repetition.
        reach: what its host functions may touch: what was both declared and granted.
        abi: whether exports take and return encoded values; otherwise they take and return numbers.
    """

    wasm: bytes
    facts: Facts
    fired: Fired
    limits: Limits
    preset: Preset
    allocation: Allocation
    hosts: tuple[HostFunction, ...]
    reach: CapabilitySet
    abi: bool


def plan(wasm: bytes, facts: Facts, grants: CapabilitySet, limits: Limits) -> Plan | Refusal:
    """Check a module against its manifest, the grant and the limits."""
    refusal = (
        _exceeds_manifest(facts)
        or _not_granted(facts, grants)
        or _nothing_in_common(facts, grants)
        or _not_linkable(facts)
        or _too_new(facts)
        or _too_large(facts, limits)
    )
    if refusal is not None:
        return refusal
    abi = facts.manifest is not None and facts.manifest.abi == ABI_VALUES
    return Plan(
        wasm=wasm,
        facts=facts,
        fired=fired(facts, grants),
        limits=limits,
        preset=Preset.OWN_LUA if abi else Preset.THIRD_PARTY,
        allocation=Allocation.POOL if limits.memory <= SLOT else Allocation.WIDE,
        hosts=tuple(dict.fromkeys(BY_IMPORT[item.module, item.name] for item in facts.imports)),
        reach=_effective(facts, grants),
        abi=abi,
    )


def fired(facts: Facts, grants: CapabilitySet) -> Fired:
    """What outcomes say of the module."""
    declared = None if facts.manifest is None else facts.manifest.capabilities.spellings()
    return Fired(facts.sha256, declared, tuple(sorted(facts.required)), grants.spellings())


def _exceeds_manifest(facts: Facts) -> Refusal | None:
    if facts.manifest is None:
        return None
    declared = facts.manifest.capabilities
    denials = denied(facts.imports, declared.names)
    if not denials:
        return None
    shown = f"{denials[0].item.module}.{denials[0].item.name}"[:_MAX_SHOWN]
    names = ", ".join(declared.spellings()) or "nothing"
    message = f"the module imports {ascii(shown)[1:-1]}, but its manifest declares {names}"
    return Refusal("invalid", Crash("manifest", message, "the module was changed after it was compiled"))


_MAX_SHOWN: Final = 160


def _not_granted(facts: Facts, grants: CapabilitySet) -> Refusal | None:
    denials = denied(facts.imports, grants.names)
    if not denials:
        return None
    missing = tuple(sorted({name for denial in denials for name in denial.capabilities}))
    message = denials[0].reason
    if len(denials) > 1:
        listed = "\n".join(f"  {denial.reason}" for denial in denials[:_MAX_LISTED])
        more = len(denials) - _MAX_LISTED
        message = f"{len(denials)} imports are denied:\n{listed}" + (
            f"\n  and {more} more" if more > 0 else ""
        )
    return Refusal("denied", Crash(",".join(missing) or "import", message, capabilities=missing))


_MAX_LISTED: Final = 20


def _effective(facts: Facts, grants: CapabilitySet) -> CapabilitySet:
    """What the module can do: both declared and granted. One without a manifest is as if it had declared everything."""
    return grants if facts.manifest is None else grants.attenuate(facts.manifest.capabilities)


def _nothing_in_common(facts: Facts, grants: CapabilitySet) -> Refusal | None:
    """A capability that was declared and granted, but with parameters of which none is the same."""
    missing = sorted((facts.required & grants.names) - _effective(facts, grants).names)
    if not missing:
        return None
    assert facts.manifest is not None
    declared, granted = (
        ", ".join(str(item) for item in which if item.name == missing[0])
        for which in (facts.manifest.capabilities, grants)
    )
    message = f"the module was compiled for {declared}, and {granted} is granted: they have nothing in common"
    return Refusal(
        "denied",
        Crash(",".join(missing), message, "grant it as it was declared", capabilities=tuple(missing)),
    )


def _not_linkable(facts: Facts) -> Refusal | None:
    """What was granted but cannot be linked: a function munition does not provide, or one of another type."""
    for item, found in zip(facts.imports, facts.signatures, strict=True):
        function = BY_IMPORT.get((item.module, item.name))
        if function is None:
            family = "WASI preview 1" if item.module == WASI else item.module
            message = f"the module imports {item.name}, which munition does not provide ({family})"
            return Refusal("denied", Crash("import", message))
        wanted = Signature(function.params, function.results)
        if found != wanted:
            message = f"the module imports {item.module}.{item.name} as {found}; it is {wanted}"
            return Refusal("denied", Crash("import", message))
    return None


def _too_new(facts: Facts) -> Refusal | None:
    if not facts.off:
        return None
    return Refusal("invalid", Crash("module", f"the module uses what is off here: {', '.join(facts.off)}"))


def _too_large(facts: Facts, limits: Limits) -> Refusal | None:
    size = facts.pages * PAGE
    if size > limits.memory:
        message = f"the module needs {size} bytes of memory to start; the limit is {limits.memory}"
        return Refusal("limit", Crash("memory", message, "raise the limit with --memory SIZE"))
    if facts.table > limits.table:
        message = f"the module needs a table of {facts.table} elements; the limit is {limits.table}"
        return Refusal("limit", Crash("table", message))
    return None
