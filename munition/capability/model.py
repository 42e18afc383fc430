# SPDX-License-Identifier: MIT
"""Capabilities as values, and the algebra of sets of them.

A capability is a name and perhaps a parameter (`filesystem_read:./data`). No parameter means *any*: a declaration of bare
`http` covers every host. Sets are kept in a normal form (nothing in a set is covered by something else in it), so
equality of sets is equality of authority as far as the parameters can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from munition.capability.parameter import Directory, Host, Parameter, covers, join, meet, render


@dataclass(frozen=True, slots=True)
class Capability:
    """One named power.

    Attributes:
        name: a name of the catalogue.
        parameter: what bounds it; `None` means any.
    """

    name: str
    parameter: Parameter | None = None

    def covers(self, other: Capability) -> bool:
        """Whether everything `other` allows is allowed by this one."""
        if self.name != other.name:
            return False
        if self.parameter is None or other.parameter is None:
            return self.parameter is None
        return covers(self.parameter, other.parameter)

    def meet(self, other: Capability) -> Capability | None:
        """What both allow, or `None` when they have nothing in common."""
        if self.name != other.name:
            return None
        if self.parameter is None:
            return other
        if other.parameter is None:
            return self
        both = meet(self.parameter, other.parameter)
        return None if both is None else Capability(self.name, both)

    def __str__(self) -> str:
        """The spelling that parses back to this capability (commas are not escaped)."""
        return self.name if self.parameter is None else f"{self.name}:{render(self.parameter)}"


def _normal(items: Iterable[Capability]) -> frozenset[Capability]:
    """Join what can be joined and drop what is covered, so that equal authority has one form."""
    kept: dict[tuple[str, object], Capability] = {}
    bare: set[str] = set()
    for item in items:
        if item.parameter is None:
            bare.add(item.name)
            continue
        key = (item.name, _axis(item.parameter))
        old = kept.get(key)
        if old is None or old.parameter is None:
            kept[key] = item
        else:
            kept[key] = Capability(item.name, join(old.parameter, item.parameter))
    return frozenset(c for c in kept.values() if c.name not in bare) | {Capability(name) for name in bare}


def _axis(parameter: Parameter) -> object:
    """What two parameters must share to be joined into one: for a host everything but its methods."""
    match parameter:
        case Host(scheme=scheme, host=host, port=port):
            return (scheme, host, port)
        case Directory():
            return parameter


@dataclass(frozen=True, slots=True)
class CapabilitySet:
    """An immutable set of capabilities in normal form.

    The operations form a distributive lattice: `|` is union, `&` is intersection (attenuation), `<=` is "allows no more
    than". `attenuate` is `&` under the name of its purpose: the result never allows what `self` does not.
    """

    items: frozenset[Capability] = frozenset()

    def __post_init__(self) -> None:
        """Bring the items into normal form."""
        object.__setattr__(self, "items", _normal(self.items))

    @classmethod
    def of(cls, *items: Capability) -> CapabilitySet:
        """The set of the capabilities given."""
        return cls(frozenset(items))

    @property
    def names(self) -> frozenset[str]:
        """The names, without parameters."""
        return frozenset(item.name for item in self.items)

    def __or__(self, other: CapabilitySet) -> CapabilitySet:
        """Everything either allows."""
        return CapabilitySet(self.items | other.items)

    def __and__(self, other: CapabilitySet) -> CapabilitySet:
        """What both allow."""
        pairs = (a.meet(b) for a in self.items for b in other.items)
        return CapabilitySet(frozenset(both for both in pairs if both is not None))

    def attenuate(self, bound: CapabilitySet) -> CapabilitySet:
        """The part of this set that `bound` allows too; never more than this set."""
        return self & bound

    def covers(self, item: Capability) -> bool:
        """Whether the set allows everything `item` does."""
        return any(mine.covers(item) for mine in self.items)

    def __le__(self, other: CapabilitySet) -> bool:
        """Whether this set allows no more than `other`."""
        return all(other.covers(item) for item in self.items)

    def __ge__(self, other: CapabilitySet) -> bool:
        """Whether this set allows at least what `other` does."""
        return other <= self

    def __contains__(self, name: object) -> bool:
        """Whether a capability of that *name* is in the set, whatever its parameter."""
        return any(item.name == name for item in self.items)

    def __iter__(self) -> Iterator[Capability]:
        """The capabilities in the order of their spelling."""
        return iter(sorted(self.items, key=str))

    def __len__(self) -> int:
        """How many capabilities the normal form holds."""
        return len(self.items)

    def spellings(self) -> tuple[str, ...]:
        """One string per capability, sorted; each parses back."""
        return tuple(str(item) for item in self)


NOTHING = CapabilitySet()
