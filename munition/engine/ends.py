# SPDX-License-Identifier: MIT
"""How a fire that did not end well is told across the pipe. The parent takes it for what it is: claims of a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast, get_args

from munition.engine.outcome import Crash, Frame, GuestError, Kind
from munition.engine.wire import ENDED
from munition.host.values import DecodeError, decode, encode

if TYPE_CHECKING:
    from munition.engine.outcome import Outcome
    from munition.host.values import Value

_KINDS: Final = frozenset(get_args(Kind)) - {"ok"}
_MAX_FRAMES: Final = 100
_MAX_NAMES: Final = 1000
_NONE: Final = -1


def encode_end(outcome: Outcome) -> bytes:
    """What `decode_end` takes."""
    crash = outcome.crash
    assert crash is not None
    head = encode(
        [
            outcome.kind,
            _plain(crash.reason),
            _plain(crash.message),
            None if crash.help is None else _plain(crash.help),
            [_plain(name) for name in crash.capabilities],
            [_frame(frame) for frame in crash.frames],
            None if crash.error is None else _error(crash.error),
        ]
    )
    memory = b"" if crash.memory is None else crash.memory
    flags = (outcome.fuel_exact, crash.memory is not None)
    return ENDED.pack(outcome.fuel_used, outcome.peak_memory, *flags, len(head)) + head + memory


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _frame(frame: Frame) -> list[Value]:
    offset = _NONE if frame.offset is None else frame.offset
    return [frame.function, None if frame.name is None else _plain(frame.name), offset]


def _error(error: GuestError) -> list[Value]:
    texts = (_plain(error.message), _plain(error.traceback), _plain(error.lost))
    return [*texts, _NONE if error.line is None else error.line, error.value]


def decode_end(content: bytes) -> tuple[Kind, int, int, bool, Crash]:
    """Kind, fuel used, bytes of memory at the end, whether the fuel is exact, and the crash.

    Raises:
        DecodeError: no worker of ours says this.
    """
    if len(content) < ENDED.size:
        raise DecodeError("the end of a fire is cut short")
    fuel, peak, exact, has_memory, size = ENDED.unpack_from(content)
    at = ENDED.size + size
    if len(content) < at or (len(content) > at and not has_memory):
        raise DecodeError("the end of a fire has another length than it says")
    kind, reason, message, help_, names, frames, error = _items(list(decode(content[ENDED.size : at])), 7)
    if kind not in _KINDS:
        raise DecodeError("an unknown kind of end")
    crash = Crash(
        reason=_text(reason),
        message=_text(message),
        help=None if help_ is None else _text(help_),
        error=None if error is None else _read_error(error),
        frames=tuple(_read_frame(frame) for frame in _list(frames, _MAX_FRAMES)),
        capabilities=tuple(_text(name) for name in _list(names, _MAX_NAMES)),
        memory=content[at:] if has_memory else None,
    )
    return cast("Kind", kind), fuel, peak, bool(exact), crash


def _items(value: Value, count: int) -> list[Value]:
    items = _list(value, count)
    if len(items) != count:
        raise DecodeError("a list has another length than it should")
    return items


def _list(value: Value, most: int) -> list[Value]:
    if not isinstance(value, list) or len(value) > most:
        raise DecodeError("a list is expected")
    return value


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise DecodeError("text is expected")
    return value


def _number(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise DecodeError("a number is expected")
    return value


def _read_frame(value: Value) -> Frame:
    function, name, offset = _items(value, 3)
    at = _number(offset)
    return Frame(_number(function), None if name is None else _text(name), None if at < 0 else at, None)


def _read_error(value: Value) -> GuestError:
    message, traceback, lost, line, found = _items(value, 5)
    at = _number(line)
    return GuestError(_text(message), _text(traceback), None if at < 0 else at, found, _text(lost))
