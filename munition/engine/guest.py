# SPDX-License-Identifier: MIT
"""Calls of modules whose exports take and return encoded values (docs/guest-abi.md, section 7)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from munition.engine.advice import advice
from munition.engine.outcome import Crash, GuestError
from munition.engine.text import shown
from munition.host.values import DecodeError, Decoder, Value, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.engine.outcome import Kind
    from munition.host.interface import Interface

INPUT: Final = b"munition:input"
FAULT: Final = b"munition:fault"
RUN: Final = "munition:run"

_FINISHED, _ERROR, _EXIT, _NO_MEMORY, _STACK, _RESULT, _ARGUMENTS = range(7)
_Code: Final = struct.Struct("<i")


@dataclass(frozen=True, slots=True)
class ValueCall:
    """One exported entry.

    Attributes:
        export: its WebAssembly export, encoded.
        interface: the types of its parameters, in languages that have them.
        raw: whether its one argument is bytes that are encoded already, and what finished well is wanted as its block.
    """

    export: bytes
    interface: Interface | None = None
    raw: bool = False

    def encode(self, arguments: Sequence[object]) -> bytes:
        """The arguments on the wire; nothing for none.

        Raises:
            UsageError: one that is out of range.
            UsageTypeError: one of the wrong type, or too few, or too many.
        """
        if self.raw:
            return b"".join(cast("Sequence[bytes]", arguments))
        if self.interface is not None:
            arguments = self.interface.fit(arguments)
        return encode(arguments) if arguments else b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the guest's result block says."""

    kind: Kind
    values: tuple[Value, ...]
    crash: Crash | None


def read_answer(block: bytes) -> Answer:
    """Decode a result block; a guest that writes nonsense has failed, nothing worse."""
    try:
        return _answer(block)
    except DecodeError as error:
        message = f"the program's result cannot be read: {error}"
        return Answer("guest_error", (), Crash("result", message))


def _answer(block: bytes) -> Answer:
    if not block:
        raise DecodeError("it is empty")
    status = block[0]
    decoder = Decoder(block, 1)
    if status == _FINISHED:
        values = decoder.values()
        _finish(decoder)
        return Answer("ok", values, None)
    if status == _EXIT:
        return _exit(block)
    if status > _ARGUMENTS:
        raise DecodeError(f"unknown status {status}")
    error = _error(decoder)
    _finish(decoder)
    kind, reason, help_ = _STATUSES[status]
    if status == _ERROR:
        help_ = advice(error.message, error.traceback)
    return Answer(kind, (), Crash(reason, shown(error.message), help_, error))


_MEMORY_ADVICE: Final = "raise the limit with --memory SIZE"
_STATUSES: Final[dict[int, tuple[Kind, str, str | None]]] = {
    _ERROR: ("guest_error", "error", None),
    _NO_MEMORY: ("limit", "memory", _MEMORY_ADVICE),
    _STACK: ("guest_error", "stack overflow", None),
    _RESULT: ("guest_error", "result", None),
    _ARGUMENTS: ("limit", "memory", _MEMORY_ADVICE),
}


def _finish(decoder: Decoder) -> None:
    if decoder.at != len(decoder.data):
        raise DecodeError("bytes are left over")


def _exit(block: bytes) -> Answer:
    if len(block) != 1 + _Code.size:
        raise DecodeError("an exit code of the wrong size")
    code: int = _Code.unpack_from(block, 1)[0]
    if code == 0:
        return Answer("ok", (), None)
    return Answer("guest_error", (), Crash(f"exit:{code}", f"the program ended itself with code {code}"))


def _error(decoder: Decoder) -> GuestError:
    value = decoder.value(0)
    message, traceback, lost = (decoder.chunk().decode("utf-8", "replace") for _ in range(3))
    return GuestError(message, traceback, decoder.u32() or None, value, lost)
