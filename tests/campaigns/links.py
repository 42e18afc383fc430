# SPDX-License-Identifier: MIT
"""The race of symbolic links: `python -m tests.campaigns.links SECONDS`, half of them for each way of staying beneath a root.

A process of its own swaps a directory and a link out of the granted directory as fast as it can, while files are opened
through that name. The exit code is 0 when nothing from outside was read.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from munition.capability.parameter import Directory
from munition.host import beneath, files
from munition.host.files import Files
from munition.host.paths import FileError
from munition.host.roots import open_roots
from tests.attacks.fs.test_fs_paths import SWAPPER


def race(folder: Path, seconds: float) -> Counter[str]:
    """Open files in `folder` for so long; what came of it, by kind."""
    root = folder / "root"
    (root / "swap").mkdir(parents=True)
    (folder / "outside").mkdir()
    (folder / "outside" / "secret").write_bytes(b"secret")
    (root / "swap" / "secret").write_bytes(b"decoy")
    (root / "link").symlink_to("../outside")
    seen: Counter[str] = Counter()
    granted = Files(open_roots([Directory(str(root))]), 1 << 40, 64)
    command = [sys.executable, "-c", SWAPPER, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                number = granted.open(b"swap/secret")
                seen[granted.read(number, 100).decode()] += 1
                granted.drop(number)
            except FileError as error:
                seen[error.code.name] += 1
        rounds, _ = child.communicate(b"")
    granted.close()
    seen["swaps"] = int(rounds)
    return seen


def main(seconds: str) -> int:
    """Race both ways; print the counts."""
    escapes = 0
    for way in (beneath.open_beneath, beneath.walk_beneath):
        files.open_beneath = way  # type: ignore[attr-defined]
        with tempfile.TemporaryDirectory() as folder:
            seen = race(Path(folder), float(seconds) / 2)
        print(way.__name__, dict(seen))  # noqa: T201
        escapes += seen["secret"]
    return min(escapes, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
