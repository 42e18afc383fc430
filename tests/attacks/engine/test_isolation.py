# SPDX-License-Identifier: MIT
"""Attacks on the processes guests run in: what stops them, what they leave behind, whether they tell the truth."""

from __future__ import annotations

import math
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import munition
from munition.engine import isolated
from munition.engine.child import Child
from munition.engine.fire import fire
from munition.engine.machine import machine
from munition.engine.presets import Allocation, Preset, new_engine
from munition.engine.wire import ENDED, VALUES, Up
from munition.errors import UsageError
from munition.host.values import encode

Wat = Callable[[str], bytes]
ADD = '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))'


def test_et_03_a_worker_that_answers_no_more_is_killed_when_the_time_is_up(wat: Wat) -> None:
    """As when native code holds the interpreter's lock: nothing inside the worker can stop it."""
    module = wat(ADD)
    assert fire(module, "f", [1], timeout=1).kind == "ok"
    stopped = [child.pid for child in machine().workers.idle() if child.guests]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    outcome = fire(module, "f", [1], timeout=1)
    assert (outcome.kind, outcome.reason, outcome.fuel_exact) == ("timeout", "run", False)
    assert "--timeout" in (outcome.crash.help or "") if outcome.crash else False
    for _ in stopped[1:]:
        fire(module, "f", [1], timeout=1)
    assert fire(module, "f", [1]).values == (2,)
    assert not {child.pid for child in machine().workers.idle()} & set(stopped)


def gone(pid: int) -> bool:
    """Whether the process ends; a zombie nobody waits for counts as ended."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def children_of(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
        int(n)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for n in (task / "children").read_text().split()
        if int(task.name) != pid
    ]


BUSY = """
import sys, threading, time
from munition.engine.fire import fire
from munition.engine.machine import machine
def loop():
    fire(bytes.fromhex(sys.argv[1]), "f", fuel=2**62, timeout=100)
for _ in range(4):
    threading.Thread(target=loop, daemon=True).start()
while len(machine().workers.busy()) < 4 or not all(child.guests for child in machine().workers.busy()):
    time.sleep(0.02)
time.sleep(0.2)
print(*(child.pid for child in machine().workers.busy()), flush=True)
time.sleep(100)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_et_15_busy_workers_end_with_their_parent(wat: Wat, how: signal.Signals) -> None:
    module = wat('(module (func (export "f") (loop (br 0))))')
    with subprocess.Popen(
        [sys.executable, "-c", BUSY, module.hex()], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(word) for word in parent.stdout.readline().split()]
        assert len(workers) == 4
        parent.send_signal(how)
        parent.wait(30)
        assert all(gone(pid) for pid in workers)


@pytest.mark.parametrize("caps", ["", "log,time"])
def test_et_14_ctrl_c_at_the_command_line_is_130_and_leaves_nobody(tmp_path: Path, caps: str) -> None:
    script = tmp_path / "endless.lua"
    script.write_text(
        "local n = 0 while true do n = n + 1 if os and os.time then n = os.time() end end"
        if caps
        else "while true do end"
    )
    command = [
        sys.executable,
        "-m",
        "munition",
        "run",
        str(script),
        "--timeout",
        "60",
        "--fuel",
        "9000000000000000000",
    ]
    with subprocess.Popen([*command, *(["--caps", caps] if caps else [])], stderr=subprocess.PIPE) as process:
        for _ in range(500):
            if children_of(process.pid):
                break
            time.sleep(0.02)
        time.sleep(2)
        workers = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert workers
    assert all(gone(pid) for pid in workers)


def test_eb_03_no_caller_chooses_the_configuration_of_an_engine(wat: Wat) -> None:
    import inspect

    named = set(inspect.signature(munition.fire).parameters)
    assert not {name for name in named if "config" in name or "engine" in name or "preset" in name}
    api = machine().api
    for preset in Preset:
        for allocation in Allocation:
            handle = new_engine(api, preset, allocation, slots=1)
            assert handle
            api.wasm_engine_delete(handle)
    assert fire(wat(ADD), "f", [1]).values == (2,)


def test_eb_15_what_outlives_a_fire_is_plain_data(wat: Wat) -> None:
    module = wat(
        '(module (memory (export "memory") 1) (func (export "f") (i32.store (i32.const 8) (i32.const 7)) unreachable))'
    )
    outcomes = [fire(module, "f", isolation=i, trusted=True) for i in ("process", "thread")]
    for _ in range(100):
        fire(module, "f", isolation="thread", trusted=True)
    for outcome in outcomes:
        assert outcome.crash is not None
        assert isinstance(outcome.crash.memory, bytes)
        assert outcome.crash.memory[8:12] == b"\7\0\0\0"
    pool = munition.Pool(module, 1)
    pool.close()
    with pytest.raises(UsageError, match="closed"):
        pool.fire("f")
    assert pool.stats().busy == 0


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_eb_16_host_functions_work_in_the_start_function(wat: Wat, isolation: Any) -> None:
    module = wat(
        """(module (import "munition:log" "write" (func $w (param i32 i32 i32))) (memory (export "memory") 1)
        (data (i32.const 3) "started") (func $s (call $w (i32.const 1) (i32.const 3) (i32.const 7))) (start $s)
        (func (export "f")))"""
    )
    outcome = fire(module, "f", capabilities=["log"], isolation=isolation, trusted=True)
    assert (outcome.kind, outcome.text()) == ("ok", b"started")
    assert fire(module, "f").kind == "denied"


FLOATS = [0.0, -0.0, 5e-324, -5e-324, 1.7976931348623157e308, math.inf, -math.inf, 0.1, 2.0**-1074]


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_eb_17_floats_cross_bit_for_bit(wat: Wat, isolation: Any) -> None:
    module = wat(
        """(module (func (export "d") (param f64) (result f64) (local.get 0))
        (func (export "s") (param f32) (result f32) (local.get 0))
        (func (export "n") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0))))"""
    )
    for number in FLOATS:
        (found,) = fire(module, "d", [number], isolation=isolation, trusted=True).values
        assert struct.pack("<d", found) == struct.pack("<d", number)
    for number in (0.0, -0.0, 1.401298464324817e-45, 3.4028234663852886e38, math.inf):
        (found,) = fire(module, "s", [number], isolation=isolation, trusted=True).values
        assert struct.pack("<d", found) == struct.pack("<d", number)
    for bits in (0x7FF8000000000000, 0x7FF0000000000001, 0xFFF8000000000123):
        (found,) = fire(module, "n", [bits], isolation=isolation, trusted=True).values
        assert struct.pack("<d", found) == struct.pack("<Q", bits)


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_eb_18_integers_at_the_edges(wat: Wat, isolation: Any) -> None:
    module = wat('(module (func (export "f") (param i64) (result i64) (local.get 0)))')
    lua = munition.compile(b"function f(x) return x, math.type(x) end")
    for number in (2**63 - 1, -(2**63), 2**53 + 1, -1, 0):
        assert fire(module, "f", [number], isolation=isolation, trusted=True).values == (number,)
        assert fire(lua, "f", [number], isolation=isolation).values == (number, "integer")
    for number in (2**63, -(2**63) - 1, 2**64):
        with pytest.raises(UsageError, match="argument 1"):
            fire(lua, "f", [number], isolation=isolation)
    assert fire(module, "f", [2**64 - 1], isolation=isolation, trusted=True).values == (-1,)
    with pytest.raises(UsageError, match="argument 1"):
        fire(module, "f", [2**64], isolation=isolation, trusted=True)


# A worker that was taken over by its guest says what it likes; the parent must not believe it.


class Liar(Child):
    """A worker that answers what a test wants."""

    says: tuple[tuple[int, bytes], ...] = ()

    def receive(self, most: int, deadline: float, cancel: Any = None) -> tuple[int, bytes]:
        """The next lie."""
        answer, *rest = self.says
        self.says = tuple(rest)
        return answer


def end(fuel: int = 0, peak: int = 0, values: Any = None, memory: bool = False, extra: bytes = b"") -> bytes:
    head = encode(values if values is not None else ["guest_error", "error", "no", None, [], [], None])
    return ENDED.pack(fuel, peak, 1, memory, len(head)) + head + extra


LIES: list[tuple[str, tuple[int, bytes]]] = [
    ("unknown kind", (99, b"")),
    ("ready again", (Up.READY, b"munition 1")),
    ("compiled", (Up.COMPILED, b"\x7fELF")),
    ("short values", (Up.VALUES, b"")),
    ("too many cells", (Up.VALUES, VALUES.pack(1, 0) + bytes(32))),
    ("too few cells", (Up.VALUES, VALUES.pack(1, 0) + bytes(8))),
    ("more fuel than there was", (Up.VALUES, VALUES.pack(2**63, 0) + bytes(16))),
    ("more memory than it may have", (Up.VALUES, VALUES.pack(1, 2**40) + bytes(16))),
    ("short end", (Up.ENDED, b"x")),
    ("end without a crash", (Up.ENDED, ENDED.pack(0, 0, 1, 0, 50))),
    ("good end", (Up.ENDED, end(values=["ok", "", "", None, [], [], None]))),
    ("unknown end", (Up.ENDED, end(values=["usage", "", "", None, [], [], None]))),
    ("numbers for text", (Up.ENDED, end(values=["fuel", 1, 2, 3, [], [], None]))),
    ("no frames", (Up.ENDED, end(values=["fuel", "", "", None, [], [[1, 2]], None]))),
    ("many frames", (Up.ENDED, end(values=["fuel", "", "", None, [], [[0, None, 0]] * 101, None]))),
    ("too few items", (Up.ENDED, end(values=["fuel"]))),
    ("memory that was not announced", (Up.ENDED, end(extra=b"secret"))),
    ("empty text", (Up.TEXT, b"")),
    ("more text than it may", (Up.TEXT, b"\1" + bytes(17 << 20))),
    ("a record of nonsense", (Up.RECORD, b"nonsense")),
    ("a record of the wrong shape", (Up.RECORD, encode(["info", 1, {}, 1]))),
    ("a record with odd fields", (Up.RECORD, encode(["info", "m", {1: 2}, 1]))),
]


@pytest.mark.parametrize("lie", [lie for _, lie in LIES], ids=[name for name, _ in LIES])
def test_a_worker_that_lies_is_killed_and_costs_its_own_fire(
    wat: Wat, monkeypatch: pytest.MonkeyPatch, lie: tuple[int, bytes]
) -> None:
    module = wat(ADD)
    assert fire(module, "f", [1]).values == (2,)
    receive = Child.receive
    monkeypatch.setattr(Liar, "says", (lie,))
    monkeypatch.setattr(Child, "receive", lambda self, *rest: lie)
    outcome = fire(module, "f", [1])
    assert (outcome.kind, outcome.reason, outcome.values) == ("host_fault", "worker", ())
    monkeypatch.setattr(Child, "receive", receive)
    assert fire(module, "f", [1]).values == (2,)


def test_nothing_that_comes_up_is_unpickled() -> None:
    for module in ("isolated", "ends", "child", "compiler", "workers"):
        text = Path(isolated.__file__).with_name(f"{module}.py").read_text()
        assert "pickle.load" not in text
        assert "eval(" not in text


SCRIPT = b"""
function fine(x) return {x, [2.5] = "y"}, nil, "t\\xff" end
function fails(x) error({x, deep = {1}}) end
function text() error("plain") end
function says() print("out") io.stderr:write("err") print(1) return true end
function burns() while true do end end
function eats() local t = {} for i = 1, 1e8 do t[i] = ("x"):rep(1000) .. i end end
function quits(n) os.exit(n) end
function deep(n) return 1 + deep(n + 1) end
function prints() while true do print(("x"):rep(1000)) end end
function odd() return print end
function big() return ("x"):rep(17 * 1024 * 1024) end
"""
ENDS: list[tuple[str | None, tuple[Any, ...]]] = [
    ("fine", (1,)),
    ("fails", ("v",)),
    ("text", ()),
    ("says", ()),
    ("burns", ()),
    ("eats", ()),
    ("quits", (0,)),
]
ENDS += [("quits", (3,)), ("deep", (0,)), ("prints", ()), ("odd", ()), ("big", ()), (None, ())]


@pytest.mark.parametrize(("name", "arguments"), ENDS, ids=[f"{name}{args}" for name, args in ENDS])
def test_an_outcome_is_the_same_wherever_the_guest_runs(name: str | None, arguments: tuple[Any, ...]) -> None:
    module = munition.compile(SCRIPT, ["log"], name="ends.lua")
    found = [
        fire(
            module,
            name,
            arguments,
            capabilities=["log"],
            isolation=isolation,
            fuel=20_000_000,
            memory_pages=600,
            timeout=60,
        )
        for isolation in ("process", "thread")
    ]
    process, thread = (replace(outcome, elapsed=0.0) for outcome in found)
    assert process == thread


TRAPS = """(module (memory (export "memory") 1) (table 2 funcref)
  (func (export "unreachable") unreachable)
  (func (export "bounds") (drop (i32.load (i32.const -4))))
  (func (export "divide") (drop (i32.div_s (i32.const 1) (i32.const 0))))
  (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
  (func (export "convert") (drop (i32.trunc_f64_s (f64.const nan))))
  (func (export "null") (call_indirect (i32.const 0)))
  (func (export "table") (call_indirect (i32.const 7)))
  (func $r (export "deep") (call $r)))"""


@pytest.mark.parametrize(
    "name", ["unreachable", "bounds", "divide", "overflow", "convert", "null", "table", "deep"]
)
def test_a_trap_is_the_same_wherever_the_guest_runs(wat: Wat, name: str) -> None:
    process, thread = (
        replace(fire(wat(TRAPS), name, isolation=isolation, trusted=True), elapsed=0.0)
        for isolation in ("process", "thread")
    )
    assert process == thread
    assert process.kind == "guest_error"


def test_output_is_kept_when_the_worker_is_killed(wat: Wat) -> None:
    module = wat(
        """(module (import "munition:log" "write" (func $w (param i32 i32 i32))) (memory (export "memory") 1)
        (data (i32.const 0) "before") (func (export "f") (call $w (i32.const 1) (i32.const 0) (i32.const 6)) (loop (br 0))))"""
    )
    seen: list[bytes] = []

    def stop(_stream: int, data: bytes) -> None:
        seen.append(data)
        for child in machine().workers.busy():
            os.kill(child.pid, signal.SIGKILL)

    outcome = fire(module, "f", capabilities=["log"], fuel=2**62, output=stop, timeout=60)
    assert (outcome.kind, outcome.reason, seen) == ("host_fault", "worker", [b"before"])


def test_an_output_that_raises_ends_the_fire(wat: Wat) -> None:
    script = munition.compile(b"print(1) while true do end", ["log"])

    def fail(_stream: int, _data: bytes) -> None:
        raise OSError("secret")

    for isolation in ("process", "thread"):
        outcome = fire(script, capabilities=["log"], output=fail, isolation=isolation, timeout=60, fuel=2**62)
        assert (outcome.kind, outcome.reason) == ("host_fault", "function")
        assert "secret" not in outcome.message

    def interrupt(_stream: int, _data: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fire(script, capabilities=["log"], output=interrupt, timeout=60, fuel=2**62)
