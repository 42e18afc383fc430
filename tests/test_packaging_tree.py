# SPDX-License-Identifier: MIT
"""What the tree promises about itself, checked without building anything."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {".py", ".c", ".h", ".lua", ".mjs", ".lark"}
MAX_LINES = 700  # 500 is the aim; beyond this nobody dares touch a file
# Data, not code: these may be as long as they have to be.
TABLES = {"attenuators/lua/tables.json"}


def tracked() -> list[str]:
    """Every file of the project, as the version control knows it; in an unpacked distribution, every file."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = []
    if "pyproject.toml" not in listed:
        found = (path for path in ROOT.rglob("*") if path.is_file() and not _built(path))
        listed = [path.relative_to(ROOT).as_posix() for path in found]
    return sorted(name for name in listed if name and (ROOT / name).exists())


def _built(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") or part in {"__pycache__", "build", "dist"} for part in parts)


FILES = tracked()


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("link", ["attenuators", "analysis"])
def test_the_links_point_at_the_folders(link: str) -> None:
    inside = ROOT / "munition" / link
    assert inside.is_symlink()
    assert inside.readlink() == Path("..") / link


def test_every_source_file_names_its_licence() -> None:
    lacking = [
        name
        for name in FILES
        if Path(name).suffix in SOURCES
        and not (ROOT / name).is_symlink()
        and "programs/" not in name
        and "SPDX-License-Identifier: MIT" not in (ROOT / name).read_text("utf-8").partition("\n\n")[0]
    ]
    assert lacking == []


def test_no_file_of_code_is_longer_than_a_reader_can_hold() -> None:
    long = {
        name: lines
        for name in FILES
        if Path(name).suffix in SOURCES - {".lua", ".lark"} and name not in TABLES
        if (lines := (ROOT / name).read_text("utf-8").count("\n")) > MAX_LINES
    }
    assert long == {}


def test_no_tracked_file_names_a_package_index() -> None:
    # Put together here, so that this file does not name them either.
    hosts = [
        "pypi" + ".org",
        "python" + "hosted",
        "npmjs" + ".",
        "crates" + ".io",
        "maven" + ".org",
        "golang" + ".org",
    ]
    pattern = re.compile("|".join(map(re.escape, hosts)))
    naming = [
        name
        for name in FILES
        if (ROOT / name).is_file() and pattern.search((ROOT / name).read_bytes().decode("latin-1"))
    ]
    assert naming == []


@pytest.mark.parametrize("name", ["dev", "bench", "runtime", "http"])
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    assert not re.search(r"https?:|--(extra-)?index|--find-links|--trusted|git\+|file:", text)
    entries = [entry for entry in re.split(r"\n(?! )", text) if entry.strip() and not entry.startswith("#")]
    assert len(entries) >= 5
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==[^ ]+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_locks_hold_every_dependency(project: dict[str, Any]) -> None:
    always = project["project"]["dependencies"]
    for extra, wanted in project["project"]["optional-dependencies"].items():
        locked = (ROOT / "requirements" / f"{extra}.txt").read_text("utf-8")
        for requirement in always + wanted:
            name = re.split(r"[<>=\[]", requirement)[0]
            assert re.search(rf"(?m)^{re.escape(name)}==", locked), (extra, name)


def test_the_engine_is_pinned_to_the_release_whose_layout_is_known(project: dict[str, Any]) -> None:
    from munition.engine.capi import RELEASE

    pin = next(item for item in project["project"]["dependencies"] if item.startswith("wasmtime"))
    assert pin == f"wasmtime>={RELEASE}.0.1,<{int(RELEASE) + 1}"


def test_only_what_is_needed_is_needed(project: dict[str, Any]) -> None:
    names = {re.split(r"[<>=]", item)[0] for item in project["project"]["dependencies"]}
    assert names == {"wasmtime", "lark", "click", "msgspec", "rich"}
    documented = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert all(f"| {name} |" in documented for name in names)


def test_the_registry_and_the_entry_points_agree(project: dict[str, Any]) -> None:
    from munition.attenuator import _OWN

    assert project["project"]["entry-points"]["munition.attenuators"] == dict(_OWN)
