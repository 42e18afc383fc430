# SPDX-License-Identifier: MIT
"""The shipped runtime is what the sources give."""

from __future__ import annotations

from pathlib import Path

import pytest

from munition.codegen.prebuilt import load_runtime
from munition.runtime import build


@pytest.mark.slow
def test_a_fresh_build_gives_the_shipped_bytes(tmp_path: Path) -> None:
    if build.ziglang_folder() is None:
        pytest.skip("ziglang is not installed")
    assert build.build(tmp_path) == build.ARTEFACT.read_bytes()


def test_the_shipped_runtime_names_no_folder() -> None:
    data = build.ARTEFACT.read_bytes()
    for word in (b"/home", b"/root", b"/tmp", b"/work", b"site-packages", b"ziglang"):
        assert word not in data


def test_what_the_abi_page_promises_is_there() -> None:
    runtime = load_runtime()
    page = (Path(__file__).parents[3] / "docs" / "guest-abi.md").read_text()
    section = page.partition("## 6. ")[2].partition("## 7. ")[0]
    promised = [name for name in build.entry_points([*build.SOURCES.glob("*.c")]) if f"`{name}(" in section]
    assert len(promised) > 20
    assert [name for name in promised if name not in runtime.functions] == []


def test_only_declared_host_functions_are_imported() -> None:
    modules = {i.module for i in load_runtime().imports}
    assert all(m.startswith("munition:") or m == "link" for m in modules)
