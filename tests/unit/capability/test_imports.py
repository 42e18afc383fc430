# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.capability import BY_IMPORT, GRANTABLE, HOST_FUNCTIONS, NAMES, Imported, denied, required
from munition.capability.imports import WASI, WASI_RULES


def wasi(*names: str) -> list[Imported]:
    return [Imported(WASI, name) for name in names]


def test_the_catalogue_names_each_host_function_once_and_after_its_capability() -> None:
    assert len(BY_IMPORT) == len(HOST_FUNCTIONS)
    for function in HOST_FUNCTIONS:
        assert function.module == f"munition:{function.capability}"
        assert function.capability in GRANTABLE
        assert function.fuel > 0
        assert function.doc.endswith(".")
        assert set(function.params) | set(function.results) <= {"i32", "i64", "f64"}


def test_preview_1_is_covered_function_by_function() -> None:
    assert len(WASI_RULES) == 46
    for rule in WASI_RULES.values():
        assert rule.always | rule.opened | (rule.gate or frozenset()) <= NAMES.keys()


@pytest.mark.parametrize("function", HOST_FUNCTIONS, ids=lambda f: f"{f.module}.{f.name}")
def test_own_imports_need_the_capability_of_their_module(function: object) -> None:
    item = Imported(function.module, function.name)  # type: ignore[attr-defined]
    assert required([item]) == {function.capability}  # type: ignore[attr-defined]
    assert denied([item], frozenset({function.capability})) == ()  # type: ignore[attr-defined]
    assert denied([item], frozenset(GRANTABLE - {function.capability}))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("names", "needs"),
    [
        ((), set()),
        (("fd_write",), {"log"}),
        (("fd_write", "fd_close", "fd_seek", "fd_fdstat_get", "proc_exit"), {"log"}),
        (("fd_write", "path_open"), {"log", "filesystem_read", "filesystem_write"}),
        (("fd_close", "path_open"), {"filesystem_read", "filesystem_write"}),
        (("fd_read",), {"stdin"}),
        (("fd_read", "sock_accept"), {"stdin", "network", "filesystem_read"}),
        (("clock_time_get", "random_get"), {"time", "random"}),
        (("environ_get", "args_get"), {"environment"}),
        (("poll_oneoff",), {"time"}),
        (("sched_yield", "proc_exit"), set()),
        (("proc_raise",), {"process"}),
        (("fd_writex",), {"opaque"}),
        (("FD_WRITE",), {"opaque"}),
    ],
)
def test_required_names_of_preview_1(names: tuple[str, ...], needs: set[str]) -> None:
    assert required(wasi(*names)) == needs


@pytest.mark.parametrize(
    "item",
    [
        Imported("env", "memory", "memory"),
        Imported("munition:log", "write", "global"),
        Imported("munition:log", "write", "table"),
        Imported("munition:", "write"),
        Imported("munition:logs", "write"),
        Imported("munition: log", "write"),
        Imported("wasi_snapshot_preview1x", "fd_write"),
        Imported("wasi_unstable", "fd_write"),
        Imported("", ""),
        Imported("env", "abort"),
    ],
)
def test_whatever_is_not_known_exactly_is_opaque_and_never_linked(item: Imported) -> None:
    assert required([item]) == {"opaque"}
    (denial,) = denied([item], frozenset(NAMES))
    assert denial.capabilities == ()


def test_an_unknown_import_counts_as_something_that_may_open_files() -> None:
    assert required([*wasi("fd_write"), Imported("env", "x")]) == {"log", "filesystem_write", "opaque"}


def test_own_module_with_a_function_that_does_not_exist_needs_the_name_but_is_not_linked() -> None:
    item = Imported("munition:log", "delete")
    assert required([item]) == {"log"}
    (denial,) = denied([item], frozenset({"log"}))
    assert "no such function" in denial.reason


@pytest.mark.parametrize(
    ("name", "grants", "linked"),
    [
        ("fd_write", {"log"}, True),
        ("fd_write", {"filesystem_read"}, True),
        ("fd_write", {"time", "random", "http"}, False),
        ("path_open", {"filesystem_read"}, True),
        ("path_open", {"log"}, False),
        ("path_unlink_file", set(GRANTABLE), False),
        ("sock_send", set(GRANTABLE), False),
        ("clock_time_get", {"time"}, True),
        ("random_get", {"random"}, True),
        ("args_get", set(), True),
        ("environ_get", set(), True),
        ("proc_exit", set(), True),
        ("fd_prestat_get", set(), True),
    ],
)
def test_gates_of_preview_1(name: str, grants: set[str], linked: bool) -> None:
    assert (denied(wasi(name), frozenset(grants)) == ()) is linked


def test_a_denial_names_import_capability_and_flag() -> None:
    first, second = denied([Imported("munition:time", "wall"), *wasi("path_open")], frozenset())
    assert first.capabilities == ("time",)
    assert (
        first.reason == "the module imports munition:time.wall, which needs time; grant it with --caps time"
    )
    assert second.capabilities == ("filesystem_read",)
    assert second.reason.endswith("grant it with --caps filesystem_read:[NAME=]DIR")


def test_names_chosen_by_the_module_are_escaped_and_cut() -> None:
    (denial,) = denied([Imported("env\x1b[31m", "x" * 500)], frozenset())
    assert "\x1b" not in denial.reason
    assert len(denial.reason) < 300
