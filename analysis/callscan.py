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
from munition.wasm.instructions import read_locals
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
_VALUE_TYPE: Final = rb"(?:[\x69-\x74\x7b-\x7f]|[\x63\x64][\x00-\x7f])"
_BLOCK: Final = rb"(?:\x40|" + _VALUE_TYPE + rb"|[\x00-\x3f])"
_CATCH: Final = rb"(?:[\x00\x01]" + U32 + U32 + rb"|[\x02\x03]" + U32 + rb")"
# Vectors are matched up to these lengths, one alternative per length; longer ones are decoded in Python.
_LABELS, _CATCHES = 64, 4


def _vectors() -> tuple[bytes, ...]:
    tables = [rb"\x0e" + b"\\x%02x" % n + U32 + b"{%d}" % (n + 1) for n in range(_LABELS)]
    tries = [
        rb"\x1f" + _BLOCK + b"\\x%02x" % n + (_CATCH + b"{%d}" % n if n else b"") for n in range(_CATCHES)
    ]
    return (rb"\x1c\x01" + _VALUE_TYPE, *tables, *tries)


@cache
def _expression() -> re.Pattern[bytes]:
    skip = skip_pattern(frozenset(_STOP), _vectors())
    found = rb"|".join(
        [
            rb"[\x10\x12\x14\x15\x26\xd2\xe0]" + U32,
            rb"[\x11\x13]" + U32 + U32,
            rb"\xfc[\x0c\x0e]" + U32 + U32,
            rb"\xfc[\x0f\x11]" + U32,
        ]
    )
    # The group is inside a lookahead so that an unmatched rest is seen (one byte) but not copied.
    return re.compile(skip + rb"(?=(" + found + rb"|\Z|.))(?:" + found + rb"|\Z|.+)", re.DOTALL)


# The usual local declarations: up to seven groups of at most 127 locals of one-byte types.
_LOCALS: Final = re.compile(
    b"|".join(
        b"\\x%02x" % n + (rb"(?:[\x00-\x7f][\x69-\x74\x7b-\x7f]){%d}" % n if n else b"") for n in range(8)
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
    """What one body can lead to; each is free of duplicates and sorted.

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
_FEW: Final = 3
"""Bodies with so few distinct instructions are often alike."""

Found = tuple[str, int, int]
"""Field of `Calls`, index, and second index (the table of an indirect call; else 0)."""


class BodyScanner:
    """Reads bodies of one module; remembers what each encoded instruction means."""

    def __init__(self, data: bytes, bounds: Bounds, limits: Limits = DEFAULT_LIMITS) -> None:
        """For the module in `data`, with these index spaces."""
        self._data = data
        self._bounds = bounds
        self._limits = limits
        self._known: dict[bytes, Found | None] = {b"": None}
        self._findall = _expression().findall
        self._calls: dict[frozenset[bytes], Calls] = {}

    def scan(self, start: int, end: int) -> Calls:
        """What the body at `start` (its local declarations first) leads to.

        Raises:
            InvalidModuleError: it cannot be decoded, or names an index that does not exist.
        """
        found = frozenset(self._findall(self._data, self._code(start, end), end))
        calls = self._calls.get(found)
        if calls is None:
            calls = self._read(found, start, end)
        return calls

    def _code(self, start: int, end: int) -> int:
        """Where the instructions start."""
        usual = _LOCALS.match(self._data, start, end)
        if usual is not None:
            return usual.end()
        cursor = Cursor(self._data, start, end)
        read_locals(cursor, self._limits)
        return cursor.pos

    def _read(self, found: frozenset[bytes], start: int, end: int) -> Calls:
        known = self._known
        facts: set[Found] = set()
        for raw in found:
            if len(raw) == 1:
                return self._slow(start, end)
            if raw not in known:
                known[raw] = self._checked(_decode(raw), start)
            fact = known[raw]
            if fact is not None:
                facts.add(fact)
        calls = _calls(facts)
        if len(found) <= _FEW:  # never what the slow path found: there `found` is not the whole of it
            self._calls[found] = calls
        return calls

    def _slow(self, start: int, end: int) -> Calls:
        """The strict decoder's answer."""
        return _calls(
            {self._checked(_fact(i), i.offset) for i in strict().scan(self._data, start, end, self._limits)}
        )

    def sites(self, start: int, end: int) -> Iterator[tuple[int, Found]]:
        """Offset and meaning of each instruction that `scan` finds, in order; for bodies that `scan` has accepted."""
        begin = self._code(start, end)
        odd = False
        found: list[tuple[int, Found]] = []
        for match in _expression().finditer(self._data, begin, end):
            raw: bytes = match.group(1)
            fact = self._known.get(raw)
            odd |= len(raw) == 1
            if fact is not None:
                found.append((match.start(1), fact))
        if odd:
            return ((i.offset, _fact(i)) for i in strict().scan(self._data, start, end, self._limits))
        return iter(found)

    def _checked(self, fact: Found, at: int) -> Found:
        field, index, table = fact
        bounds = self._bounds
        bound = {"direct": bounds.functions, "references": bounds.functions, "changed": bounds.tables}.get(
            field, bounds.types
        )
        if index >= bound or (field == "indirect" and table >= bounds.tables):
            raise invalid("E222", f"index {index} or {table} in the function body out of bounds", at)
        return fact


def _calls(facts: set[Found]) -> Calls:
    if not facts:
        return NOTHING
    if len(facts) == 1 or all(field == "direct" for field, _, _ in facts):
        direct = tuple(sorted([index for field, index, _ in facts if field == "direct"]))
        if len(direct) == len(facts):
            return Calls(direct)
    by_field: dict[str, list[int]] = {}
    indirect: list[tuple[int, int]] = []
    for field, index, table in facts:
        if field == "indirect":
            indirect.append((index, table))
        else:
            by_field.setdefault(field, []).append(index)
    return Calls(
        indirect=tuple(sorted(indirect)), **{field: tuple(sorted(found)) for field, found in by_field.items()}
    )


_SHORT: Final[Mapping[int, str]] = {
    0x10: "direct",
    0x12: "direct",
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
    cursor = Cursor(raw, 1, len(raw))
    if raw[0] != _LONG:
        field, index = _SHORT[raw[0]], cursor.u32()
        return (field, index, cursor.u32() if field == "indirect" else 0)
    code, index = cursor.u32(), cursor.u32()
    return ("changed", cursor.u32() if code == 0x0C else index, 0)  # table.init names its segment first


def _fact(instruction: Instruction) -> Found:
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
    """The decoder that stops at the same instructions and gives their offsets."""
    return Scanner(_STOP)
