# SPDX-License-Identifier: MIT
"""Pools: bounded, fair to whoever waits, closed in two ways, and never a way for one fire to reach another."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import munition
from munition.engine.pool import Pool, fire_pooled
from munition.errors import UsageError, UsageTypeError

Wat = Callable[[str], bytes]
SCRIPT = b"""
seen = seen
function process(text) local before = seen seen = text return text:upper(), before end
function loop() while true do end end
function fails() error("no") end
function say(text) print(text) return text end
function nap() for i = 1, 3000000 do end return 1 end
"""


@pytest.fixture(scope="module")
def module() -> munition.Module:
    made = munition.compile(SCRIPT, ["log"], name="pool.lua")
    # Compiled by the engine once, so that short time limits below are those of firing.
    assert munition.fire(made, "process", ["x"], capabilities=["log"], timeout=60).ok
    return made


@pytest.fixture
def pool(module: munition.Module) -> Iterator[Pool]:
    with Pool(module, 2, capabilities=["log"], timeout=60) as made:
        yield made


@pytest.fixture(params=["process", "thread"])
def either(request: pytest.FixtureRequest, module: munition.Module) -> Iterator[Pool]:
    with Pool(module, 2, capabilities=["log"], timeout=60, isolation=request.param) as made:
        yield made


def test_every_fire_is_in_a_fresh_instance(either: Pool) -> None:
    for text in ("a", "b", "c"):
        assert either.fire("process", [text]).values == (text.upper(), None)


def test_pl_01_what_one_fire_writes_no_other_reads(wat: Wat) -> None:
    secret = wat(
        """(module (memory (export "memory") 1 20) (global $g (mut i64) (i64.const 0)) (table 4 funcref) (elem declare func $f)
        (func $f) (func (export "write") (param i64) (drop (memory.grow (i32.const 10)))
          (i64.store (i32.const 640000) (local.get 0)) (i64.store (i32.const 8) (local.get 0))
          (global.set $g (local.get 0)) (table.set 0 (i32.const 2) (ref.func $f)))
        (func (export "look") (result i64 i64 i32 i32) (drop (memory.grow (i32.const 10)))
          (i64.or (i64.load (i32.const 640000)) (i64.load (i32.const 8))) (global.get $g)
          (ref.is_null (table.get 0 (i32.const 2))) (memory.size)))"""
    )
    with Pool(secret, 1) as one:
        for number in range(300):
            assert one.fire("write", [number + 0x5EC2E7]).kind == "ok"
            assert one.fire("look").values == (0, 0, 1, 11)


def test_ends_other_than_good_ones_are_told_and_the_next_fire_is_well(either: Pool) -> None:
    assert either.fire("fails").kind == "guest_error"
    assert either.fire("process", ["x"]).kind == "ok"
    stats = either.stats()
    assert dict(stats.kinds) == {"guest_error": 1, "ok": 1}
    assert stats.fires == 2


def _is_stopped(pid: int) -> bool:
    """The signal is delivered to each thread in its own time."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks)


def test_pl_02_a_worker_that_overran_is_never_used_again(module: munition.Module) -> None:
    with Pool(module, 1, capabilities=["log"], timeout=5) as pool:
        assert pool.fire("process", ["x"]).kind == "ok"
        (before,) = pool.workers.idle()
        os.kill(before.pid, signal.SIGSTOP)  # it will not end by itself
        while not _is_stopped(before.pid):
            time.sleep(0.01)
        outcome = pool.fire("process", ["x"])
        assert (outcome.kind, outcome.reason, outcome.fuel_exact) == ("timeout", "run", False)
        assert pool.fire("process", ["y"]).values == ("Y", None)
        assert before.pid not in {child.pid for child in pool.workers.idle()}
        assert pool.stats().workers_killed == 1


def test_pl_03_a_killed_worker_costs_its_own_fire_only(module: munition.Module) -> None:
    with Pool(module, 2, capabilities=["log"], timeout=60, warm=2) as pool:
        ends: list[Any] = []
        thread = threading.Thread(target=lambda: ends.append(pool.fire("loop")))
        thread.start()
        while not pool.stats().busy:
            time.sleep(0.01)
        time.sleep(0.3)
        assert pool.fire("process", ["x"]).kind == "ok"
        (busy,) = pool.workers.busy()
        os.kill(busy.pid, signal.SIGKILL)
        thread.join(30)
        assert (ends[0].kind, ends[0].reason) == ("host_fault", "worker")
        assert [pool.fire("process", [str(i)]).kind for i in range(4)] == ["ok"] * 4


def test_pl_04_a_fire_waits_no_longer_than_it_may(module: munition.Module) -> None:
    with Pool(module, 1, capabilities=["log"], timeout=4, queue_timeout=0.2) as pool:
        thread = threading.Thread(target=lambda: pool.fire("loop"))
        thread.start()
        while not pool.stats().busy:
            time.sleep(0.01)
        outcome = pool.fire("process", ["x"])
        assert (outcome.kind, outcome.reason, outcome.exit_code) == ("limit", "pool", 7)
        assert pool.stats().turned_away == 1
        assert pool.fire("process", ["x"], queue_timeout=None).kind == "ok"
        thread.join()


def test_a_full_queue_turns_away_at_once(module: munition.Module) -> None:
    with Pool(module, 1, capabilities=["log"], timeout=5, queue=0, queue_timeout=None) as pool:
        thread = threading.Thread(target=lambda: pool.fire("loop"))
        thread.start()
        while not pool.stats().busy:
            time.sleep(0.01)
        assert pool.fire("process", ["x"]).reason == "pool"
        thread.join()


def test_pl_05_a_fire_from_inside_a_fire_never_waits(module: munition.Module) -> None:
    for isolation in ("process", "thread"):
        with Pool(
            module, 1, capabilities=["log"], timeout=60, queue_timeout=None, isolation=isolation
        ) as pool:
            ends: list[str] = []

            def again(_stream: int, _data: bytes, pool: Pool = pool, ends: list[str] = ends) -> None:
                ends.append(pool.fire("process", ["x"]).reason)

            assert pool.fire("say", ["x"], output=again).kind == "ok"
            assert ends == ["pool"]
    with Pool(module, 2, capabilities=["log"], timeout=60, queue_timeout=None) as pool:
        kinds: list[str] = []

        def inner(_stream: int, _data: bytes) -> None:
            kinds.append(pool.fire("process", ["x"]).kind)

        assert pool.fire("say", ["x"], output=inner).kind == "ok"
        assert kinds == ["ok"]


@pytest.mark.parametrize("size", [0, -1, 10**9, 65])
def test_pl_06_impossible_sizes_are_refused_by_name(module: munition.Module, size: int) -> None:
    with pytest.raises(UsageError, match="size"):
        Pool(module, size)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", True),
        ("size", "5"),
        ("queue", -1),
        ("queue", 1.5),
        ("warm", 99),
        ("queue_timeout", -1),
        ("queue_timeout", float("inf")),
        ("queue_timeout", True),
        ("isolation", "none"),
        ("timeout", 0),
        ("fuel", 0),
        ("capabilities", ["nothing"]),
    ],
)
def test_pl_06_impossible_settings_are_refused_by_name(
    module: munition.Module, name: str, value: Any
) -> None:
    with pytest.raises((UsageError, UsageTypeError), match=name if name != "capabilities" else "nothing"):
        Pool(module, **{name: value})


def test_pl_06_closing_twice_is_nothing_and_fires_after_it_are_refused(module: munition.Module) -> None:
    pool = Pool(module, 1, name="closed")
    pool.close()
    pool.close(wait=False)
    assert pool.closed
    with pytest.raises(UsageError, match="closed"):
        pool.fire("process", ["x"])
    with pytest.raises(UsageError, match="no pool"):
        fire_pooled("closed", "process", ["x"])


def test_pl_06_closing_gracefully_lets_fires_end(module: munition.Module) -> None:
    pool = Pool(module, 1, timeout=60, capabilities=["log"])
    ends: list[str] = []
    thread = threading.Thread(target=lambda: ends.append(pool.fire("nap").kind))
    thread.start()
    while not pool.stats().busy:
        time.sleep(0.01)
    pool.close()
    thread.join()
    assert ends == ["ok"]


def test_pl_06_closing_at_once_ends_fires_and_those_that_wait(module: munition.Module) -> None:
    pool = Pool(module, 1, timeout=60, capabilities=["log"], queue_timeout=None)
    ends: list[str] = []

    def shoot() -> None:
        try:
            ends.append(pool.fire("loop").reason)
        except UsageError as error:
            ends.append(str(error))

    threads = [threading.Thread(target=shoot) for _ in range(3)]
    for thread in threads:
        thread.start()
    while pool.stats().waiting < 2:
        time.sleep(0.01)
    time.sleep(0.3)
    children = [child.pid for child in pool.workers.busy()]
    pool.close(wait=False)
    for thread in threads:
        thread.join(30)
    assert sorted(ends) == ["the pool is closed", "the pool is closed", "worker"]
    assert not [pid for pid in children if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_pl_07_a_pool_is_of_bytes_not_of_a_file(wat: Wat, tmp_path: Any) -> None:
    path = tmp_path / "m.wasm"
    path.write_bytes(wat('(module (func (export "f") (result i32) (i32.const 1)))'))
    with Pool(path, 1, name="by-content") as pool:
        first = pool.sha256
        path.write_bytes(wat('(module (func (export "f") (result i32) (i32.const 2)))'))
        assert fire_pooled("by-content", "f").values == (1,)
        assert pool.sha256 == first
        with pytest.raises(UsageError, match="by-content"):
            Pool(path, 1, name="by-content")
    with Pool(path, 1, name="by-content"):
        assert fire_pooled("by-content", "f").values == (2,)


def test_a_module_that_cannot_be_fired_says_so_each_time() -> None:
    with Pool(b"\0asm\1\0\0\0\xff", 1) as pool:
        assert pool.fire().kind == "invalid"
    with Pool(munition.compile(b"print(1)", ["log"]), 1) as pool:
        assert (pool.fire().kind, pool.fire().reason) == ("denied", "log")


def test_thread_isolation_asks_where_a_module_is_from(wat: Wat, module: munition.Module) -> None:
    with pytest.raises(UsageError, match="trusted"):
        Pool(wat("(module)"), 1, isolation="thread")
    with Pool(wat("(module)"), 1, isolation="thread", trusted=True) as pool:
        assert pool.fire().ok
    with pytest.raises(UsageError, match="trusted"):
        Pool(module.wasm, 1, isolation="thread")


def test_many_threads_share_it(either: Pool) -> None:
    wrong: list[Any] = []

    def shoot(mine: int) -> None:
        for number in range(40):
            text = f"{mine}-{number}-x"
            outcome = either.fire("process", [text])
            if outcome.values != (text.upper(), None):
                wrong.append(outcome)

    threads = [threading.Thread(target=shoot, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    stats = either.stats()
    assert stats.most_busy <= stats.size == 2
    assert stats.fires == 240


def test_fires_of_event_loops(module: munition.Module) -> None:
    async def main() -> None:
        async with Pool(module, 2, capabilities=["log"], timeout=60) as pool:
            ends = await asyncio.gather(*(pool.fire_async("process", [str(i)]) for i in range(12)))
            assert [end.values[0] for end in ends] == [str(i) for i in range(12)]
            task = asyncio.create_task(pool.fire_async("loop"))
            while not pool.stats().busy:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert pool.stats().busy == 0
            assert (await pool.fire_async("process", ["after"])).values == ("AFTER", None)

    asyncio.run(main())


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_fire_async_can_be_cancelled(module: munition.Module, isolation: Any) -> None:
    async def main() -> None:
        task = asyncio.create_task(
            munition.fire_async(module, "loop", capabilities=["log"], isolation=isolation, timeout=60)
        )
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        outcome = await munition.fire_async(
            module, "process", ["x"], capabilities=["log"], isolation=isolation, timeout=60
        )
        assert outcome.values == ("X", None)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(
                munition.fire_async(module, "loop", capabilities=["log"], isolation=isolation, timeout=60),
                0.2,
            )

    asyncio.run(main())


def test_a_system_that_starts_no_process_is_a_limit(
    module: munition.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    from munition.engine import workers

    def fail() -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with Pool(module, 1, capabilities=["log"], timeout=60, warm=0) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(workers, "Child", fail)
            outcome = pool.fire("process", ["x"])
            assert (outcome.kind, outcome.reason) in (("limit", "pool"), ("limit", "compile"))
        assert pool.fire("process", ["x"]).kind == "ok"
