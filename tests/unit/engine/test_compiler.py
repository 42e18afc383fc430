# SPDX-License-Identifier: MIT
"""The compiling child: it is killed when time is up, replaced when it dies, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from munition.engine.compiler import Compiled, Compiler, Refused, Stopped
from munition.engine.presets import Allocation, Preset

ADD = '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'


@pytest.fixture
def compiler() -> Iterator[Compiler]:
    made = Compiler()
    yield made
    made.close()


def soon(seconds: float = 30) -> float:
    return time.monotonic() + seconds


def bomb(wat: Callable[[str], bytes], locals_: int = 2000, ifs: int = 20_000) -> bytes:
    """Many locals over many joins: the register allocator takes minutes."""
    body = "".join(
        f"(if (local.get {i % locals_}) (then (local.set {(i * 7) % locals_} (i32.const {i}))))"
        for i in range(ifs)
    )
    return wat(f'(module (func (export "f") (local {"i32 " * locals_}) {body}))')


def test_code_comes_back_and_the_child_is_kept(compiler: Compiler, wat: Callable[[str], bytes]) -> None:
    for preset in Preset:
        result = compiler.compile(wat(ADD), preset, Allocation.POOL, soon())
        assert isinstance(result, Compiled)
        assert result.code.startswith(b"\x7fELF")
    first = compiler.pid()
    compiler.compile(wat(ADD), Preset.OWN, Allocation.WIDE, soon())
    assert compiler.pid() == first


def test_a_child_that_holds_much_memory_is_not_used_again(
    compiler: Compiler, wat: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon()), Compiled)
    first = compiler.pid()
    assert first is not None
    monkeypatch.setattr("munition.engine.compiler.BLOATED", 1)
    assert isinstance(compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon()), Compiled)
    assert compiler.pid() is None, "nobody may be given a worker that is on its way out"
    assert isinstance(compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon()), Compiled)


def test_a_refusal_carries_the_engines_words(compiler: Compiler, wat: Callable[[str], bytes]) -> None:
    result = compiler.compile(wat("(module (func (param v128)))"), Preset.OWN, Allocation.POOL, soon())
    assert isinstance(result, Refused)
    assert "SIMD" in result.message
    assert isinstance(compiler.compile(b"not a module", Preset.OWN, Allocation.POOL, soon()), Refused)


def test_a_bomb_is_stopped_at_the_deadline_and_the_next_request_is_served(
    compiler: Compiler, wat: Callable[[str], bytes]
) -> None:
    compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon())
    before = compiler.pid()
    assert compiler.compile(bomb(wat), Preset.THIRD_PARTY, Allocation.POOL, soon(0.5)) == Stopped("time")
    assert compiler.pid() != before
    assert isinstance(compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon()), Compiled)
    assert compiler.pid() != before


def test_a_dead_child_costs_one_request_at_most(compiler: Compiler, wat: Callable[[str], bytes]) -> None:
    compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon())
    child = compiler.pid()
    assert child is not None
    os.kill(child, signal.SIGKILL)
    results = [compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon()) for _ in range(2)]
    assert isinstance(results[1], Compiled)
    assert isinstance(results[0], (Compiled, Stopped))


def test_a_deadline_that_has_passed_compiles_nothing(compiler: Compiler, wat: Callable[[str], bytes]) -> None:
    assert compiler.compile(wat(ADD), Preset.OWN, Allocation.POOL, soon(-1)) == Stopped("time")


PARENT = """
import sys, time
from munition.engine.compiler import Compiler
from munition.engine.presets import Allocation, Preset
compiler = Compiler()
compiler.compile(b"x", Preset.OWN, Allocation.POOL, time.monotonic() + 30)
print(compiler.pid(), flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_the_child_ends_with_its_parent(how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        child = int(parent.stdout.readline())
        if how == "kill":
            parent.kill()
        else:
            parent.stdin.write("\n")
            parent.stdin.flush()
        parent.wait(30)
        assert _gone(child)


def _gone(pid: int) -> bool:
    """Whether the process ends; a zombie nobody waits for counts as ended."""
    for _ in range(500):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_it_starts_from_anywhere(tmp_path: os.PathLike[str]) -> None:
    """A folder with hostile files in it, a script from standard input, no main guard."""
    for name in ("munition.py", "wasmtime.py", "struct.py", "site.py"):
        with open(os.path.join(tmp_path, name), "w", encoding="ascii") as file:  # noqa: PTH118, PTH123
            file.write("raise SystemExit(99)")
    script = "import sys; sys.path[:] = [p for p in sys.path if p]\n" + PARENT
    done = subprocess.run(
        [sys.executable, "-P", "-"],
        input=script,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().isdigit()
