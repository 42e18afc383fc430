# SPDX-License-Identifier: MIT
"""A plan: everything about firing one module under one grant and one set of limits that does not change between fires.

Making one reads and checks the module; what is wrong with it or with the grant is found here, once, before the engine
sees a byte. Firing a plan again costs nothing of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from munition.capability.catalogue import HostFunction
from munition.capability.imports import WASI, Denial, Imported, denied, shown
from munition.capability.manifest import ABI_VALUES
from munition.capability.wasi import find_function
from munition.engine.facts import Facts, Signature
from munition.engine.limits import PAGE
from munition.engine.outcome import Crash, Fired, Kind
from munition.engine.presets import SLOT, Allocation, Preset
from munition.host.resources import Uses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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

    @property
    def uses(self) -> Uses:
        """What the host functions are about."""
        linked = {(host.module, host.name) for host in self.hosts if host.stub is None}
        modules = {module for module, _ in linked}
        return Uses(
            files="munition:filesystem_read" in modules or (WASI, "path_open") in linked,
            http="munition:http" in modules,
            wasi=any(host.module == WASI for host in self.hosts),
        )


Given: TypeAlias = "Mapping[tuple[str, str], HostFunction]"
Find: TypeAlias = "Callable[[Imported], HostFunction | None]"
_NOTHING_GIVEN: Final[Mapping[tuple[str, str], HostFunction]] = MappingProxyType({})


def plan(
    wasm: bytes,
    facts: Facts,
    grants: CapabilitySet,
    limits: Limits,
    *,
    stub_denied: bool = False,
    given: Given = _NOTHING_GIVEN,
) -> Plan | Refusal:
    """Check a module against its manifest, the grant and the limits.

    Args:
        wasm: the module's bytes.
        facts: what they say.
        grants: what is granted.
        limits: what may be used.
        stub_denied: link functions that are not granted, or not known, to something that fails when it is called.
        given: functions of the caller, by module and name.
    """

    def find(item: Imported) -> HostFunction | None:
        return given.get((item.module, item.name)) or find_function(item.module, item.name)

    denials = _denials(facts, grants, find)
    stubs = {d.item: d.capabilities for d in denials if d.item.kind == "func"} if stub_denied else {}
    refusal = (
        _exceeds_manifest(facts)
        or _not_granted([d for d in denials if d.item not in stubs])
        or _nothing_in_common(facts, grants)
        or _not_linkable(facts, stubs, find)
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
        hosts=_hosts(facts, stubs, find),
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


def _denials(facts: Facts, grants: CapabilitySet, find: Find) -> list[Denial]:
    """Imports that the grant does not cover, or that nobody provides."""
    found = {denial.item: denial for denial in denied(facts.imports, grants.names)}
    for item in facts.imports:
        if item not in found and find(item) is None:
            family = "WASI preview 1" if item.module == WASI else shown(item.module)
            message = f"the module imports {shown(item.name)}, which munition does not provide ({family})"
            found[item] = Denial(item, (), message)
    return [found[item] for item in dict.fromkeys(facts.imports) if item in found]


def _hosts(facts: Facts, stubs: Mapping[Imported, tuple[str, ...]], find: Find) -> tuple[HostFunction, ...]:
    """What is linked, in import order without repetition."""
    hosts: dict[HostFunction, None] = {}
    for item, signature in zip(facts.imports, facts.signatures, strict=True):
        function = None if item in stubs else find(item)
        if function is None:
            assert signature is not None
            function = HostFunction(
                item.module,
                item.name,
                signature.params,
                signature.results,
                "",
                _STUB_FUEL,
                0,
                "",
                (),
                stubs[item],
            )
        hosts[function] = None
    return tuple(hosts)


_STUB_FUEL: Final = 100


def _not_granted(denials: list[Denial]) -> Refusal | None:
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
    advice = None if all(denial.capabilities for denial in denials) else _STUB_ADVICE
    return Refusal("denied", Crash(",".join(missing) or "import", message, advice, capabilities=missing))


_STUB_ADVICE: Final = "--stub-denied links what is not granted to something that fails when it is called"
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


def _not_linkable(facts: Facts, stubs: Mapping[Imported, tuple[str, ...]], find: Find) -> Refusal | None:
    """What was granted but is imported with another type; or a stub that cannot be made."""
    seen: dict[Imported, Signature | None] = {}
    for item, found in zip(facts.imports, facts.signatures, strict=True):
        name = f"{shown(item.module)}.{shown(item.name)}"
        function = None if item in stubs else find(item)
        if function is not None and found != (wanted := Signature(function.params, function.results)):
            return Refusal("denied", Crash("import", f"the module imports {name} as {found}; it is {wanted}"))
        odd = found is not None and not {*found.params, *found.results} <= _STUB_TYPES
        if function is None and (odd or seen.setdefault(item, found) != found):
            return Refusal(
                "denied", Crash("import", f"the module imports {name} as {found}; that cannot be had")
            )
    return None


_STUB_TYPES: Final = frozenset({"i32", "i64", "f32", "f64"})


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
