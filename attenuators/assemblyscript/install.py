# SPDX-License-Identifier: MIT
"""Bring the compiler into the user's data folder: the published archives, through npm, compared with their hashes.

Only the files that are used are unpacked, 15 of 100 megabytes, and no script of a package runs.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from munition.attenuators.assemblyscript.engines import (
    changed_files,
    data_folder,
    find_engines,
    find_npm,
)
from munition.attenuators.assemblyscript.pinned import FILES, PACKAGES
from munition.errors import InvalidModuleError, MissingToolError

_SECONDS: Final = 600
_MAX_FILE: Final = 64 << 20
_KEPT: Final = (
    "PATH",
    "HOME",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def install(archives: Path | None = None) -> Path:
    """Install the compiler, unless it is there already.

    Args:
        archives: a folder with the packages' archives (as `npm pack` writes them); npm fetches them unless given.

    Returns:
        The folder it is in.

    Raises:
        MissingToolError: there is no npm, or it could not fetch the packages.
        InvalidModuleError: what was fetched is not what was published.
        OSError: the folder cannot be written.
    """
    folder = data_folder()
    if not changed_files(folder):
        return folder
    parent = folder.parent.parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".setup-") as made:
        source = Path(made) / "archives" if archives is None else archives
        if archives is None:
            source.mkdir()
            _fetch(source)
        new = Path(made) / "new"
        for name, (version, digest) in PACKAGES.items():
            _unpack(source / f"{name}-{version}.tgz", name, digest, new / "node_modules")
        changed = changed_files(new / "node_modules")
        if changed:
            raise InvalidModuleError(f"{changed[0]} is not as it was published", code="E400")
        old = Path(made) / "old"
        if folder.parent.exists():
            folder.parent.rename(old)
        try:
            new.rename(folder.parent)
        except OSError:
            if changed_files(folder):  # unless somebody else was faster
                raise
    return folder


def _fetch(into: Path) -> None:
    npm = next((npm for engine in find_engines() if (npm := find_npm(engine))), None)
    if npm is None:
        found = shutil.which("npm")
        if found is None or not found.startswith("/"):
            raise MissingToolError(
                "npm is needed once, to fetch the compiler: pip install 'munition[assemblyscript]', or give a folder"
                " with the archives: --from DIR"
            )
        npm = (found,)
    wanted = [f"{name}@{version}" for name, (version, _) in PACKAGES.items()]
    # The user's npm configuration (which registry, which proxy) holds; what a project's folder says does not.
    environment = {
        k: v for k, v in os.environ.items() if k in _KEPT or k.lower().startswith("npm_config_registry")
    }
    try:
        done = subprocess.run(
            [*npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", ".", *wanted],
            cwd=into,
            env=environment,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingToolError(f"npm could not be run: {type(error).__name__}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-400:]
        raise MissingToolError(f"npm could not fetch the compiler: {said or f'exit code {done.returncode}'}")


def _unpack(archive: Path, name: str, digest: str, into: Path) -> None:
    """Write the files of a package that are used, from an archive that is as it was published."""
    try:
        with archive.open("rb") as file:
            found = hashlib.file_digest(file, "sha512").digest()
    except OSError:
        raise MissingToolError(f"{archive.name} is not there") from None
    if found != base64.b64decode(digest):
        raise InvalidModuleError(f"{archive.name} is not the archive that was published", code="E400")
    wanted = {
        f"package/{path.removeprefix(f'{name}/')}": path for path in FILES if path.startswith(f"{name}/")
    }
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            path = wanted.get(member.name)
            if path is None or not member.isfile() or member.size > _MAX_FILE:
                continue
            content = tar.extractfile(member)
            assert content is not None
            target = into / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
