# SPDX-License-Identifier: MIT
"""Find the few instructions that matter in a body, at the speed of the regular expression engine.

A scanner is given the names of the instructions to stop at. From the opcode table it makes one expression that matches
any run of other instructions, operands included, as strictly as `munition.wasm.instructions` decodes them; what the
expression cannot match is either one to stop at or decoded in Python. The quantifiers are possessive: the matcher keeps
no state to go back to, so time is linear and space constant in the length of the body.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from munition.wasm.cursor import Cursor
from munition.wasm.faults import invalid
from munition.wasm.instructions import Instruction, Nesting, read_instruction, read_locals
from munition.wasm.limits import DEFAULT_LIMITS, Limits
from munition.wasm.opcodes import OPCODES, Immediate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Up to the last byte but one any bits will do; the last of a number of full length has unused bits, which are checked.
U32: Final = rb"(?:[\x80-\xff]{0,3}+[\x00-\x7f]|[\x80-\xff]{4}[\x00-\x0f])"
_S32: Final = rb"(?:[\x80-\xff]{0,3}+[\x00-\x7f]|[\x80-\xff]{4}[\x00-\x07\x78-\x7f])"
_U64: Final = rb"(?:[\x80-\xff]{0,8}+[\x00-\x7f]|[\x80-\xff]{9}[\x00\x01])"
_S64: Final = rb"(?:[\x80-\xff]{0,8}+[\x00-\x7f]|[\x80-\xff]{9}[\x00\x7f])"
_INDEX33: Final = rb"(?:[\x80-\xff]{0,3}+[\x00-\x3f]|[\x80-\xff]{4}[\x00-\x0f])"
_HEAP: Final = rb"(?:[\x68-\x75]|" + _INDEX33 + rb")"

_OPERANDS: Final[Mapping[Immediate, bytes]] = {
    Immediate.BLOCK: rb"(?:[\x40\x68-\x75\x7b-\x7f]|[\x63\x64]" + _HEAP + rb"|" + _INDEX33 + rb")",
    Immediate.LABEL: U32,
    Immediate.FUNCTION: U32,
    Immediate.TYPE: U32,
    Immediate.LOCAL: U32,
    Immediate.GLOBAL: U32,
    Immediate.TABLE: U32,
    Immediate.MEMORY: U32,
    Immediate.DATA: U32,
    Immediate.ELEMENT: U32,
    Immediate.TAG: U32,
    Immediate.FIELD: U32,
    Immediate.COUNT: U32,
    Immediate.I32: _S32,
    Immediate.I64: _S64,
    Immediate.F32: rb".{4}",
    Immediate.F64: rb".{8}",
    Immediate.V128: rb".{16}",
    Immediate.SHUFFLE: rb"[\x00-\x1f]{16}",
    Immediate.LANE: rb".",
    Immediate.MEMARG: rb"(?:[\x00-\x3f]" + _U64 + rb"|[\x40-\x7f]" + U32 + _U64 + rb")",
    Immediate.HEAP: _HEAP,
    Immediate.HEAP_NULL: _HEAP,
    Immediate.ZERO: rb"\x00",
}
"""Operands of bounded shape. The others (vectors) are decoded in Python."""


class Scanner:
    """Stops at the instructions called by one of some names, and skips the rest."""

    __slots__ = ("_skip", "_stop")

    def __init__(self, stop: Iterable[str]) -> None:
        self._stop = frozenset(stop)
        self._skip = re.compile(skip_pattern(self._stop), re.DOTALL)

    def scan(
        self, data: bytes, start: int = 0, end: int | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> Iterator[Instruction]:
        """The instructions to stop at in the body `data[start:end]`, in order; arguments as for `instructions`.

        Whether blocks nest is not checked here: see `check_body`.

        Raises:
            InvalidModuleError: while the iterator advances, as `instructions` does, and where the body does not end
                exactly where it should.
        """
        cursor = Cursor(data, start, len(data) if end is None else end)
        read_locals(cursor, limits)
        skip, stop, end = self._skip, self._stop, cursor.end
        while True:
            found = skip.match(data, cursor.pos, end)
            if found is not None:
                cursor.pos = found.end()
            if cursor.pos >= end:
                return
            instruction = read_instruction(cursor)
            if instruction.opcode.name in stop:
                yield instruction


def skip_pattern(stop: frozenset[str], more: tuple[bytes, ...] = ()) -> bytes:
    """An expression (for `re.DOTALL`) that matches any run of instructions not called by a name of `stop`.

    Instructions with operands of unbounded shape (`br_table`, typed `select`) end the run, but for those that `more`
    matches.
    """
    by_shape: dict[tuple[bytes, bytes, bytes], list[int]] = {}
    for opcode in OPCODES.values():
        if opcode.name in stop or not all(i in _OPERANDS for i in opcode.immediates):
            continue
        operands = b"".join(_OPERANDS[i] for i in opcode.immediates)
        prefix, number = opcode.key >> 12, opcode.key & 0xFFF
        if not prefix:
            shape = (b"", b"", operands)
        elif number < 128:
            shape = (_byte(prefix), b"", operands)
        else:
            shape = (_byte(prefix), _byte(number >> 7), operands)
            number = number & 127 | 128
        by_shape.setdefault(shape, []).append(number)
    # The most frequent shapes first: no operand, then one number, then the rest; prefixed ones last, each prefix once, so
    # that an instruction to stop at is found to be none of all these in few steps.
    ordered = sorted(by_shape.items(), key=lambda item: (item[0][0], len(item[0][2]), item[0]))
    by_prefix: dict[bytes, list[bytes]] = {}
    for (first, high, operands), numbers in ordered:
        by_prefix.setdefault(first, []).append(_one_of(numbers) + high + operands)
    parts = by_prefix.pop(b"", [])
    parts += [first + b"(?:" + b"|".join(rest) + b")" for first, rest in by_prefix.items()]
    return b"(?:" + b"|".join([*_usual(by_shape), *parts, *more]) + b")*+"


_NUMBERS: Final = frozenset({U32, _S32, _S64})
"""Operands that any number of up to four bytes fits."""


def _usual(by_shape: Mapping[tuple[bytes, bytes, bytes], list[int]]) -> list[bytes]:
    """The commonest instructions once more, in front of all others, together with the plain ones that follow.

    They match nothing the others do not; one step of the matcher takes several instructions.
    """
    numbers = [
        n for (prefix, _, operands), ns in by_shape.items() if not prefix and operands in _NUMBERS for n in ns
    ]
    one = _one_of(sorted(numbers))
    memory = _one_of(by_shape.get((b"", b"", _OPERANDS[Immediate.MEMARG]), []))
    plain = _one_of(by_shape.get((b"", b"", b""), []))
    after = plain + b"*+" if plain else b""
    found: list[bytes] = []
    if one:
        found.append(one + rb"[\x00-\x7f]" + after)
    if memory:
        found.append(memory + rb"[\x00-\x3f][\x80-\xff]?+[\x00-\x7f]" + after)
    if one:
        found.append(one + rb"[\x80-\xff]{1,3}+[\x00-\x7f]" + after)
    return found


def _one_of(numbers: list[int]) -> bytes:
    return b"[" + b"".join(map(_byte, numbers)) + b"]" if numbers else b""


def _byte(value: int) -> bytes:
    return b"\\x%02x" % value


@cache
def _control() -> Scanner:
    """Compiled when first needed: most uses of this module never do."""
    return Scanner(
        ("block", "loop", "if", "else", "end", "try", "catch", "catch_all", "delegate", "try_table")
    )


def check_body(data: bytes, start: int = 0, end: int | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
    """Return if a body can be decoded from end to end and its blocks nest; arguments as for `instructions`.

    Raises:
        InvalidModuleError: as `instructions` does.
    """
    end = len(data) if end is None else end
    nesting = Nesting()
    closed = start
    for instruction in _control().scan(data, start, end, limits):
        if not nesting.depth:
            raise invalid("E232", "instructions behind the final `end` of a function", closed)
        nesting.step(instruction)
        closed = instruction.offset + 1
    if nesting.depth:
        raise invalid("E232", "a function body without its final `end`", end)
    if closed != end:
        raise invalid("E232", "instructions behind the final `end` of a function", closed)
