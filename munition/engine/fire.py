# SPDX-License-Identifier: MIT
"""`fire`: one execution of one function of a module, in a fresh instance, under a grant and limits."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from munition.capability.parse import parse_grants
from munition.engine.asked import (
    Grant,
    HasWasm,
    Isolation,
    arguments_of,
    bytes_of,
    check_isolation,
    check_origin,
    hashable,
    options_of,
    seed_of,
)
from munition.engine.child import CancelledError
from munition.engine.ending import refused
from munition.engine.facts import Facts, Signature
from munition.engine.guest import INPUT, RUN, ValueCall
from munition.engine.isolated import Remote
from munition.engine.limits import Limits, limits_of
from munition.engine.machine import Holder, HomeMachine, machine
from munition.engine.numbers import number_call
from munition.engine.outcome import Crash, Fired, Outcome
from munition.engine.plan import Plan, Refusal, fired, plan
from munition.engine.target import Target, fire_target, fire_with_full_stack
from munition.engine.threads import LOCAL
from munition.errors import InvalidModuleError, UsageError, UsageTypeError
from munition.host.http_exchange import library
from munition.host.interface import Interface, interface_of
from munition.host.options import DEFAULT, HostOptions
from munition.host.roots import check_roots
from munition.host.user import HostCapability, check_users, declared_by, invoke_here, runs_of, split_users

if TYPE_CHECKING:
    from pathlib import Path

    from munition.capability.model import CapabilitySet
    from munition.engine.calls import Call
    from munition.engine.child import Cancel
    from munition.engine.workers import Workers
    from munition.host.log import Sink

_START: Final = "_start"


def fire(
    module: bytes | str | Path | HasWasm,
    function: str | None = None,
    args: Sequence[object] = (),
    *,
    capabilities: str | Iterable[str | HostCapability] | CapabilitySet = (),
    fuel: int | None = None,
    memory: int | None = None,
    memory_pages: int | None = None,
    timeout: float | None = None,
    limits: Limits | None = None,
    seed: int | bytes | None = None,
    output: Sink | None = None,
    broad_roots: bool = False,
    host: HostOptions | None = None,
    isolation: Isolation = "process",
    trusted: bool = False,
) -> Outcome:
    """Run one function of a module in a fresh instance.

    Args:
        module: the bytes of a module, a path to one, or what `compile` returned.
        function: which function to call. None runs only the script itself (or a foreign module's `_start`).
        args: what to call it with: nil, booleans, numbers, strings, lists and dicts for modules that munition compiled;
            numbers for others.
        capabilities: what is granted: `["log", "time"]`, and a `HostCapability` for functions of your own. Nothing is
            granted that is not listed.
        fuel: units of fuel, 1 to 2^63-1; 30,000,000,000 unless given.
        memory: bytes of memory; 64 MiB unless given.
        memory_pages: the same in pages of 64 KiB.
        timeout: seconds of wall time for everything; 10 unless given.
        limits: all limits at once; the single ones above replace its values.
        seed: makes the capability `random` repeatable.
        output: takes raw text as it is written: called with (stream, bytes), from another thread.
        broad_roots: allow `filesystem_read` of `/`, `/proc`, `/sys`, `/dev`, or what holds a home directory.
        host: how host functions behave in other respects.
        isolation: `process` fires in a worker process that can be killed; `thread` in this process, which is quicker, for
            modules that `compile` of this process made.
        trusted: the caller vouches for a module from elsewhere, so that `thread` is allowed for it.

    Returns:
        What it ended as: `outcome.kind` is `ok` or says what went wrong. A guest never makes this function raise.

    Raises:
        UsageError: a value that can never be right: an unknown capability or function, fuel of zero.
        UsageTypeError: a value of the wrong type.
        OSError: the file cannot be read.
        MissingToolError: the engine is not installed.
        KeyboardInterrupt: Ctrl-C; the guest was stopped and everything cleaned up.
    """
    started = perf_counter()
    wasm = module if isinstance(module, bytes) else bytes_of(module)
    granted = capabilities if isinstance(capabilities, tuple) else hashable(capabilities)
    if not isinstance(args, (list, tuple)):
        args = arguments_of(args)
    seed_bytes = None if seed is None else seed_of(seed)
    owner = Holder.machine or machine()
    if fuel is None and memory is None and memory_pages is None and timeout is None and limits is None:
        key: tuple[object, ...] = (isolation, wasm, function, granted)
    else:
        # True equals 1 and 1.0, so the classes belong to the key: a value that was never checked must miss.
        single = (fuel, memory, memory_pages, timeout)
        key = (isolation, wasm, function, granted, limits, single, *map(type, single))
    options = options_of(host, broad_roots=broad_roots) if broad_roots or host is not None else DEFAULT
    if options is not DEFAULT:
        key = (*key, options)
    try:
        target: Ready | None = owner.targets.get(key)
    except TypeError:
        target = None  # what cannot be hashed is not what it should be: the checks below say what
    if target is None:
        wanted = limits_of(limits, fuel, memory, memory_pages, timeout)
        target = _keep(owner, key, wasm, function, granted, wanted, options, check_isolation(isolation))
    if isinstance(target, Target):
        if not trusted:
            check_origin(module)
        here = LOCAL.place
        if target.sprints and here is not None and here.room >= target.try_room:
            # What `fire_target` would do, without its calls.
            try:
                numbers = target.sprints.pop()
            except IndexError:  # another thread was faster
                numbers = target.new_sprint()
            ticks = target.main_ticks if here.main else target.all_ticks
            outcome = numbers(args, ticks, here.main or target.smaller, started)
            if outcome is not None:
                return outcome
            result = fire_with_full_stack(target, args, started, None, output)
            return refused(result, target.plan.fired, started) if isinstance(result, Refusal) else result
    return fire_ready(target, owner.workers, args, started, seed_bytes, output, None)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A module that will not be fired.

    Attributes:
        refusal: why.
        fired: what is known of it.
    """

    refusal: Refusal
    fired: Fired


Ready: TypeAlias = Target | Remote | Unfit
"""A module under a grant and limits: for this process, for workers, or not at all."""


def known_of(ready: Ready) -> Fired:
    """What outcomes say of the module."""
    return ready.fired if isinstance(ready, Unfit) else ready.plan.fired


def fire_ready(
    ready: Ready,
    workers: Workers,
    args: Sequence[object],
    started: float,
    seed: bytes | None,
    output: Sink | None,
    cancel: Cancel | None,
) -> Outcome:
    """Fire what `prepare` made, in one of `workers` if it is for workers; `cancel` ends it early.

    Raises:
        UsageError: an argument out of range.
        UsageTypeError: an argument of the wrong type, or an `output` that cannot be called.
        CancelledError: `cancel` was thrown; the guest was stopped.
        KeyboardInterrupt: Ctrl-C; the guest was stopped and everything cleaned up.
    """
    if output is not None and not callable(output):
        raise UsageTypeError(f"output must be a function, not {type(output).__name__}")
    match ready:
        case Remote():
            result = ready.fire(workers, args, started, seed, output, cancel)
        case Target() if cancel is None:
            result = fire_target(ready, args, started, seed, output)
        case Target():
            result = fire_with_full_stack(ready, args, started, seed, output, cancel)
            if cancel is not None and cancel.thrown:
                raise CancelledError
        case Unfit():
            result = ready.refusal
        case _:
            assert_never(ready)
    return refused(result, known_of(ready), started) if isinstance(result, Refusal) else result


async def fire_async(
    module: bytes | str | Path | HasWasm,
    function: str | None = None,
    args: Sequence[object] = (),
    *,
    capabilities: str | Iterable[str | HostCapability] | CapabilitySet = (),
    fuel: int | None = None,
    memory: int | None = None,
    memory_pages: int | None = None,
    timeout: float | None = None,
    limits: Limits | None = None,
    seed: int | bytes | None = None,
    output: Sink | None = None,
    broad_roots: bool = False,
    host: HostOptions | None = None,
    isolation: Isolation = "process",
    trusted: bool = False,
) -> Outcome:
    """As `fire`, without blocking the event loop. Cancelling it stops the guest; `output` is called on another thread."""
    from munition.engine.aio import in_thread

    options = options_of(host, broad_roots=broad_roots)
    owner = machine()
    if check_isolation(isolation) == "thread" and not trusted:
        check_origin(module)

    def job(cancel: Cancel) -> Outcome:
        started = perf_counter()
        wanted = limits_of(limits, fuel, memory, memory_pages, timeout)
        ready = _recalled(
            owner, bytes_of(module), function, hashable(capabilities), wanted, options, isolation
        )
        seed_bytes = None if seed is None else seed_of(seed)
        return fire_ready(ready, owner.workers, arguments_of(args), started, seed_bytes, output, cancel)

    return await in_thread(owner.threads, job)


def _recalled(
    owner: HomeMachine,
    wasm: bytes,
    function: str | None,
    granted: Grant,
    limits: Limits,
    options: HostOptions,
    isolation: Isolation,
) -> Ready:
    """What `prepare` makes, from memory if it was made before."""
    key = ("async", wasm, function, granted, limits, options, isolation)
    try:
        found = owner.targets.get(key)
    except TypeError:
        found = None
    if found is not None:
        return found
    return _keep(owner, key, wasm, function, granted, limits, options, isolation)


def _keep(
    owner: HomeMachine,
    key: tuple[object, ...],
    wasm: bytes,
    function: str | None,
    granted: Grant,
    limits: Limits,
    options: HostOptions,
    isolation: Isolation,
) -> Ready:
    """What `prepare` makes, kept under `key` if it can be fired."""
    made = prepare(owner, wasm, function, granted, limits, options, isolation)
    return made if isinstance(made, Unfit) else owner.keep_target(key, made)


def prepare(
    owner: HomeMachine,
    wasm: bytes,
    function: str | None,
    granted: Grant,
    limits: Limits,
    options: HostOptions,
    isolation: Isolation,
) -> Ready:
    """Check a module against a grant and limits, and make it ready to be fired.

    Raises:
        UsageError: a value that can never be right.
        UsageTypeError: a value of the wrong type.
    """
    if function is not None and not isinstance(function, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"function must be a string, not {type(function).__name__}")
    users, names = split_users(granted)
    grants = parse_grants(names)
    check_users(grants.names, users)
    check_roots((item.parameter for item in grants), broad=options.broad_roots)
    try:
        facts = owner.facts(wasm)
        made = plan(wasm, facts, grants, limits, stub_denied=options.stub_denied, given=declared_by(users))
        if isinstance(made, Refusal):
            return Unfit(made, fired(facts, grants))
        if made.uses.http:
            library()
        kind = Remote if isolation == "process" else Target
        return kind(owner, made, _call_of(made, function), options, invoke_here(runs_of(users)))
    except InvalidModuleError as error:
        known = Fired(hashlib.sha256(wasm).hexdigest(), None, (), grants.spellings())
        return Unfit(Refusal("invalid", Crash("module", str(error))), known)


def _call_of(made: Plan, function: str | None) -> Call:
    """How `function` is called.

    Raises:
        UsageError: there is no such function.
        InvalidModuleError: it cannot be called from outside.
    """
    facts = made.facts
    if made.abi:
        return ValueCall(_entry(facts, function).encode(), _interface(facts, function))
    if function is None:
        if facts.functions.get(_START) == Signature((), ()):
            return number_call(_START, facts.functions[_START])
        return None
    if function not in facts.functions:
        raise _unknown(function, facts.functions)
    return number_call(function, facts.functions[function])


def _entry(facts: Facts, function: str | None) -> str:
    assert facts.manifest is not None
    exports = {e.name: e.export for e in facts.manifest.exports}
    if function is not None and function not in exports:
        raise _unknown(function, exports)
    name = RUN if function is None else exports[function]
    for needed, wanted in ((name, _ENTRY), (INPUT.decode(), _INPUT)):
        if facts.functions.get(needed) != wanted:
            raise InvalidModuleError(
                f"the module has no export {needed!a} of type {wanted}, which its manifest promises"
            )
    if facts.memory != "memory":
        raise InvalidModuleError("the module does not export its memory, which its manifest promises")
    return name


def _interface(facts: Facts, function: str | None) -> Interface | None:
    assert facts.manifest is not None
    found = next((e for e in facts.manifest.exports if e.name == function), None)
    return None if found is None else interface_of(found, facts.manifest.classes)


_ENTRY: Final = Signature(("i32", "i32"), ("i64",))
_INPUT: Final = Signature(("i32",), ("i32",))
_MAX_SHOWN: Final = 20


def _unknown(function: str, known: Iterable[str]) -> UsageError:
    names = [name for name in known if not name.startswith("munition:")]
    near = difflib.get_close_matches(function[:80], names[:1000], n=1)
    if near:
        return UsageError(f"the module has no function {function[:80]!a}; did you mean {near[0]!a}?")
    listed = ", ".join(ascii(name[:80])[1:-1] for name in sorted(names)[:_MAX_SHOWN]) or "none"
    return UsageError(f"the module has no function {function[:80]!a}; it has {listed}")
