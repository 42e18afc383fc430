# SPDX-License-Identifier: MIT
"""`make bench-assemblyscript`: writes bench/results/assemblyscript.md and .json. Medians of interleaved rounds; trust the ratios."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lupa.lua54

import munition
from munition.attenuator import Options
from munition.attenuators.assemblyscript.attenuator import AssemblyScriptAttenuator
from munition.attenuators.assemblyscript.bridge import Bridge
from munition.attenuators.assemblyscript.engines import Engine, find_compiler, find_engines
from munition.source import Source

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results"
PROGRAMS = {"fib": 30, "sieve": 2_000_000, "nbody": 100_000, "words": 200_000}
ROUNDS = 5
RUNS = 5
HELLO = 'export function greet(name: string): string { return "hello " + name; }'


class Stock:
    """asc.main in a process that stays."""

    def __init__(self, engine: Engine) -> None:
        command = [str(engine.program), str(HERE / "stock.mjs"), str(find_compiler())]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={}
        )
        self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def compile(self, text: str) -> None:
        """Compile once and forget it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()
        assert int(self._line()) > 0

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compiling() -> dict[str, Any]:
    """Seconds of a compilation, warm and cold, by what it runs on."""
    node = next(e for e in find_engines() if e.kind != "v8 package")
    sources = {"hello": HELLO} | {
        n: (HERE / "programs" / f"{n}.ts").read_text("utf-8") for n in ("nbody", "words")
    }
    stock = Stock(node)
    ours = {e.kind: AssemblyScriptAttenuator(bridge=Bridge(e.kind)) for e in find_engines()}

    def compile_with(kind: Any, text: str) -> Callable[[], object]:
        return lambda: ours[kind].compile(Source("script.ts", text.encode()), Options())

    out: dict[str, Any] = {"cold": {kind: seconds(compile_with(kind, HELLO)) for kind in ours}, "warm": {}}
    for name, text in sources.items():
        work = {"asc on node": lambda text=text: stock.compile(text)}
        work |= {f"munition on {kind}": compile_with(kind, text) for kind in ours}
        for one in work.values():
            one()
            one()
        rounds = [{who: seconds(one) for who, one in work.items()} for _ in range(ROUNDS)]
        out["warm"][name] = {who: statistics.median(r[who] for r in rounds) for who in work}
    stock.close()
    for attenuator in ours.values():
        attenuator.bridge.close()
    return out


def running() -> dict[str, Any]:
    """Seconds of a run: AssemblyScript and Lua through munition (fuel and limits on), Lua 5.4 natively, JavaScript on V8."""
    return {name: _race(name, n) for name, n in PROGRAMS.items()}


def _race(name: str, n: int) -> dict[str, float]:
    folder = HERE / "programs"
    script, lua = (munition.compile(folder / f"{name}{suffix}") for suffix in (".ts", ".lua"))
    native = lupa.lua54.LuaRuntime()
    native.execute((folder / f"{name}.lua").read_text("utf-8"))
    node = next(e for e in find_engines() if e.kind != "v8 package")
    js = [str(node.program), str(HERE / "node_run.mjs"), str(folder / f"{name}.js"), str(n), str(RUNS)]
    lines = subprocess.run(js, capture_output=True, text=True, check=True).stdout.split("\n")[:RUNS]
    work: dict[str, Callable[[], Any]] = {
        "AssemblyScript": lambda: munition.fire(script, "run", [n], timeout=120).values[0],
        "Lua": lambda: munition.fire(lua, "run", [n], timeout=120).values[0],
        "Lua 5.4 native": lambda: native.globals().run(n),
    }
    answers = [*(one() for one in work.values()), float(lines[0].split()[1])]
    assert max(answers) - min(answers) < 1e-9, answers
    rounds = [{who: seconds(one) for who, one in work.items()} for _ in range(RUNS)]
    found = {who: statistics.median(r[who] for r in rounds) for who in work}
    return found | {"V8": statistics.median(float(line.split()[0]) for line in lines) / 1000}


def main() -> None:
    """Measure and write."""
    compiled, ran = compiling(), running()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "assemblyscript.json").write_text(
        json.dumps({"compile": compiled, "run": ran}, indent=1) + "\n"
    )
    page = [
        "# AssemblyScript",
        "",
        "Warm compilation, times that of the compiler's own interface on node (in parentheses its seconds).",
        "",
    ]
    kinds = [who for who in next(iter(compiled["warm"].values())) if who != "asc on node"]
    page += [f"| | {' | '.join(kinds)} |", "|---" * (len(kinds) + 1) + "|"]
    for name, found in compiled["warm"].items():
        base = found["asc on node"]
        page.append(f"| {name} ({base:.2f} s) | {' | '.join(f'{found[who] / base:.2f}' for who in kinds)} |")
    cold = ", ".join(f"{kind} {value:.1f} s" for kind, value in compiled["cold"].items())
    page += [
        "",
        f"The first compilation of a process: {cold}.",
        "",
        "Run time, times that of AssemblyScript through munition (in parentheses its seconds).",
        "",
    ]
    others = [who for who in next(iter(ran.values())) if who != "AssemblyScript"]
    page += [f"| | {' | '.join(others)} |", "|---" * (len(others) + 1) + "|"]
    for name, found in ran.items():
        base = found["AssemblyScript"]
        page.append(f"| {name} ({base:.2f} s) | {' | '.join(f'{found[who] / base:.2f}' for who in others)} |")
    text = "\n".join(page) + "\n"
    (RESULTS / "assemblyscript.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
