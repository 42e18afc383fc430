# SPDX-License-Identifier: MIT
"""A mutation campaign: damaged modules and components end in a report or a typed refusal, soon and in little memory.

    python -m tests.corpus.mutate [FOLDER] [--seconds N] [--seed N]

Seeds are the modules of the corpus up to 600 kB that are there, and all modules and components whose truth is known by
construction. Ends with 1 for an untyped exception, a mutant that takes over a second, or more than 200 MB.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import wasmtime

from munition.analysis import analyze
from munition.errors import MunitionError
from munition.wasm.leb import unsigned
from tests.unit.analysis.component_shapes import COMPONENT_SHAPES
from tests.unit.analysis.shapes import SHAPES

HERE = Path(__file__).parent
LARGEST = 600_000
COMPARED = 20_000
SECONDS, MEGABYTES = 1.0, 200
COUNTS = (b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x10", b"\xff\xff\x3f", b"\xff\x7f")


def flip(data: bytearray, dice: random.Random, other: bytes) -> None:
    """Change single bits."""
    del other
    for _ in range(dice.choice((1, 2, 8, 50))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def cut(data: bytearray, dice: random.Random, other: bytes) -> None:
    """End early."""
    del other
    del data[dice.randrange(len(data)) :]


def insert(data: bytearray, dice: random.Random, other: bytes) -> None:
    """Put a large number, or noise, somewhere."""
    del other
    at = dice.randrange(len(data))
    data[at:at] = dice.choice((*COUNTS, unsigned(dice.randrange(1 << 32)), dice.randbytes(9)))


def overwrite(data: bytearray, dice: random.Random, other: bytes) -> None:
    """Write a huge count over what is there."""
    del other
    at = dice.randrange(len(data))
    count = dice.choice(COUNTS)
    data[at : at + len(count)] = count


def remove(data: bytearray, dice: random.Random, other: bytes) -> None:
    """Leave some bytes out."""
    del other
    at = dice.randrange(len(data))
    del data[at : at + dice.randrange(1, 64)]


def splice(data: bytearray, dice: random.Random, other: bytes) -> None:
    """Put a piece of another module in."""
    at, where = dice.randrange(len(data)), dice.randrange(len(other))
    data[at : at + dice.choice((0, 40))] = other[where : where + dice.choice((4, 40, 400))]


def shuffle(data: bytearray, dice: random.Random, other: bytes) -> None:
    """Sections in another order, twice, or not at all; the outermost level only."""
    del other
    parts: list[bytes] = []
    at = 8
    while at < len(data):
        start, size, shift = at, 0, 0
        at += 1
        while at < len(data):
            size |= (data[at] & 127) << shift
            shift += 7
            at += 1
            if data[at - 1] < 128:
                break
        at += size
        parts.append(bytes(data[start:at]))
    if parts:
        match dice.randrange(3):
            case 0:
                dice.shuffle(parts)
            case 1:
                parts.insert(dice.randrange(len(parts)), dice.choice(parts))
            case _:
                parts.pop(dice.randrange(len(parts)))
    data[8:] = b"".join(parts)


WAYS: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    flip,
    cut,
    insert,
    overwrite,
    remove,
    splice,
    shuffle,
)


def mutant(seeds: list[bytes], dice: random.Random) -> bytes:
    """A damaged module."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.choice((1, 1, 1, 3))):
        if data:
            dice.choice(WAYS)(data, dice, dice.choice(seeds))
    return bytes(data)


def small_and_large(folder: Path) -> tuple[list[bytes], list[bytes]]:
    """Constructed modules and components, and published modules."""
    texts = [shape.wat for shape in SHAPES]
    texts += [shape.text for shape in COMPONENT_SHAPES] * 4
    small = [bytes(wasmtime.wat2wasm(text)) for text in texts]
    files = sorted(folder.glob("*.wasm")) if folder.is_dir() else []
    return small, [file.read_bytes() for file in files if file.stat().st_size <= LARGEST]


def accepted(engine: wasmtime.Engine, data: bytes) -> bool:
    """Whether the engine finds a module valid."""
    try:
        wasmtime.Module.validate(engine, data)
    except wasmtime.WasmtimeError:
        return False
    return True


def engine_of_everything() -> wasmtime.Engine:
    """An engine with the extensions it has switched on."""
    config = wasmtime.Config()
    config.wasm_gc = config.wasm_function_references = config.wasm_exceptions = True
    config.wasm_memory64 = config.wasm_multi_memory = config.wasm_relaxed_simd = config.wasm_threads = True
    return wasmtime.Engine(config)


def one(data: bytes, engine: wasmtime.Engine, found: Counter[str]) -> float:
    """Analyse one mutant; the processor time it took."""
    start = time.process_time()
    ours = True
    try:
        analyze(data)
        found["reports"] += 1
    except MunitionError:
        ours = False
        found["typed refusals"] += 1
    except Exception:  # what this campaign looks for
        traceback.print_exc()
        found["untyped"] += 1
        return 0.0
    took = time.process_time() - start
    if len(data) <= COMPARED and data[4:8] == b"\1\0\0\0" and ours != accepted(engine, data):
        found[
            "refused, though the engine accepts it"
            if not ours
            else "reported on, though the engine refuses it"
        ] += 1
    return took


def main() -> int:
    """The campaign."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default=str(Path.home() / ".cache" / "munition-corpus"))
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    small, large = small_and_large(Path(options.folder))
    engine = engine_of_everything()
    found: Counter[str] = Counter()
    worst = (0.0, 0)
    count = 0
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        data = mutant(large if large and dice.random() < 0.3 else small, dice)
        count += 1
        found["components"] += data[4:8] == b"\x0d\0\1\0"
        worst = max(worst, (one(data, engine, found), len(data)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    listed = ", ".join(f"{found[key]} {key}" for key in sorted(found))
    sys.stdout.write(
        f"{count} mutants of {len(small)} constructed and {len(large)} published modules: {listed};"
        f" worst {worst[0]:.2f} s ({worst[1]} bytes); {memory} MB at most\n"
    )
    return 1 if found["untyped"] or worst[0] > SECONDS or memory > MEGABYTES else 0


if __name__ == "__main__":
    sys.exit(main())
