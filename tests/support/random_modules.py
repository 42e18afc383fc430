# SPDX-License-Identifier: MIT
"""Random modules for the engine: valid ones by construction, and the same with bytes changed.

The generator keeps a typed stack in its head: it only ever writes an expression of the type that is wanted. Loops may be
endless, addresses anything, recursion unbounded: that is what limits are for.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

I32, I64, F32, F64 = 0x7F, 0x7E, 0x7D, 0x7C
TYPES = (I32, I64, F32, F64)
_CONST = {I32: 0x41, I64: 0x42, F32: 0x43, F64: 0x44}
_UNARY = {
    I32: (0x67, 0x68, 0x69, 0xC0, 0xC1),
    I64: (0x79, 0x7A, 0x7B, 0xC2, 0xC3, 0xC4),
    F32: tuple(range(0x8B, 0x92)),
    F64: tuple(range(0x99, 0xA0)),
}
_BINARY = {I32: range(0x6A, 0x79), I64: range(0x7C, 0x8B), F32: range(0x92, 0x99), F64: range(0xA0, 0xA7)}
_COMPARE = {I32: range(0x46, 0x50), I64: range(0x51, 0x5B), F32: range(0x5B, 0x61), F64: range(0x61, 0x67)}
_CONVERT = {
    I32: ((0xA7, I64), (0xA8, F32), (0xAA, F64), (0xBC, F32)),
    I64: ((0xAC, I32), (0xAD, I32), (0xAE, F32), (0xB0, F64), (0xBD, F64)),
    F32: ((0xB2, I32), (0xB4, I64), (0xB6, F64), (0xBE, I32)),
    F64: ((0xB7, I32), (0xB9, I64), (0xBB, F32), (0xBF, I64)),
}
_LOAD = {I32: (0x28, 0x2C, 0x2D, 0x2E, 0x2F), I64: (0x29, 0x30, 0x35), F32: (0x2A,), F64: (0x2B,)}
_STORE = {I32: (0x36, 0x3A, 0x3B), I64: (0x37, 0x3C, 0x3E), F32: (0x38,), F64: (0x39,)}
_NUMBERS = (0, 1, 2, 7, 64, 255, 65535, 65536, 1 << 20, (1 << 31) - 1, -1, -2, -(1 << 31))
_HOST = (
    ("munition:time", "wall", (), (I64,)),
    ("munition:log", "write", (I32, I32, I32), ()),
    ("munition:random", "fill", (I32, I32), ()),
)


def unsigned(number: int) -> bytes:
    """Unsigned LEB128."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def signed(number: int) -> bytes:
    """Signed LEB128."""
    out = bytearray()
    while True:
        low, number = number & 127, number >> 7
        if (number == 0 and not low & 64) or (number == -1 and low & 64):
            return bytes([*out, low])
        out.append(low | 128)


def vector(items: list[bytes]) -> bytes:
    """A count and the items."""
    return unsigned(len(items)) + b"".join(items)


@dataclass
class _Function:
    """One function that is being written: its type, its locals, its open blocks."""

    params: tuple[int, ...]
    results: tuple[int, ...]
    locals: list[int] = field(default_factory=list[int])
    depth: int = 0
    budget: int = 60


class Generator:
    """Writes one module."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.types = [self._type() for _ in range(chance.randint(1, 4))]
        self.hosts = [h for h in _HOST if chance.random() < 0.2]
        self.functions = [chance.randrange(len(self.types)) for _ in range(chance.randint(1, 5))]
        self.globals = [(chance.choice(TYPES), chance.random() < 0.7) for _ in range(chance.randint(0, 3))]
        self.pages = chance.choice((0, 1, 1, 2, 17))
        self.table = chance.choice((0, 0, 4, 10))

    def _type(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        pick = self.chance
        return (
            tuple(pick.choice(TYPES) for _ in range(pick.randint(0, 3))),
            tuple(pick.choice(TYPES) for _ in range(pick.randint(0, 1))),
        )

    def capabilities(self) -> list[str]:
        """What the module needs."""
        return [module.removeprefix("munition:") for module, *_ in self.hosts]

    def signature(self, index: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The type of a function of the index space."""
        if index < len(self.hosts):
            return self.hosts[index][2], self.hosts[index][3]
        return self.types[self.functions[index - len(self.hosts)]]

    def module(self) -> bytes:
        """The bytes."""
        sections = (
            (1, self._type_section()),
            (2, self._import_section()),
            (3, vector([unsigned(t) for t in self.functions])),
            (4, vector([b"\x70\0" + unsigned(self.table)]) if self.table else b""),
            (5, vector([b"\0" + unsigned(self.pages)]) if self.pages else b""),
            (6, self._global_section()),
            (7, self._export_section()),
            (8, self._start_section()),
            (9, self._element_section()),
            (10, self._code_section()),
            (11, self._data_section()),
        )
        return b"\0asm\1\0\0\0" + b"".join(bytes([i]) + unsigned(len(c)) + c for i, c in sections if c)

    def _type_section(self) -> bytes:
        kinds = [*self.types, *((h[2], h[3]) for h in self.hosts)]
        return vector(
            [b"\x60" + vector([bytes([t]) for t in p]) + vector([bytes([t]) for t in r]) for p, r in kinds]
        )

    def _import_section(self) -> bytes:
        imports = [
            _name(m) + _name(n) + b"\0" + unsigned(len(self.types) + i)
            for i, (m, n, *_) in enumerate(self.hosts)
        ]
        return vector(imports) if imports else b""

    def _global_section(self) -> bytes:
        found = [bytes([t, m]) + self.constant(t) + b"\x0b" for t, m in self.globals]
        return vector(found) if found else b""

    def _export_section(self) -> bytes:
        exports = [_name(f"f{i}") + b"\0" + unsigned(len(self.hosts) + i) for i in range(len(self.functions))]
        if self.pages:
            exports.append(_name("memory") + b"\2\0")
        return vector(exports)

    def _start_section(self) -> bytes:
        plain = [i for i, t in enumerate(self.functions) if self.types[t] == ((), ())]
        starts = plain and self.chance.random() < 0.3
        return unsigned(len(self.hosts) + plain[0]) if starts else b""

    def _element_section(self) -> bytes:
        if not self.table:
            return b""
        chosen = [
            unsigned(len(self.hosts) + self.chance.randrange(len(self.functions)))
            for _ in range(self.table // 2)
        ]
        return vector([b"\0\x41\0\x0b" + vector(chosen)])

    def _code_section(self) -> bytes:
        bodies = [self._body(*self.types[t]) for t in self.functions]
        return vector([unsigned(len(b)) + b for b in bodies])

    def _data_section(self) -> bytes:
        if not self.pages:
            return b""
        data = self.chance.randbytes(self.chance.randint(0, 40))
        at = signed(self.chance.choice((0, 8, 100)))
        return vector([b"\0\x41" + at + b"\x0b" + unsigned(len(data)) + data])

    def _body(self, params: tuple[int, ...], results: tuple[int, ...]) -> bytes:
        extra = [self.chance.choice(TYPES) for _ in range(self.chance.randint(0, 3))]
        function = _Function(params, results, [*params, *extra])
        code = b"".join(self._statement(function) for _ in range(self.chance.randint(0, 5)))
        code += b"".join(self._value(function, t) for t in results)
        return vector([b"\1" + bytes([t]) for t in extra]) + code + b"\x0b"

    def constant(self, type_: int) -> bytes:
        """A constant."""
        if type_ in (I32, I64):
            return bytes([_CONST[type_]]) + signed(self.chance.choice(_NUMBERS))
        number = self.chance.choice((0.0, -0.0, 1.5, -3.25, 1e30, float("inf"), float("nan")))
        return bytes([_CONST[type_]]) + struct.pack("<f" if type_ == F32 else "<d", number)

    def _value(self, function: _Function, type_: int) -> bytes:
        """An expression of that type."""
        function.budget -= 1
        if function.budget < 0:
            return self.constant(type_)
        return self.chance.choice(_VALUES)(self, function, type_)

    def _statement(self, function: _Function) -> bytes:
        function.budget -= 1
        if function.budget < 0:
            return b"\1"
        return self.chance.choice(_STATEMENTS)(self, function)

    def local(self, function: _Function, type_: int) -> bytes:
        """A local variable."""
        found = [i for i, t in enumerate(function.locals) if t == type_]
        return b"\x20" + unsigned(self.chance.choice(found)) if found else self.constant(type_)

    def of_global(self, _function: _Function, type_: int) -> bytes:
        """A global variable."""
        found = [i for i, (t, _) in enumerate(self.globals) if t == type_]
        return b"\x23" + unsigned(self.chance.choice(found)) if found else self.constant(type_)

    def unary(self, function: _Function, type_: int) -> bytes:
        """An operation on one value."""
        return self._value(function, type_) + bytes([self.chance.choice(_UNARY[type_])])

    def binary(self, function: _Function, type_: int) -> bytes:
        """An operation on two values."""
        operands = self._value(function, type_) + self._value(function, type_)
        return operands + bytes([self.chance.choice(_BINARY[type_])])

    def compare(self, function: _Function, type_: int) -> bytes:
        """A comparison."""
        if type_ != I32:
            return self.convert(function, type_)
        of = self.chance.choice(TYPES)
        return (
            self._value(function, of) + self._value(function, of) + bytes([self.chance.choice(_COMPARE[of])])
        )

    def convert(self, function: _Function, type_: int) -> bytes:
        """A conversion from another type."""
        code, source = self.chance.choice(_CONVERT[type_])
        return self._value(function, source) + bytes([code])

    def load(self, function: _Function, type_: int) -> bytes:
        """A load from anywhere."""
        if not self.pages:
            return self.constant(type_)
        offset = unsigned(self.chance.choice((0, 4, 65535, 1 << 31)))
        return self._value(function, I32) + bytes([self.chance.choice(_LOAD[type_]), 0]) + offset

    def size(self, function: _Function, type_: int) -> bytes:
        """The size of the memory, or what growing it says."""
        if type_ != I32 or not self.pages:
            return self.constant(type_)
        return b"\x3f\0" if self.chance.random() < 0.5 else self._value(function, I32) + b"\x40\0"

    def call_value(self, function: _Function, type_: int) -> bytes:
        """A call of a function that returns that type."""
        count = len(self.hosts) + len(self.functions)
        found = [i for i in range(count) if self.signature(i)[1] == (type_,)]
        if not found:
            return self.constant(type_)
        return self._call(function, self.chance.choice(found))

    def if_value(self, function: _Function, type_: int) -> bytes:
        """One of two expressions."""
        test, one, two = (self._value(function, t) for t in (I32, type_, type_))
        return test + bytes([0x04, type_]) + one + b"\x05" + two + b"\x0b"

    def _call(self, function: _Function, index: int) -> bytes:
        return (
            b"".join(self._value(function, t) for t in self.signature(index)[0]) + b"\x10" + unsigned(index)
        )

    def drop(self, function: _Function) -> bytes:
        """A value nobody wants."""
        return self._value(function, self.chance.choice(TYPES)) + b"\x1a"

    def set_local(self, function: _Function) -> bytes:
        """An assignment."""
        if not function.locals:
            return b"\1"
        index = self.chance.randrange(len(function.locals))
        return self._value(function, function.locals[index]) + b"\x21" + unsigned(index)

    def set_global(self, function: _Function) -> bytes:
        """An assignment to a global."""
        found = [i for i, (_, mutable) in enumerate(self.globals) if mutable]
        if not found:
            return b"\1"
        index = self.chance.choice(found)
        return self._value(function, self.globals[index][0]) + b"\x24" + unsigned(index)

    def store(self, function: _Function) -> bytes:
        """A store to anywhere."""
        if not self.pages:
            return b"\1"
        type_ = self.chance.choice(TYPES)
        where, what = self._value(function, I32), self._value(function, type_)
        return (
            where
            + what
            + bytes([self.chance.choice(_STORE[type_]), 0])
            + unsigned(self.chance.choice((0, 8, 70000)))
        )

    def bulk(self, function: _Function) -> bytes:
        """A fill or a copy of anything."""
        if not self.pages:
            return b"\1"
        operands = b"".join(self._value(function, I32) for _ in range(3))
        return operands + (b"\xfc\x0b\0" if self.chance.random() < 0.5 else b"\xfc\x0a\0\0")

    def block(self, function: _Function) -> bytes:
        """A block or a loop, with a branch perhaps."""
        function.depth += 1
        inner = b"".join(self._statement(function) for _ in range(self.chance.randint(0, 3)))
        if self.chance.random() < 0.6:
            inner += self._value(function, I32) + b"\x0d" + unsigned(self.chance.randrange(function.depth))
        function.depth -= 1
        return bytes([self.chance.choice((0x02, 0x03)), 0x40]) + inner + b"\x0b"

    def call_nothing(self, function: _Function) -> bytes:
        """A call whose results nobody wants."""
        index = self.chance.randrange(len(self.hosts) + len(self.functions))
        return self._call(function, index) + b"\x1a" * len(self.signature(index)[1])

    def indirect(self, function: _Function) -> bytes:
        """A call through the table."""
        if not self.table:
            return b"\1"
        index = self.chance.randrange(len(self.types))
        params, results = self.types[index]
        operands = b"".join(self._value(function, t) for t in (*params, I32))
        return operands + b"\x11" + unsigned(index) + b"\0" + b"\x1a" * len(results)

    def empty_if(self, function: _Function) -> bytes:
        """A test."""
        return self._value(function, I32) + b"\x04\x40\0\x0b"


_G = Generator
_VALUES: tuple[Callable[[Generator, _Function, int], bytes], ...] = (
    lambda self, _function, type_: self.constant(type_),
    *(_G.local, _G.local, _G.of_global, _G.unary, _G.binary, _G.binary, _G.compare, _G.convert, _G.load),
    *(_G.size, _G.call_value, _G.if_value),
)
_STATEMENTS: tuple[Callable[[Generator, _Function], bytes], ...] = (
    *(_G.drop, _G.set_local, _G.set_local, _G.set_global, _G.store, _G.store, _G.bulk, _G.block, _G.block),
    *(_G.call_nothing, _G.indirect, _G.empty_if),
)


def _name(text: str) -> bytes:
    return unsigned(len(text)) + text.encode()


def valid(chance: random.Random) -> tuple[bytes, list[str]]:
    """A module the engine must accept, and the capabilities it needs."""
    generator = Generator(chance)
    return generator.module(), generator.capabilities()


def mutated(chance: random.Random, module: bytes) -> bytes:
    """The same with a few bytes changed, removed, repeated or inserted, anywhere behind the header."""
    data = bytearray(module)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(8, len(data)) if len(data) > 9 else 8
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = chance.randbytes(1)
            case 1 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                del data[at : at + chance.randint(1, 8)]
            case 3:
                data[at:at] = data[at : at + chance.randint(1, 16)]
            case _:
                data[at:at] = chance.choice(
                    (b"\xff\xff\xff\xff\x0f", b"\x80", b"\x0b", b"\xfc\x08", b"\xfd\x0c")
                )
    return bytes(data)
