# SPDX-License-Identifier: MIT
"""Run the public tests of WASI preview 1 (WebAssembly/wasi-testsuite, with its prebuilt modules) through the engine.

`python -m tests.suites.wasi_testsuite FOLDER`: FOLDER is a checkout of its branch `prod/testsuite-base`. Every test gets a
fresh copy of its directory as `/`, everything that can be granted, and stubs for the rest. What is expected to differ, and
why, is in `EXPECTED`; the exit code is 0 when nothing else does. docs/wasi.md has the result.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from munition import HostOptions, Limits, Outcome, fire
from munition.host.log import Text

_CHANGES: Final = "it begins by making a file or a directory; files are read-only"
_CHANGING: Final = (
    "c/pwrite-with-access c/pwrite-with-append rust/dangling_fd rust/directory_seek rust/fd_advise rust/fd_fdstat_set_rights"
    " rust/fd_filestat_set rust/fd_flags_set rust/fd_readdir rust/file_allocate rust/file_pread_pwrite rust/file_seek_tell"
    " rust/file_truncation rust/file_unbuffered_write rust/fstflags_validate rust/interesting_paths rust/isatty"
    " rust/nofollow_errors rust/overwrite_preopen rust/path_exists rust/path_filestat rust/path_link"
    " rust/path_open_create_existing rust/path_open_dirfd_not_dir rust/path_open_missing rust/path_open_read_write"
    " rust/path_rename rust/path_rename_dir_trailing_slashes rust/path_symlink_trailing_slashes rust/readlink"
    " rust/remove_directory_trailing_slashes rust/remove_nonempty_directory rust/renumber rust/stdio rust/symlink_create"
    " rust/symlink_filestat rust/symlink_loop rust/truncation_rights rust/unlink_file_trailing_slashes"
)
EXPECTED: Final[dict[str, str]] = dict.fromkeys(_CHANGING.split(), _CHANGES)
"""Tests that do not pass, and why."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one test ended."""

    name: str
    passed: bool
    why: str


def run(path: Path) -> Result:
    """Run one test."""
    config = path.with_suffix(".json")
    wanted: dict[str, Any] = json.loads(config.read_text("utf-8")) if config.is_file() else {}
    with tempfile.TemporaryDirectory() as scratch:
        caps = ["log", "time", "random"]
        if "root" in wanted:
            root = Path(scratch) / "root"
            shutil.copytree(path.parent / wanted["root"], root, symlinks=True)
            caps.append(f"filesystem_read:{root}")
        outcome = fire(
            path.read_bytes(),
            None,
            wanted.get("args", []),
            capabilities=caps,
            limits=Limits(timeout=60),
            host=HostOptions(stub_denied=True, environment=tuple(wanted.get("env", {}).items())),
        )
    return Result(f"{path.parts[-4]}/{path.stem}", *_judged(outcome, wanted))


def _judged(outcome: Outcome, wanted: dict[str, Any]) -> tuple[bool, str]:
    code = 0 if outcome.kind == "ok" else -1
    if outcome.crash is not None and outcome.crash.reason.startswith("exit:"):
        code = int(outcome.crash.reason[5:])
    texts: list[Text] = [entry for entry in outcome.log if isinstance(entry, Text)]
    said = {stream: b"".join(text.data for text in texts if text.stream == stream) for stream in (1, 2)}
    shown = f"{outcome.kind}: {outcome.message} {said[2][-300:].decode('utf-8', 'replace')}"
    right = code == wanted.get("exit_code", 0) and all(
        said[stream].decode() == wanted[name]
        for stream, name in ((1, "stdout"), (2, "stderr"))
        if name in wanted
    )
    return right, "" if right else " ".join(shown.split())


def main(folder: str) -> int:
    """Run all tests beneath `folder` and print what each ended as."""
    counts: Counter[str] = Counter()
    for path in sorted(Path(folder).glob("tests/*/testsuite/wasm32-wasip1/*.wasm")):
        result = run(path)
        known = EXPECTED.get(result.name)
        verdict = "passed" if result.passed else "differs" if known else "FAILED"
        if result.passed and known:
            verdict = "PASSED UNEXPECTEDLY"
        counts[verdict] += 1
        if verdict != "passed":
            print(f"{verdict}: {result.name}: {known or result.why}")  # noqa: T201
    print(dict(counts))  # noqa: T201
    return 0 if counts.keys() <= {"passed", "differs"} else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
