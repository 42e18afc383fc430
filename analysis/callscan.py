# SPDX-License-Identifier: MIT
"""What a function body can lead to: the calls, references and table changes in it, found without decoding the rest.

One expression skips all other instructions and captures these, so a body costs one call into the regular expression engine
and one look at each distinct instruction. What the expression cannot match (long vectors, unknown opcodes) sends that body
to the strict decoder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from munition.wasm.cursor import Cursor
from munition.wasm.faults import invalid
from munition.wasm.instructions import read_instruction, read_locals
from munition.wasm.limits import DEFAULT_LIMITS, Limits
from munition.wasm.scan import U32, Scanner, skip_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from munition.wasm.instructions import Instruction

CALLS: Final = frozenset({"call", "return_call"})
REFERENCES: Final = frozenset({"call_ref", "return_call_ref", "cont.new"})
_STOP: Final = (
    *CALLS,
    *REFERENCES,
    *("call_indirect", "return_call_indirect", "ref.func"),
    *("table.set", "table.init", "table.copy", "table.grow", "table.fill"),
)
_STOP_NAMES: Final = frozenset(_STOP)
_VALUE_TYPE: Final = rb"(?:[\x69-\x74\x7b-\x7f]|[\x63\x64][\x00-\x7f])"
_BLOCK: Final = rb"(?:\x40|" + _VALUE_TYPE + rb"|[\x00-\x3f])"
_CATCH: Final = rb"(?:[\x00\x01]" + U32 + U32 + rb"|[\x02\x03]" + U32 + rb")"
# Vectors are matched up to these lengths, one alternative per length; longer ones are decoded in Python.
_LABELS, _CATCHES = 32, 4


def _vectors() -> tuple[bytes, ...]:
    tables = [b"\\x%02x" % n + U32 + b"{%d}" % (n + 1) for n in range(_LABELS)]
    tries = [_BLOCK + b"\\x%02x" % n + (_CATCH + b"{%d}" % n if n else b"") for n in range(_CATCHES)]
    return (
        rb"\x1c\x01" + _VALUE_TYPE,
        rb"\x0e(?:" + b"|".join(tables) + b")",
        rb"\x1f(?:" + b"|".join(tries) + b")",
    )


_FOUND: Final = b"|".join(
    [
        rb"[\x10\x12\x14\x15\x26\xd2\xe0]" + U32,
        rb"[\x11\x13]" + U32 + U32,
        rb"\xfc(?:[\x0c\x0e]" + U32 + U32 + rb"|[\x0f\x11]" + U32 + rb")",
    ]
)
_WHOLE: Final = re.compile(_FOUND, re.DOTALL)


@cache
def _expression() -> re.Pattern[bytes]:
    """A run to skip, then what was looked for, or the end, or all that is left where neither stands."""
    skip = skip_pattern(frozenset(_STOP), _vectors())
    return re.compile(skip + rb"(" + _FOUND + rb"|\Z|.+)", re.DOTALL)


# The usual local declarations: groups of at most 127 locals of one-byte types, too few to pass the limit on locals.
_GROUPS: Final = 64
_MAX_STOPS: Final = 64
"""How often the rest of a body is copied to find out where the expression stopped, before another way is taken."""
_LOCALS: Final = re.compile(
    b"|".join(
        b"\\x%02x(?:[\\x00-\\x7f][\\x69-\\x74\\x7b-\\x7f]){%d}" % (n, n) if n else b"\\x00"
        for n in range(_GROUPS)
    ),
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes of the index spaces an instruction may name."""

    functions: int
    types: int
    tables: int


@dataclass(frozen=True, slots=True)
class Calls:
    """What one body can lead to, each in the order of first appearance.

    Attributes:
        direct: functions called.
        indirect: (type, table) of call_indirect.
        by_reference: types of call_ref, and of continuations made.
        references: functions whose reference is taken.
        changed: tables whose elements are set while running.
    """

    direct: tuple[int, ...] = ()
    indirect: tuple[tuple[int, int], ...] = ()
    by_reference: tuple[int, ...] = ()
    references: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()


NOTHING: Final = Calls()

Found = tuple[str, int, int]
"""Field of `Calls`, index, and second index (the table of an indirect call; else 0)."""


class BodyScanner:
    """Reads bodies of one module; remembers what each encoded instruction means."""

    def __init__(self, data: bytes, bounds: Bounds, limits: Limits = DEFAULT_LIMITS) -> None:
        """For the module in `data`, with these index spaces."""
        self._data = data
        self._limits = limits
        self._bound = {
            "direct": bounds.functions,
            "references": bounds.functions,
            "indirect": bounds.types,
            "by_reference": bounds.types,
            "changed": bounds.tables,
        }
        self._tables = bounds.tables
        # Encoded instruction -> function called, or (negative) place among the other facts; 1 stands for the end of a body.
        self._known: dict[bytes, int] = {b"": -1} | _shortest_calls(min(bounds.functions, _MANY))
        self._facts: list[Found] = [("end", 0, 0), ("end", 0, 0)]
        self._findall = _expression().findall

    def scan(self, start: int, end: int) -> Calls:
        """What the body at `start` (its local declarations first) leads to.

        Raises:
            InvalidModuleError: it cannot be decoded, or names an index that does not exist.
        """
        found = dict.fromkeys(self._findall(self._data, self._code(start, end), end))
        if len(found) == 1 and b"" in found:
            return NOTHING
        direct: list[int] = []
        others: list[Found] = []
        left = self._sort(found, direct, others, start)
        stops = 0
        while (
            left is not None
        ):  # the expression stopped before the end: the strict decoder reads one instruction
            stops += 1
            if stops > _MAX_STOPS:
                return _calls(self._slowly(start, end))
            cursor = Cursor(self._data, end - len(left), end)
            self._odd(cursor, others)
            left = self._sort(
                dict.fromkeys(self._findall(self._data, cursor.pos, end)), direct, others, start
            )
        if stops:
            direct = list(dict.fromkeys(direct))
        return _with_others(tuple(direct), list(dict.fromkeys(others))) if others else Calls(tuple(direct))

    def _sort(
        self, found: dict[bytes, None], direct: list[int], others: list[Found], at: int
    ) -> bytes | None:
        """Put captured instructions where they belong; the rest of the body that the expression did not match, if any."""
        numbers = [*map(self._known.get, found)]
        if None not in numbers:
            direct += [n for n in numbers if n is not None and n >= 0]
            if len(direct) < len(numbers):
                facts = self._facts
                others += [facts[-n] for n in numbers if n is not None and n < -1]
            return None
        for raw in found:
            fact = self._fact(raw, at)
            if fact is None:
                return raw  # always the last: the expression takes all that is left
            if fact[0] == "direct":
                direct.append(fact[1])
            elif raw:
                others.append(fact)
        return None

    def _odd(self, cursor: Cursor, others: list[Found]) -> None:
        """Read one instruction that the expression does not know."""
        at = cursor.pos
        instruction = read_instruction(cursor)
        if instruction.opcode.name in _STOP_NAMES:
            others.append(self._checked(_read(instruction), at))

    def _fact(self, raw: bytes, at: int) -> Found | None:
        """What one captured instruction means; None if it is none but the rest of a body."""
        number = self._known.get(raw)
        if number is not None:
            return ("direct", number, 0) if number >= 0 else self._facts[-number]
        if _WHOLE.fullmatch(raw) is None:
            return None
        fact = self._checked(_decode(raw), at)
        if fact[0] == "direct":
            self._known[raw] = fact[1]
        else:
            self._known[raw] = -len(self._facts)
            self._facts.append(fact)
        return fact

    def _code(self, start: int, end: int) -> int:
        """Where the instructions start."""
        usual = _LOCALS.match(self._data, start, end)
        if usual is not None:
            return usual.end()
        cursor = Cursor(self._data, start, end)
        read_locals(cursor, self._limits)
        return cursor.pos

    def sites(self, start: int, end: int) -> Iterator[tuple[int, Found]]:
        """Offset and meaning of each instruction that `scan` finds, in order.

        Raises:
            InvalidModuleError: as `scan`, while the iterator advances.
        """
        cursor = Cursor(self._data, self._code(start, end), end)
        finditer = _expression().finditer
        left: int | None = cursor.pos
        while left is not None:
            cursor.pos, left = left, None
            for match in finditer(self._data, cursor.pos, end):
                raw: bytes = match.group(1)
                offset = match.start(1)
                fact = self._fact(raw, offset)
                if fact is not None:
                    if raw:
                        yield offset, fact
                    continue
                cursor.pos = offset
                found: list[Found] = []
                self._odd(cursor, found)
                for item in found:
                    yield offset, item
                left = cursor.pos
                break

    def _slowly(self, start: int, end: int) -> list[Found]:
        """What a body holds in which the expression stops very often: one instruction after the other."""
        scanner = strict()
        found = scanner.scan(self._data, start, end, self._limits)
        return [self._checked(_read(i), i.offset) for i in found]

    def _checked(self, fact: Found, at: int) -> Found:
        field, index, table = fact
        if index >= self._bound[field] or (field == "indirect" and table >= self._tables):
            raise invalid("E222", f"index {index} or {table} in a function body, out of bounds", at)
        return fact


def _shortest_calls(count: int) -> dict[bytes, int]:
    """Calls of the first functions in their usual encoding: the distinct instructions there are most of."""
    short = {bytes((_CALL, n)): n for n in range(min(count, 1 << 7))}
    return short | {bytes((_CALL, n & 127 | 128, n >> 7)): n for n in range(1 << 7, count)}


_CALL: Final = 0x10
_MANY: Final = 1 << 14
"""More functions than three bytes can name."""


def _with_others(direct: tuple[int, ...], others: list[Found]) -> Calls:
    by_field: dict[str, list[int]] = {}
    indirect: list[tuple[int, int]] = []
    for field, index, table in others:
        if field == "indirect":
            indirect.append((index, table))
        else:
            by_field.setdefault(field, []).append(index)
    return Calls(direct, tuple(indirect), **{field: tuple(found) for field, found in by_field.items()})


def _calls(facts: list[Found]) -> Calls:
    unique = dict.fromkeys(facts)
    direct = tuple([index for field, index, _ in unique if field == "direct"])
    return _with_others(direct, [fact for fact in unique if fact[0] != "direct"])


_SHORT: Final[Mapping[int, str]] = {
    0x11: "indirect",
    0x13: "indirect",
    0x14: "by_reference",
    0x15: "by_reference",
    0xE0: "by_reference",
    0xD2: "references",
    0x26: "changed",
}
_LONG: Final = 0xFC


def _decode(raw: bytes) -> Found:
    """One captured instruction."""
    first = raw[0]
    if first in {0x10, 0x12}:
        index = 0
        for byte in raw[:0:-1]:
            index = index << 7 | byte & 127
        return ("direct", index, 0)
    cursor = Cursor(raw, 1, len(raw))
    if first != _LONG:
        field, index = _SHORT[first], cursor.u32()
        return (field, index, cursor.u32() if field == "indirect" else 0)
    code, index = cursor.u32(), cursor.u32()
    return ("changed", cursor.u32() if code == 0x0C else index, 0)  # table.init names its segment first


def _read(instruction: Instruction) -> Found:
    name, operands = instruction.opcode.name, instruction.operands
    first = _index(operands[0])
    if name in CALLS:
        return ("direct", first, 0)
    if name.endswith("call_indirect"):
        return ("indirect", first, _index(operands[1]))
    if name in REFERENCES:
        return ("by_reference", first, 0)
    if name == "ref.func":
        return ("references", first, 0)
    return ("changed", _index(operands[1]) if name == "table.init" else first, 0)


def _index(operand: object) -> int:
    assert isinstance(operand, int)
    return operand


@cache
def strict() -> Scanner:
    """The decoder that stops at the same instructions, one match for each."""
    return Scanner(_STOP)
