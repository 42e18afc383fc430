# SPDX-License-Identifier: MIT
"""Build the guest runtime: `python -m munition.runtime.build [--check]`.

Every C file of this folder is compiled by the clang of the `ziglang` package and linked, with relocations kept, into
`runtime.wasm`. Mathematical functions come from the musl sources and the compiler support library inside that package.
Two builds with the same ziglang give the same bytes; `--check` builds elsewhere and compares.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from munition.runtime.headers import GENERATED

SOURCES: Final = Path(__file__).parent
ARTEFACT: Final = SOURCES / "runtime.wasm"

C_STACK: Final = 64 * 1024
"""Bytes of the C stack, at address 0 so that overflow traps."""

_TARGET: Final = ("-target", "wasm32-freestanding")
# -g0: zig adds debugging information otherwise. The overlong call_indirect and reference types would ask for more
# engine features than generated code needs. experimental-mv returns a struct of two fields as two results.
_CODE: Final = (
    "-g0", "-DNDEBUG", "-fno-math-errno", "-mno-reference-types", "-mno-call-indirect-overlong", "-mno-extended-const",
    "-mbulk-memory", "-mmultivalue", "-Xclang", "-target-abi", "-Xclang", "experimental-mv",
)  # fmt: skip
_OWN: Final = (
    "-std=c23",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-missing-braces",
    "-Wno-gnu-variable-sized-type-not-at-end",
)
_ZIG: Final = (
    "-O", "ReleaseFast", "-fstrip", "-fno-compiler-rt",
    "-mcpu", "mvp+bulk_memory+multivalue+mutable_globals+nontrapping_fptoint+sign_ext",
)  # fmt: skip

MUSL: Final = (
    "__math_divzero.c", "__math_invalid.c", "__math_oflow.c", "__math_uflow.c", "__math_xflow.c",
    "exp_data.c", "pow.c", "pow_data.c", "atan2.c",
)  # fmt: skip
"""Files of musl's src/math that the compiler support library lacks and the runtime needs."""

_INVERSE: Final = """\
const std = @import("std");
export fn asin(x: f64) f64 { return std.math.asin(x); }
export fn acos(x: f64) f64 { return std.math.acos(x); }
export fn atan(x: f64) f64 { return std.math.atan(x); }
"""
"""Functions that musl has, but that the package carries only in zig's standard library."""

# What a program spends its time in is built for speed, with little inlining across what is rarely taken; everything else
# is built small, because each module carries it.
_FASTEST: Final = ("-O3", "-fno-unroll-loops")
_SPEED: Final = ("-O2", "-fno-unroll-loops", "-mllvm", "-inline-threshold=20")
_SIZE: Final = ("-Oz", "-mllvm", "-inline-threshold=0")
_FAST: Final = frozenset({
    "arith.c", "buffer.c", "concat.c", "gc.c", "heap.c", "lib_coroutine.c", "lib_io_read.c", "lib_math.c",
    "lib_string.c", "lib_string_format.c", "lib_string_gsub.c", "lib_string_match.c", "lib_string_pack.c",
    "lib_string_unpack.c", "lib_table.c", "lib_table_sort.c", "number_digits.c", "number_format.c", "pattern_match.c",
})  # fmt: skip
_HOTTEST: Final = frozenset(
    {"call.c", "coroutine.c", "meta.c", "methods.c", "object.c", "string.c", "table.c"}
)

_ENTRY_POINT: Final = re.compile(
    r"^(?!static\b)\w[\w ]*[ *]((?:rt|lua|no)_\w+)\([^;{]*(?:\{.*)?$", re.MULTILINE
)


class BuildError(Exception):
    """A tool failed, or is missing; the message says what it printed."""


def write_generated(folder: Path = SOURCES) -> None:
    """Bring the files made from layout.py up to date."""
    for name, text in GENERATED.items():
        path = folder / name
        if not path.exists() or path.read_text() != text():
            path.write_text(text())


def entry_points(sources: list[Path]) -> list[str]:
    """Names of the functions that generated code, the host and gates.py name, sorted."""
    return sorted({name for source in sources for name in _ENTRY_POINT.findall(source.read_text())})


def ziglang_folder() -> Path | None:
    """Where the ziglang package lies; None if it is not installed."""
    found = importlib.util.find_spec("ziglang")
    return Path(found.origin).parent if found is not None and found.origin is not None else None


def _zig(folder: Path, *arguments: str) -> None:
    cache = str(folder / "cache")
    environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
    command = [sys.executable, "-m", "ziglang", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"zig {arguments[0]} failed:\n{done.stderr}")


def _compile_own(source: Path, folder: Path) -> Path:
    target = folder / f"{source.stem}.o"
    level = _FASTEST if source.name in _HOTTEST else _SPEED if source.name in _FAST else _SIZE
    _zig(folder, "cc", *_TARGET, *_CODE, *_OWN, *level, "-c", str(source), "-o", str(target))
    return target


def _compile_musl(name: str, library: Path, folder: Path) -> Path:
    target = folder / f"musl_{Path(name).stem}.o"
    libc = library / "libc"
    parts = (
        "musl/arch/generic",
        "musl/src/internal",
        "musl/src/include",
        "musl/include",
        "include/generic-musl",
        "include/wasm-wasi-musl",
    )
    include = [f"-I{libc / part}" for part in parts]
    source = libc / "musl" / "src" / "math" / name
    options = ("-std=c99", "-O2", "-w", "-D_XOPEN_SOURCE=700", *include)
    _zig(folder, "cc", *_TARGET, *_CODE, *options, "-c", str(source), "-o", str(target))
    return target


def _compile_support(library: Path, folder: Path) -> list[Path]:
    inverse = folder / "inverse.zig"
    inverse.write_text(_INVERSE)
    targets: list[Path] = []
    for source in (inverse, library / "compiler_rt.zig"):
        target = folder / f"zig_{source.stem}.o"
        _zig(folder, "build-obj", str(source), *_TARGET, *_ZIG, f"-femit-bin={target}")
        targets.append(target)
    return targets


def build(folder: Path) -> bytes:
    """Compile and link in `folder` (empty, scratch); return the module.

    Raises:
        BuildError: a tool failed, or ziglang is not installed.
    """
    package = ziglang_folder()
    if package is None:
        raise BuildError(
            "the guest runtime is built by the clang of the ziglang package: pip install ziglang"
        )
    library = package / "lib"
    sources = sorted(SOURCES.glob("*.c"))
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        own = [pool.submit(_compile_own, source, folder) for source in sources]
        musl = [pool.submit(_compile_musl, name, library, folder) for name in MUSL]
        support = pool.submit(_compile_support, library, folder)
        objects = [*(job.result() for job in own), *(job.result() for job in musl), *support.result()]
    output = folder / "runtime.wasm"
    exports = [f"--export={name}" for name in entry_points(sources)]
    _zig(
        folder, "wasm-ld", "--no-entry", "--emit-relocs", "--strip-debug", "--export-table", "--growable-table",
        "--stack-first", "-z", f"stack-size={C_STACK}", *exports, *(item.name for item in objects), "-o", str(output),
    )  # fmt: skip
    return output.read_bytes()


def main() -> int:
    """Rebuild the artefact, or with `--check` compare it with a fresh build."""
    parser = argparse.ArgumentParser(description="Build the guest runtime.")
    parser.add_argument(
        "--check", action="store_true", help="compare the shipped artefact with a fresh build"
    )
    check = parser.parse_args().check
    if not check:
        write_generated()
    try:
        with tempfile.TemporaryDirectory(prefix="munition-runtime-") as folder:
            data = build(Path(folder))
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not check:
        ARTEFACT.write_bytes(data)
        sys.stdout.write(f"{ARTEFACT.name}: {len(data)} bytes\n")
        return 0
    same = ARTEFACT.read_bytes() == data
    sys.stdout.write("identical\n" if same else "the shipped runtime.wasm is not what the sources give\n")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
