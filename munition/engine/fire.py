# SPDX-License-Identifier: MIT
"""`fire`: one execution of one function of a module, in a fresh instance, under a grant and limits."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, cast, runtime_checkable

from munition.capability.model import CapabilitySet
from munition.capability.parse import parse_grants
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
from munition.module import Module

if TYPE_CHECKING:
    from munition.engine.calls import Call
    from munition.host.log import Sink

MAX_MODULE: Final = 256 << 20
_START: Final = "_start"
_MAX_SEED_BITS: Final = 4096
Isolation: TypeAlias = Literal["process", "thread"]
Grant: TypeAlias = "str | tuple[str, ...] | CapabilitySet"


@runtime_checkable
class HasWasm(Protocol):
    """Anything that carries a module's bytes, such as a compiled `Module`."""

    @property
    def wasm(self) -> bytes:
        """The bytes of the module."""
        ...


def fire(
    module: bytes | str | Path | HasWasm,
    function: str | None = None,
    args: Sequence[object] = (),
    *,
    capabilities: str | Iterable[str] | CapabilitySet = (),
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
        capabilities: what is granted: `["log", "time"]`. Nothing is granted that is not listed.
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
    granted = capabilities if isinstance(capabilities, tuple) else _hashable(capabilities)
    if not isinstance(args, (list, tuple)):
        args = _arguments(args)
    owner = Holder.machine or machine()
    if fuel is None and memory is None and memory_pages is None and timeout is None and limits is None:
        key: tuple[object, ...] = (isolation, wasm, function, granted)
    else:
        # True equals 1 and 1.0, so the classes belong to the key: a value that was never checked must miss.
        single = (fuel, memory, memory_pages, timeout)
        key = (isolation, wasm, function, granted, limits, single, *map(type, single))
    options = _options(host, broad_roots=broad_roots) if broad_roots or host is not None else DEFAULT
    if options is not DEFAULT:
        key = (*key, options)
    try:
        target = owner.targets.get(key)
    except TypeError:
        target = (
            None  # something cannot be hashed, and so is not what it should be: the checks below say what
        )
    if target is None:
        wanted = limits_of(limits, fuel, memory, memory_pages, timeout)
        made = _prepare(owner, wasm, function, granted, wanted, options, check_isolation(isolation))
        if isinstance(made, _Unfit):
            return refused(made.refusal, made.fired, started)
        target = owner.keep_target(key, made)
    if isinstance(target, Remote):
        seed_bytes = None if seed is None else _seed(seed)
        found = target.fire(owner.workers, args, started, seed_bytes, output)
        return refused(found, target.plan.fired, started) if isinstance(found, Refusal) else found
    if not trusted:
        check_origin(module)
    here = LOCAL.place
    if target.sprints and here is not None and here.room >= target.try_room:
        # What `fire_target` would do, without its calls.
        try:
            numbers = target.sprints.pop()
        except IndexError:  # another thread was faster
            numbers = target.new_sprint()
        outcome = numbers(
            args, target.main_ticks if here.main else target.all_ticks, here.main or target.smaller, started
        )
        if outcome is not None:
            return outcome
        result = fire_with_full_stack(target, args, started, None, output)
    else:
        result = fire_target(target, args, started, None if seed is None else _seed(seed), output)
    return refused(result, target.plan.fired, started) if isinstance(result, Refusal) else result


def bytes_of(module: object) -> bytes:
    """The bytes of a module, however it was given."""
    match module:
        case bytes():
            return module
        case bytearray():
            return bytes(module)
        case str() | Path():
            return _read(Path(module))
        case HasWasm():
            return module.wasm
        case _:
            raise UsageTypeError(f"a module must be bytes, a path or a Module, not {type(module).__name__}")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_MODULE + 1)
    if len(data) > MAX_MODULE:
        raise UsageError(f"{path.name!r} is larger than {MAX_MODULE} bytes")
    return data


def _hashable(capabilities: str | Iterable[str] | CapabilitySet) -> Grant:
    if isinstance(capabilities, (str, CapabilitySet)):
        return capabilities
    try:
        return tuple(capabilities)
    except TypeError:
        raise UsageTypeError(
            f"capabilities must be a list of strings, not {type(capabilities).__name__}"
        ) from None


def _arguments(args: object) -> Sequence[object]:
    if not isinstance(args, Sequence) or isinstance(args, (str, bytes, bytearray)):
        raise UsageTypeError(f"args must be a list of arguments, not {type(args).__name__}")
    return tuple(cast("Sequence[object]", args))


def _options(host: HostOptions | None, *, broad_roots: bool) -> HostOptions:
    if host is not None and not isinstance(host, HostOptions):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"host must be HostOptions, not {type(host).__name__}")
    options = host or DEFAULT
    return replace(options, broad_roots=True) if broad_roots else options


def _seed(seed: object) -> bytes:
    if isinstance(seed, bytes):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise UsageTypeError(f"seed must be an integer or bytes, not {type(seed).__name__}")
    if seed.bit_length() > _MAX_SEED_BITS:
        raise UsageError(f"seed must fit {_MAX_SEED_BITS} bits")
    return seed.to_bytes(_MAX_SEED_BITS // 8 + 1, "little", signed=True)


def check_isolation(isolation: object) -> Isolation:
    """The same, checked.

    Raises:
        UsageError: there is no such isolation.
    """
    if isolation == "process":
        return "process"
    if isolation == "thread":
        return "thread"
    raise UsageError(f"isolation must be 'process' or 'thread', not {isolation!a:.40}")


def check_origin(module: object) -> None:
    """Refuse to run a module in this process unless `compile` of this process made it.

    Raises:
        UsageError: it did not; its manifest proves nothing.
    """
    if not (isinstance(module, Module) and module.compiled_here):
        raise UsageError(
            "isolation='thread' runs the module in this process: fire what compile() returned, or pass trusted=True if you "
            "vouch for it"
        )


@dataclass(frozen=True, slots=True)
class _Unfit:
    """A module that will not be fired, and what is known of it."""

    refusal: Refusal
    fired: Fired


def _prepare(
    owner: HomeMachine,
    wasm: bytes,
    function: str | None,
    granted: Grant,
    limits: Limits,
    options: HostOptions,
    isolation: Isolation,
) -> Target | Remote | _Unfit:
    if function is not None and not isinstance(function, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"function must be a string, not {type(function).__name__}")
    grants = parse_grants(granted)
    check_roots((item.parameter for item in grants), broad=options.broad_roots)
    try:
        facts = owner.facts(wasm)
        made = plan(wasm, facts, grants, limits, stub_denied=options.stub_denied)
        if isinstance(made, Refusal):
            return _Unfit(made, fired(facts, grants))
        if made.uses.http:
            library()
        kind = Remote if isolation == "process" else Target
        return kind(owner, made, _call_of(made, function), options)
    except InvalidModuleError as error:
        known = Fired(hashlib.sha256(wasm).hexdigest(), None, (), grants.spellings())
        return _Unfit(Refusal("invalid", Crash("module", str(error))), known)


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
