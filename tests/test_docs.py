# SPDX-License-Identifier: MIT
"""The documentation says what is so: its tables are compared with the data, its examples are run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from munition.attenuators.lua.build_docs import with_names
from munition.capability.names import NAMES
from munition.cli.entry import _COMMANDS
from munition.cli.exits import EXITS

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SHOWN = (ROOT / "README.md", ROOT / "docs" / "lua.md")
"""Pages whose examples are run."""
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(?:--|#) ([\w./-]+\.(?:lua|py|json))\n")
# What the first lines of a reader's session need and a test does not repeat.
NOT_RUN = ("git clone", "cd ", "make ", "pip install", "python -m venv")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading of a page, without its head."""
    text = (ROOT / "docs" / page).read_text("utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_exit_codes_of_the_page_are_the_exit_codes() -> None:
    documented = {row[0]: int(row[1]) for row in rows("errors.md", "Kinds and exit codes")}
    assert documented == {kind: entry.code for kind, entry in EXITS.items()}


def test_the_capabilities_of_the_page_are_the_capabilities() -> None:
    documented = {row[0]: (row[1], row[2], row[3]) for row in rows("capabilities.md", "Names")}
    assert documented == {
        name: (entry.risk.name.lower(), "yes" if entry.grantable else "no", entry.summary)
        for name, entry in NAMES.items()
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_that_are_mentioned_exist(page: Path) -> None:
    named = set(re.findall(r"`munition ([a-z]+)\b", page.read_text("utf-8")))
    assert named <= {*_COMMANDS, "diff"}


def test_the_table_of_standard_names_is_up_to_date() -> None:
    page = (ROOT / "docs" / "lua.md").read_text("utf-8")
    assert with_names(page) == page, "run python -m munition.attenuators.lua.build_docs docs/lua.md"


def test_make_targets_that_are_mentioned_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z-]+)`", page.read_text("utf-8"))) <= targets, page


def test_every_code_in_the_sources_has_an_explanation() -> None:
    from munition.cli.explain import _topics

    sources = [*(ROOT / "munition").glob("**/*.py"), *(ROOT / "attenuators").rglob("*.py")]
    used = {
        code
        for path in sources
        for code in re.findall(r'"([A-Z]\d{3})"', path.read_text("utf-8"))
        if "__pycache__" not in path.parts
    }
    assert len(used) > 30
    assert used - _topics().keys() == set()


@dataclass(frozen=True)
class Step:
    """One command of a page and what the page says it shows."""

    command: str
    shown: str


def session(page: Path) -> tuple[dict[str, str], list[Step]]:
    """The files a page tells to write, and the commands it tells to run, in order."""
    files: dict[str, str] = {}
    steps: list[Step] = []
    for language, body in FENCE.findall(page.read_text("utf-8")):
        named = NAMED.match(body)
        if named and language in {"lua", "python", "json"}:
            files[named.group(1)] = body
        if language == "console":
            steps += [Step(*part.split("\n", 1)) for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]]
    return files, [step for step in steps if not step.command.startswith(NOT_RUN)]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_pages_show_something_to_run(page: Path) -> None:
    files, steps = session(page)
    assert len(files) >= 2
    assert len(steps) >= 5


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path) -> None:
    files, steps = session(page)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in {"MUNITION_DEBUG"}}
    for step in steps:
        words = shlex.split(step.command)
        assert words[0] in {"munition", "python"}, step.command
        start = [sys.executable, "-m", "munition"] if words[0] == "munition" else [sys.executable]
        ended = subprocess.run(
            [*start, *words[1:]],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        pattern = re.escape(step.shown.strip("\n")).replace(re.escape("..."), ".*")
        assert re.fullmatch(pattern, ended.stdout.strip("\n"), re.DOTALL), f"$ {step.command}\n{ended.stdout}"
