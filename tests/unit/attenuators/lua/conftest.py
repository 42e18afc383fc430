# SPDX-License-Identifier: MIT
"""What the tests of the Lua front end share: the passes run on text, and PUC-Lua 5.4 as the judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from lupa import lua54

from munition.attenuators.lua.bundle import bundle
from munition.attenuators.lua.check import Checked, check
from munition.attenuators.lua.parse import parse
from munition.attenuators.lua.resolve import resolve
from munition.attenuators.lua.resolved import Resolved
from munition.diagnostics import Diagnostic
from munition.source import Source
from tests.support.lua_projects import Project

Refuse: TypeAlias = Callable[[bytes], tuple[Diagnostic, ...]]
Resolve: TypeAlias = Callable[[str], Resolved]
Check: TypeAlias = Callable[..., Checked]
Judge: TypeAlias = Callable[[bytes], str | None]


@pytest.fixture(scope="session")
def refuse() -> Refuse:
    """What parsing and resolution find wrong with a source."""

    def refuse(text: bytes) -> tuple[Diagnostic, ...]:
        source = Source("test.lua", text)
        parsed = parse(source)
        return parsed.diagnostics if parsed.chunk is None else resolve(parsed.chunk, source).diagnostics

    return refuse


@pytest.fixture(scope="session")
def resolved() -> Resolve:
    """The resolved form of a source that must be right."""
    return _resolved


def _resolved(text: str) -> Resolved:
    source = Source("test.lua", text.encode("latin-1"))
    parsed = parse(source)
    assert parsed.chunk is not None, parsed.diagnostics
    resolution = resolve(parsed.chunk, source)
    assert resolution.resolved is not None, resolution.diagnostics
    return resolution.resolved


@pytest.fixture(scope="session")
def checked() -> Check:
    """The checked form of a source under some capability names."""

    def checked(text: str, declared: Iterable[str] = (), *, denied_at_runtime: bool = False) -> Checked:
        found = bundle(Source("test.lua", text.encode("latin-1")))
        assert found.parts, found.diagnostics
        return check(found.parts, frozenset(declared), denied_at_runtime=denied_at_runtime)

    return checked


@pytest.fixture(scope="session")
def judge() -> Judge:
    """PUC-Lua's message, line and all, for a source that it does not compile; None for one that it does."""
    runtime = lua54.LuaRuntime(
        encoding="latin-1", register_eval=False, register_builtins=False, unpack_returned_tuples=True
    )
    load = runtime.eval('function(s) local f, e = load(s, "=test", "t") return e end')

    def judge(text: bytes) -> str | None:
        message = load(text.decode("latin-1"))
        return None if message is None else str(message).removeprefix("test:")

    return judge


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder with these files."""

    def project(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "root" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "root"

    return project
