# SPDX-License-Identifier: MIT
"""Every way to install it, into an environment of its own, away from the work tree.

The environments see the dependencies of the one the tests run in, and nothing else of it: its path file is not read again,
so an editable install there does not leak in here.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.package, pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {
    ".git",
    ".venv",
    "build",
    "dist",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}
SCRIPT = """\
function process(order)
  return { total = order.price * order.quantity }
end
"""


def call(*arguments: str | Path, cwd: Path) -> str:
    """What a command prints; its complaints, if it fails."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    ended = subprocess.run(
        list(map(str, arguments)),
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, f"{arguments}: {ended.stdout}\n{ended.stderr}"
    return ended.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work tree as a clone has it."""
    target = tmp_path_factory.mktemp("clone") / "munition"
    shutil.copytree(ROOT, target, symlinks=True, ignore=lambda _, names: LEFT_OUT.intersection(names))
    return target


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and a source distribution."""
    out = tmp_path_factory.mktemp("dist")
    for form in ("--wheel", "--sdist"):
        call(sys.executable, "-m", "build", "--no-isolation", form, "--outdir", out, tree, cwd=out)
    return out


def wheel_of(folder: Path) -> Path:
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    out = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(out, filter="data")
    return next(out.iterdir())


def environment(folder: Path) -> Path:
    """A new environment with the dependencies in reach; returns its interpreter."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    here = next(path for path in site.getsitepackages() if path.endswith("site-packages"))
    found = call(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=folder).strip()
    (Path(found) / "zz_dependencies.pth").write_text(here + "\n", "utf-8")
    return python


def install(python: Path, *what: str | Path, cwd: Path) -> None:
    call(
        *(
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--python",
            python,
            "install",
            "--quiet",
        ),
        *("--no-index", "--no-deps", "--no-build-isolation", *what),
        cwd=cwd,
    )


def works(python: Path, folder: Path) -> str:
    """Compile and fire in `folder`; returns where the package was found."""
    (folder / "shop.lua").write_text(SCRIPT, "utf-8")
    command = python.parent / "munition"
    call(command, "compile", "shop.lua", cwd=folder)
    fired = call(command, "fire", "shop.wasm", "process", '{"price": 6, "quantity": 7}', cwd=folder)
    assert fired == '[{"total": 42}]\n'
    # -P: nothing is found because it happens to lie in the current folder.
    assert call(python, "-P", "-m", "munition", "run", "shop.lua", cwd=folder) == ""
    return call(
        python, "-P", "-c", "import munition.attenuators.lua as m; print(m.__file__)", cwd=folder
    ).strip()


def test_the_wheel_works_elsewhere(built: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    install(python, wheel_of(built), cwd=tmp_path)
    assert works(python, tmp_path).startswith(str(tmp_path / "env"))


def test_the_source_distribution_works_elsewhere(built: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    install(python, next(built.glob("*.tar.gz")), cwd=tmp_path)
    assert works(python, tmp_path).startswith(str(tmp_path / "env"))


def test_a_clone_works_in_editable_form(tree: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    install(python, "--editable", tree, cwd=tmp_path)
    assert works(python, tmp_path).startswith(str(tree / "munition"))


def test_an_unpacked_source_distribution_works_in_editable_form(unpacked: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    assert not (unpacked / "munition" / "attenuators").exists()
    install(python, "--editable", unpacked, cwd=tmp_path)
    assert (unpacked / "munition" / "attenuators").is_symlink()
    assert works(python, tmp_path).startswith(str(unpacked / "munition"))


def test_a_wheel_from_the_source_distribution_is_the_same_wheel(
    built: Path, unpacked: Path, tmp_path: Path
) -> None:
    call(
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--wheel",
        "--outdir",
        tmp_path,
        unpacked,
        cwd=tmp_path,
    )
    assert wheel_of(tmp_path).read_bytes() == wheel_of(built).read_bytes()


def test_the_wheel_holds_the_folders_and_no_link_to_them(built: Path, tree: Path) -> None:
    with zipfile.ZipFile(wheel_of(built)) as archive:
        names = set(archive.namelist())
    for folder in ("attenuators", "analysis"):
        here = {
            path.relative_to(tree).as_posix()
            for path in (tree / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert {f"munition/{name}" for name in here} <= names
    assert f"munition/{'attenuators'}" not in names
    assert not any(name.startswith(("tests/", "attenuators/", "bench/")) for name in names)
    assert {"munition/py.typed", "munition/runtime/runtime.wasm"} <= names


def test_the_source_distribution_holds_what_the_tests_need_and_no_link(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        members = archive.getmembers()
    names = {member.name.partition("/")[2] for member in members}
    assert not [member.name for member in members if member.issym() or member.islnk()]
    assert {
        "Makefile",
        "requirements/dev.txt",
        "attenuators/lua/grammar.lark",
        "tests/conftest.py",
        "LICENSE",
    } <= names
    assert not any(name.startswith(("munition/attenuators", "munition/analysis", ".venv")) for name in names)
