# SPDX-License-Identifier: MIT
"""What compiling costs and how large the result is: CPU of the whole `munition compile` process, bytes of the module."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.harness import Amount, Case

HELLO = 'print("hello, world")\n'
LINES = 1000

_MOST_LOCALS = 190
"""A function may have 200 local variables; more functions than that are globals."""


def cases() -> list[Case]:
    """The amounts of this suite."""
    return [
        Amount(
            "compile a hello script, CPU of the whole process",
            "ms",
            lambda: process_cpu(HELLO),
            250,
            rounds=7,
        ),
        Amount(
            f"compile a script of {LINES} lines, CPU of the whole process",
            "ms",
            lambda: process_cpu(long_script()),
            600,
            rounds=5,
        ),
        Amount("module of a hello script", "bytes", lambda: float(module_size(HELLO)), 16 << 10),
    ]


def long_script(lines: int = LINES) -> str:
    """A script of so many lines as people write them: functions with loops, tables, strings and calls."""
    block = """\
local function step_{n}(items, limit)
  local total, seen = 0, {{}}
  for index, item in ipairs(items) do
    if item.price and item.price > limit then
      total = total + item.price * item.count
      seen[item.name] = (seen[item.name] or 0) + 1
    elseif index % 3 == 0 then
      total = total - {n}
    end
  end
  local names = {{}}
  for name, count in pairs(seen) do
    names[#names + 1] = string.format("%s:%d", name, count)
  end
  table.sort(names)
  return {{ total = total, names = table.concat(names, ","), step = "step_{n}" }}
end
results[{n}] = step_{n}({{ {{ name = "a", price = {n}.5, count = 2 }} }}, 10)

"""
    height = block.count("\n")
    count = lines // height
    if count > _MOST_LOCALS:
        block = block.replace("local function", "function")
    blocks = "".join(block.format(n=n) for n in range(1, count + 1))
    text = "results = {}\n" + blocks
    return text + "\n" * (lines - text.count("\n"))


def _compile(script: str, folder: str) -> Path:
    source = Path(folder) / "script.lua"
    source.write_text(script, "utf-8")
    command = [sys.executable, "-m", "munition", "compile", str(source), "--caps", "log"]
    # As installed: with byte code beside the sources, which `pip install` writes.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, timeout=120, env=environment)
    return source.with_suffix(".wasm")


def process_cpu(script: str) -> float:
    """Milliseconds of user and system time of one process, its start included; byte code was written before."""
    with tempfile.TemporaryDirectory() as folder:
        _compile(HELLO, folder)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _compile(script, folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def module_size(script: str) -> int:
    """Bytes of the module."""
    with tempfile.TemporaryDirectory() as folder:
        return _compile(script, folder).stat().st_size
