# SPDX-License-Identifier: MIT
"""What a fire ends as: values, or a crash of a known kind with its evidence. Plain data, safe to keep and to compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.host.log import Entry
    from munition.host.values import Value

Kind: TypeAlias = Literal["ok", "guest_error", "denied", "invalid", "fuel", "timeout", "limit", "host_fault"]

EXIT_CODES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "ok": 0,
        "guest_error": 1,
        "usage": 2,
        "denied": 3,
        "invalid": 4,
        "fuel": 5,
        "timeout": 6,
        "limit": 7,
        "missing_tool": 8,
        "host_fault": 9,
        "differs": 10,
        "interrupted": 130,
    }
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One function that was running when the guest crashed, innermost first.

    Attributes:
        function: index of the function in the module.
        name: what the module's name section calls it, escaped and cut; None when it does not say.
        offset: byte offset of the instruction in the module; None when the engine does not know.
        line: line of the source, where the module has a line table.
        file: the file of the source, if it is not the script itself but a module that it requires.
    """

    function: int
    name: str | None
    offset: int | None
    line: int | None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class GuestError:
    """What the guest's own language says of an uncaught error.

    Attributes:
        message: as its reference implementation would show it.
        traceback: its stack traceback.
        line: line of the source; None when unknown.
        value: the error value itself.
        lost: why `value` could not cross the boundary; empty when it did.
        file: the file of `line`, if it is not the script itself but a module that it requires.
    """

    message: str
    traceback: str
    line: int | None
    value: Value
    lost: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Crash:
    """How and where a fire went wrong.

    Attributes:
        reason: refines the kind: `error`, `trap:unreachable`, `memory`, `compile`, a capability name, ...
        message: one sentence for people; text the guest chose is escaped and cut.
        help: what to do about it, where there is something.
        error: the guest language's own view, when there is one.
        frames: WebAssembly frames, innermost first, 20 at most.
        capabilities: names of which a denial says that they are missing.
        memory: linear memory as it was, unless it was never there; see `Limits` for its size.
    """

    reason: str
    message: str
    help: str | None = None
    error: GuestError | None = None
    frames: tuple[Frame, ...] = ()
    capabilities: tuple[str, ...] = ()
    memory: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Fired:
    """What was fired; shared by all outcomes of one module under one grant.

    Attributes:
        sha256: hash of the module's bytes, in hexadecimal.
        declared: capabilities its manifest declares; None when it has no manifest.
        required: names its imports need.
        granted: capabilities that were granted.
    """

    sha256: str
    declared: tuple[str, ...] | None
    required: tuple[str, ...]
    granted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one fire ended as.

    Attributes:
        kind: `ok` or the kind of failure; `EXIT_CODES` has the exit code of each.
        values: what the guest returned; empty unless `kind` is `ok`.
        fuel_used: units of fuel.
        fuel_exact: False when the engine can only say "at least" (after most traps).
        elapsed: seconds of wall time from call to return.
        peak_memory: bytes of linear memory at the end; it never shrinks, so this is the peak.
        log: text and records in order.
        fired: what was fired.
        crash: evidence, unless `kind` is `ok`.
    """

    kind: Kind
    values: tuple[Value, ...]
    fuel_used: int
    fuel_exact: bool
    elapsed: float
    peak_memory: int
    log: tuple[Entry, ...]
    fired: Fired
    crash: Crash | None

    @property
    def ok(self) -> bool:
        """Whether the fire finished."""
        return self.kind == "ok"

    @property
    def reason(self) -> str:
        """What refines the kind; empty for `ok`."""
        return self.crash.reason if self.crash else ""

    @property
    def message(self) -> str:
        """One sentence about the failure; empty for `ok`."""
        return self.crash.message if self.crash else ""

    @property
    def exit_code(self) -> int:
        """The exit code of the command line for this kind."""
        return EXIT_CODES[self.kind]

    def text(self, stream: int = 1) -> bytes:
        """The raw text written to one stream (1 standard output, 2 standard error), in order."""
        from munition.host.log import Text

        return b"".join(e.data for e in self.log if isinstance(e, Text) and e.stream == stream)


@dataclass(slots=True)
class Draft:
    """An outcome that can still be written: the same slots in the same order."""

    kind: Kind
    values: tuple[Value, ...]
    fuel_used: int
    fuel_exact: bool
    elapsed: float
    peak_memory: int
    log: tuple[Entry, ...]
    fired: Fired
    crash: Crash | None


def outcome(
    kind: Kind,
    values: tuple[Value, ...],
    fuel_used: int,
    fuel_exact: bool,
    elapsed: float,
    peak_memory: int,
    log: tuple[Entry, ...],
    fired: Fired,
    crash: Crash | None,
) -> Outcome:
    """The same as `Outcome(...)`, in a fifth of the time.

    A frozen dataclass sets each field through `object.__setattr__`, which for nine fields costs as much as half a fire.
    A draft sets its slots directly and then becomes an outcome; the two classes have one layout, which a test asserts.
    """
    draft = Draft(kind, values, fuel_used, fuel_exact, elapsed, peak_memory, log, fired, crash)
    draft.__class__ = Outcome  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    return cast("Outcome", draft)
