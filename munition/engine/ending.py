# SPDX-License-Identifier: MIT
"""From how a shot ended to an `Outcome`."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

from munition.engine.facts import Signature
from munition.engine.guest import FAULT, Answer, read_answer
from munition.engine.outcome import Crash, Frame, Outcome, outcome
from munition.engine.text import tidy
from munition.engine.traps import MEANINGS, Stop, take_stop
from munition.errors import InvalidModuleError
from munition.host.abi import BudgetSpentError, DeniedError, GuestFaultError, ProgramExitError

if TYPE_CHECKING:
    from munition.engine.outcome import Fired, Kind
    from munition.engine.plan import Plan, Refusal
    from munition.engine.shot import Shot
    from munition.host.values import Value
    from munition.wasm.lines import LineTable

_RAISE: Final = {
    "fuel": "raise the limit with --fuel N",
    "timeout": "raise the limit with --timeout SECONDS",
    "memory": "raise the limit with --memory SIZE",
}


def refused(refusal: Refusal, fired: Fired, started: float) -> Outcome:
    """The outcome of something that never ran."""
    return Outcome(
        refusal.kind,
        (),
        0,
        True,
        perf_counter() - started,
        0,
        (),
        fired,
        refusal.crash,
    )


def answered(shot: Shot, values: tuple[Value, ...], started: float) -> Outcome:
    """The outcome of a call that returned; closes the shot."""
    peak = shot.memory_size() if shot.find_memory() else 0
    context = shot.context
    log = () if context is None else context.log.entries()
    shot.close()
    plan = shot.loaded.plan
    used = plan.limits.fuel - shot.fuel_left
    return outcome("ok", values, used, True, perf_counter() - started, peak, log, plan.fired, None)


def ended(
    shot: Shot, started: float, kind: Kind, crash: Crash | None, *, exact: bool = True, peak: int = 0
) -> Outcome:
    """Close the shot; the outcome of a fire that began."""
    log = shot.context.log.entries() if shot.context is not None else ()
    shot.close()
    plan = shot.loaded.plan
    used = plan.limits.fuel - shot.fuel_left
    return Outcome(kind, (), used, exact, perf_counter() - started, peak, log, plan.fired, crash)


def stopped(shot: Shot, error: int, started: float, *, running: bool) -> Outcome:
    """The outcome of a call that the engine ended; closes the shot.

    Args:
        shot: what was fired.
        error: the engine's error, or 0 when there is a trap.
        started: when the fire began.
        running: whether an instance exists.

    Raises:
        KeyboardInterrupt: a host function raised it; everything was cleaned up.
    """
    stop = take_stop(shot, error)
    fault = shot.fault
    has_memory = running and shot.find_memory()
    size = shot.memory_size() if has_memory else 0
    if isinstance(fault, ProgramExitError):
        return _exited(shot, started, fault.code, size)
    if isinstance(fault, DeniedError):
        crash = Crash(",".join(fault.capabilities) or "import", str(fault), capabilities=fault.capabilities)
        return ended(shot, started, "denied", crash, peak=size)
    kind, reason, message = _verdict(shot.loaded.plan, stop, fault)
    crash = Crash(reason, message, _RAISE.get(reason) or _RAISE.get(kind))
    told = _told(shot) if has_memory and fault is None and stop.code == "unreachable" else None
    if told is not None and told.crash is not None:
        kind, crash = told.kind, told.crash
    crash = replace(
        crash,
        frames=with_lines(shot.loaded.plan.wasm, stop.frames),
        memory=shot.read(0, size) if has_memory else None,
    )
    # The engine forgets the fuel of the innermost loop when a trap is raised inside it.
    exact = kind in ("fuel", "host_fault") or stop.code == "unreachable"
    found = ended(shot, started, kind, crash, exact=exact, peak=size)
    if isinstance(fault, KeyboardInterrupt):
        raise fault
    return found


def _exited(shot: Shot, started: float, code: int, peak: int) -> Outcome:
    """The program ended itself, which is no crash unless it says so."""
    if not code:
        return ended(shot, started, "ok", None, peak=peak)
    crash = Crash(f"exit:{code}", f"the program ended itself with code {code}")
    return ended(shot, started, "guest_error", crash, peak=peak)


def _told(shot: Shot) -> Answer | None:
    """What a guest that gave up says of it, where it exports `munition:fault` (docs/guest-abi.md, section 7)."""
    if shot.loaded.plan.facts.functions.get(FAULT.decode()) != _FAULT:
        return None
    error = shot.call(FAULT, 1)
    if error or shot.trap.value:
        take_stop(shot, error)
        return None
    address = shot.raw[0] & 0xFFFFFFFF
    if not address:
        return None
    try:
        length = int.from_bytes(shot.read(address, 4), "little")
        return read_answer(shot.read(address + 4, length)) if length <= _MAX_FAULT else None
    except GuestFaultError:
        return None


_FAULT: Final = Signature((), ("i32",))
_MAX_FAULT: Final = 1 << 16


def _verdict(plan: Plan, stop: Stop, fault: BaseException | None) -> tuple[Kind, str, str]:
    match fault:
        case GuestFaultError():
            return "guest_error", f"trap:{fault.code}", str(fault)
        case BudgetSpentError():
            return "limit", fault.reason, str(fault)
        case InterruptedError():
            return _timeout(plan)
        case None:
            return _trapped(plan, stop)
        case _:
            # The text of the exception may hold what the guest must not choose; the type is ours.
            return "host_fault", "function", f"a host function failed with {type(fault).__name__}"


def _timeout(plan: Plan) -> tuple[Kind, str, str]:
    return "timeout", "run", f"the time limit of {plan.limits.timeout:g} s is used up"


def _trapped(plan: Plan, stop: Stop) -> tuple[Kind, str, str]:
    match stop.code:
        case "out_of_fuel":
            return "fuel", "", f"the fuel of {plan.limits.fuel} units is used up"
        case "interrupt":
            return _timeout(plan)
        case None:
            return _failed_to_start(stop.message)
        case code:
            return "guest_error", f"trap:{code}", f"the program crashed: {MEANINGS.get(code, code)}"


def _failed_to_start(message: str) -> tuple[Kind, str, str]:
    """Errors that are no traps: limits at instantiation, by the engine's words, which the tests pin."""
    if "maximum concurrent" in message:
        return "limit", "pool", "too many instances are running at once"
    if "memory" in message and ("limit" in message or "exceeds" in message):
        return "limit", "memory", f"the memory limit refuses the module: {message}"
    if "table" in message and ("limit" in message or "exceeds" in message):
        return "limit", "table", f"the table limit refuses the module: {message}"
    return "host_fault", "engine", f"the engine failed: {message}"


def with_lines(wasm: bytes, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The frames with source lines, where the module has a line table that can be read."""
    table: LineTable | None = None
    if frames and wasm:
        from munition.wasm.lines import read_line_table

        with contextlib.suppress(InvalidModuleError):
            table = read_line_table(wasm)
    if table is None:
        return frames
    return tuple(f if f.offset is None else _placed(f, f.offset, table) for f in frames)


def _placed(frame: Frame, offset: int, table: LineTable) -> Frame:
    file = table.file_at(offset)
    return replace(frame, line=table.line_at(offset), file=None if file is None else tidy(file))
