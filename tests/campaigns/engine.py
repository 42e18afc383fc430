# SPDX-License-Identifier: MIT
"""Campaigns over the engine: random modules, host functions that raise, a soak.

    python -m tests.campaigns.engine modules --count 100000 --seconds 3600
    python -m tests.campaigns.engine faults --count 100000
    python -m tests.campaigns.engine soak --count 1000000

Each prints one JSON object with what was done and what was found; the exit code is 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import munition
from munition.engine.asked import Isolation
from munition.engine.facts import read_facts
from munition.engine.machine import machine
from munition.engine.outcome import EXIT_CODES
from munition.errors import InvalidModuleError, UsageError
from munition.host.bindings import BINDINGS
from tests.support.random_modules import mutated, valid
from tests.support.wasm_text import wat

FUEL = 100_000
TIMEOUT = 5.0
OVERRUN = 0.25


def main(arguments: list[str] | None = None) -> int:
    """Run one campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("campaign", choices=sorted(_CAMPAIGNS))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=3600.0, help="stop after so many")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    began = time.monotonic()
    found = _CAMPAIGNS[options.campaign](options.count, began + options.seconds, options.seed)
    found = {
        "campaign": options.campaign,
        "seed": options.seed,
        **found,
        "seconds": round(time.monotonic() - began, 1),
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return int(bool(found["wrong"]))


def modules(count: int, end: float, seed: int) -> dict[str, Any]:
    """Valid and mutated modules through validate, infer and fire. Wrong: an exception, a hang, a valid one refused."""
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    slowest, done = 0.0, 0
    for number in range(count):
        if time.monotonic() > end:
            break
        chance = random.Random(seed + number)
        module, capabilities = valid(chance)
        changed = number % 2 == 1
        if changed:
            module = mutated(chance, module)
        try:
            outcome = _through(module, capabilities, chance)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            wrong.append(f"seed {seed + number}: {type(error).__name__}: {error}")
            continue
        finally:
            done += 1
        slowest = max(slowest, outcome.elapsed)
        kinds[f"{'mutated' if changed else 'valid'} {outcome.kind} {outcome.reason}".strip()] += 1
        if outcome.elapsed > TIMEOUT + OVERRUN or outcome.kind == "host_fault":
            wrong.append(
                f"seed {seed + number}: {outcome.kind}/{outcome.reason} after {outcome.elapsed:.2f} s"
            )
        if not changed and outcome.kind in ("invalid", "denied"):
            wrong.append(f"seed {seed + number}: a valid module was refused: {outcome.message}")
    workers = machine().workers.counts()
    return {
        "modules": done,
        "slowest_fire_s": round(slowest, 3),
        "workers_started": workers.started,
        "workers_killed": workers.killed,
        "kinds": dict(kinds.most_common()),
        "wrong": wrong[:50],
    }


def _through(module: bytes, capabilities: list[str], chance: random.Random) -> munition.Outcome:
    report = munition.validate(module)
    # The analyzer reads bodies too, and may refuse what `validate` accepts; both refuse with this error alone.
    with contextlib.suppress(InvalidModuleError):
        munition.infer_capabilities(module)
    signature = read_facts(module).functions.get("f0") if report.ok else None
    arguments = [chance.choice((0, 1, 3)) for _ in signature.params] if signature else []
    name = "f0" if signature else None
    try:
        outcome = munition.fire(
            module, name, arguments, capabilities=capabilities, fuel=FUEL, timeout=TIMEOUT, seed=1
        )
    except UsageError:  # mutated so that it asks for arguments of a kind that does not exist
        outcome = munition.fire(module, capabilities=capabilities, fuel=FUEL, timeout=TIMEOUT, seed=1)
    assert outcome.kind in EXIT_CODES
    assert outcome.fuel_used <= FUEL
    return outcome


def faults(count: int, end: float, seed: int) -> dict[str, Any]:
    """Fires on 8 threads whose host functions raise. Wrong: an outcome that tells of another fire's exception."""
    threads = 8
    kinds = [type(f"Number{i}Error", (Exception,), {}) for i in range(threads)]

    def raise_it(_context: object, stream: int, address: int, _length: int) -> None:
        if address:
            raise kinds[stream](f"secret {stream}")

    module = wat(
        '(module (import "munition:log" "write" (func $w (param i32 i32 i32)))'
        '(func (export "f") (param i32 i32) (call $w (local.get 0) (local.get 1) (i32.const 0))))'
    )
    before = dict(BINDINGS)
    BINDINGS["munition:log", "write"] = raise_it
    wrong: list[str] = []
    tally: Counter[str] = Counter()

    def shoot(mine: int) -> None:
        chance = random.Random(seed + mine)
        own: Counter[str] = Counter()
        for _ in range(count // threads):
            if time.monotonic() > end:
                break
            raises = chance.random() < 0.7
            outcome = munition.fire(
                module, "f", (mine, int(raises)), capabilities=("log",), isolation="thread", trusted=True
            )
            own[outcome.kind] += 1
            expected = (
                ("host_fault", f"a host function failed with Number{mine}Error") if raises else ("ok", "")
            )
            if (outcome.kind, outcome.message) != expected:
                wrong.append(f"thread {mine}: {outcome.kind} {outcome.message}")
        tally.update(own)

    try:
        _all([functools.partial(shoot, mine) for mine in range(threads)])
    finally:
        BINDINGS.clear()
        BINDINGS.update(before)
    return {"fires": tally.total(), "threads": threads, "kinds": dict(tally), "wrong": wrong[:50]}


def _all(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


SOAK = b"""
local kept = 0
function fine(text) kept = kept + 1 return text:upper(), kept end
function fails(text) error({text}) end
function says(text) print(text) return #text end
function burns() while true do end end
function eats() local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) end end
"""


def soak(count: int, end: float, seed: int) -> dict[str, Any]:
    """Fires of all ends, isolated and not. Wrong: a kind that is not expected, or memory and descriptors that grow."""
    module = munition.compile(SOAK, ["log"], name="soak.lua")
    plan = (*(("fine", "ok"),) * 30, *(("says", "ok"),) * 10, ("fails", "guest_error"))
    rare = (("burns", "fuel"), ("eats", "limit"))
    chance = random.Random(seed)
    wrong: list[str] = []
    samples: list[dict[str, int]] = []
    kinds: Counter[str] = Counter()
    done = 0
    every = max(1, count // 20)
    for number in range(count):
        if time.monotonic() > end:
            break
        if number % every == 0 and number:
            samples.append({"fires": number, **_usage()})
        name, expected = chance.choice(rare) if number % 2000 == 1999 else plan[number % len(plan)]
        isolation: Isolation = "thread" if number % 4 == 0 else "process"
        args = () if (name, expected) in rare else ("some text",)
        outcome = munition.fire(
            module, name, args, capabilities=("log",), fuel=10_000_000, memory_pages=32, isolation=isolation
        )
        done += 1
        kinds[f"{isolation} {outcome.kind}"] += 1
        good = outcome.kind == expected and (name != "fine" or outcome.values == ("SOME TEXT", 1))
        if not good and len(wrong) < 50:
            wrong.append(f"fire {number}: {name} ended as {outcome.kind}/{outcome.reason} {outcome.values!r}")
    samples.append({"fires": done, **_usage()})
    first, last = samples[0], samples[-1]
    for what, most in (("resident_kib", 16 << 10), ("descriptors", 4), ("workers_kib", 48 << 10)):
        if last[what] - first[what] > most:
            wrong.append(f"{what} grew from {first[what]} to {last[what]}")
    return {"fires": done, "kinds": dict(kinds), "samples": samples, "wrong": wrong}


def _usage() -> dict[str, int]:
    children = [child.pid for child in machine().workers.idle()]
    return {
        "resident_kib": _resident("self"),
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208
        "workers_kib": sum(_resident(str(pid)) for pid in children),
        "worker_descriptors": max((len(os.listdir(f"/proc/{pid}/fd")) for pid in children), default=0),  # noqa: PTH208
        "workers": len(children),
    }


def _resident(process: str) -> int:
    pages = int(Path("/proc", process, "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 10


_CAMPAIGNS: dict[str, Callable[[int, float, int], dict[str, Any]]] = {
    "modules": modules,
    "faults": faults,
    "soak": soak,
}

if __name__ == "__main__":
    raise SystemExit(main())
