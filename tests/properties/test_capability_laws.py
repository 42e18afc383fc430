# SPDX-License-Identifier: MIT
"""The laws of the capability algebra."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from munition.capability import NOTHING, Capability, CapabilitySet, Imported, denied, parse, required
from munition.capability.imports import WASI, WASI_RULES
from munition.capability.parameter import METHODS, Directory, Host
from munition.capability.parse import join

directories = st.builds(Directory, st.sampled_from(["./a", "./b", "/", "./a,b"]), st.sampled_from(["", "x"]))
hosts = st.builds(
    Host,
    st.sampled_from(["a.example", "b.example", "127.0.0.1"]),
    st.sampled_from([443, 80, 8080]),
    st.sampled_from(["https", "http"]),
    st.frozensets(st.sampled_from(sorted(METHODS)), min_size=1),
)
capabilities = st.one_of(
    st.builds(Capability, st.sampled_from(["log", "time", "random"])),
    st.builds(Capability, st.just("filesystem_read"), st.none() | directories),
    st.builds(Capability, st.just("http"), st.none() | hosts),
)
sets = st.frozensets(capabilities, max_size=6).map(CapabilitySet)
imports = st.lists(
    st.builds(
        Imported,
        st.sampled_from([WASI, "munition:log", "munition:time", "munition:http", "env"]),
        st.sampled_from([*sorted(WASI_RULES), "write", "wall", "x"]),
        st.sampled_from(["func", "func", "func", "memory"]),
    ),
    max_size=8,
)


@given(sets, sets)
def test_attenuation_never_strengthens(a: CapabilitySet, bound: CapabilitySet) -> None:
    assert a.attenuate(bound) <= a
    assert a.attenuate(bound) <= bound


@given(sets, sets)
def test_attenuation_is_idempotent(a: CapabilitySet, bound: CapabilitySet) -> None:
    once = a.attenuate(bound)
    assert once.attenuate(bound) == once
    assert a.attenuate(a) == a


@given(sets, sets, sets)
def test_attenuation_is_monotone(a: CapabilitySet, more: CapabilitySet, bound: CapabilitySet) -> None:
    assert a.attenuate(bound) <= (a | more).attenuate(bound)
    assert a.attenuate(bound) <= a.attenuate(bound | more)


@given(sets, sets, sets)
def test_union_and_intersection_form_a_distributive_lattice(
    a: CapabilitySet, b: CapabilitySet, c: CapabilitySet
) -> None:
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert a & (a | b) == a
    assert a | (a & b) == a
    assert a & (b | c) == (a & b) | (a & c)


@given(sets, sets)
def test_order_agrees_with_the_operations(a: CapabilitySet, b: CapabilitySet) -> None:
    assert (a <= b) == (a & b == a) == (a | b == b)
    assert (a <= b <= a) == (a == b)
    assert a >= NOTHING


@given(sets)
def test_spelling_reads_back(a: CapabilitySet) -> None:
    assert parse(join(a.spellings())) == a
    assert parse(a.spellings()) == a


@given(sets, sets)
def test_names_of_an_intersection_are_names_of_both(a: CapabilitySet, b: CapabilitySet) -> None:
    assert (a & b).names <= a.names & b.names
    assert (a | b).names == a.names | b.names


@given(imports, imports)
def test_more_imports_never_need_less(few: list[Imported], more: list[Imported]) -> None:
    assert required(few) <= required(few + more)
    assert required(few) == required(list(reversed(few)))


@given(imports, sets, sets)
def test_granting_more_never_denies_more(items: list[Imported], a: CapabilitySet, b: CapabilitySet) -> None:
    denials = {d.item for d in denied(items, a.names)}
    assert {d.item for d in denied(items, (a | b).names)} <= denials
