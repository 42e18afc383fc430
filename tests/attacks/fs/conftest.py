# SPDX-License-Identifier: MIT
"""A granted directory with a secret beside it, and the host functions over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from munition.capability.parameter import Directory
from munition.host import beneath
from munition.host.files import Files
from munition.host.roots import open_roots

SECRET = b"nothing of this may be seen"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory to grant; `../secret` and `../outside/secret` are not in it."""
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(SECRET)
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "file").write_bytes(b"hello")
    (root / "a" / "inner").write_bytes(b"inner")
    return root


@pytest.fixture(params=["kernel", "walk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of staying beneath a root; what is tested with it must hold for either."""
    if request.param == "walk":
        monkeypatch.setattr("munition.host.files.open_beneath", beneath.walk_beneath)
    return str(request.param)


@pytest.fixture
def files_of() -> Iterator[Callable[..., Files]]:
    """Files over directories, closed at the end of the test."""
    made: list[Files] = []

    def make(*directories: Path | Directory, max_read: int = 1 << 20, max_open: int = 64) -> Files:
        given = (d if isinstance(d, Directory) else Directory(str(d)) for d in directories)
        made.append(Files(open_roots(given), max_read, max_open))
        return made[-1]

    yield make
    for files in made:
        files.close()
