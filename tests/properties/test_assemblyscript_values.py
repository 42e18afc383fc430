# SPDX-License-Identifier: MIT
"""What goes into a script and comes out again is the same, for every kind of type; and what does not fit is refused."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from munition import fire
from munition.attenuator import Options
from munition.attenuators.assemblyscript.attenuator import ATTENUATOR
from munition.errors import UsageError, UsageTypeError
from munition.module import Module
from munition.source import Source
from tests.support.assemblyscript import needs_compiler

pytestmark = needs_compiler

Draw = Callable[[random.Random], Any]
TRIPS = 200


def integer(bits: int, signed: bool) -> Draw:
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return lambda r: r.choice(
        (least, most, 0, 1, r.randint(least, most), r.randint(least, most) >> (bits // 2))
    )


def real(r: random.Random) -> float:
    any_bits: float = struct.unpack("<d", r.randbytes(8))[0]
    if math.isnan(any_bits):
        any_bits = math.nan
    return r.choice((0.0, -0.0, 1.5, math.inf, -math.inf, r.random(), 1e308, 5e-324, any_bits))


def single(r: random.Random) -> float:
    found: float = struct.unpack("<f", struct.pack("<f", r.uniform(-1e30, 1e30)))[0]
    return r.choice((0.0, -0.5, math.inf, found))


def text(r: random.Random) -> str:
    alphabet = 'ab\0\n"\\é\u4e2d\U0001f388\uffff'
    return "".join(r.choice(alphabet) for _ in range(r.choice((0, 1, 5, 200))))


def octets(r: random.Random) -> bytes:
    return r.randbytes(r.choice((0, 1, 7, 300)))


def many(item: Draw, most: int = 12) -> Draw:
    return lambda r: [item(r) for _ in range(r.randint(0, most))]


def table(key: Draw, value: Draw) -> Draw:
    return lambda r: {key(r): value(r) for _ in range(r.randint(0, 8))}


def maybe(item: Draw) -> Draw:
    return lambda r: None if r.random() < 0.3 else item(r)


def unique(item: Draw) -> Draw:
    return lambda r: list(dict.fromkeys(item(r) for _ in range(r.randint(0, 8))))


def record(r: random.Random, depth: int = 0) -> dict[str, Any]:
    deeper = record(r, depth + 1) if depth < 4 and r.random() < 0.6 else None
    flag = r.random() < 0.5
    return {"id": integer(64, True)(r), "name": text(r), "flag": flag, "tags": many(text)(r), "next": deeper}


I32, U8 = integer(32, True), integer(8, False)
TYPES: dict[str, tuple[str, Draw]] = {
    **{f"i{bits}": (f"i{bits}", integer(bits, True)) for bits in (8, 16, 32, 64)},
    **{f"u{bits}": (f"u{bits}", integer(bits, False)) for bits in (8, 16, 32, 64)},
    "boolean": ("bool", lambda r: r.random() < 0.5),
    "f64": ("f64", real),
    "f32": ("f32", single),
    "text": ("string", text),
    "maybe_text": ("string | null", maybe(text)),
    "list": ("i32[]", many(I32)),
    "wide": ("u64[]", many(integer(64, False))),
    "flags": ("bool[]", many(lambda r: r.random() < 0.5)),
    "nested": ("f64[][]", many(many(real))),
    "texts": ("Array<string | null>", many(maybe(text))),
    "fixed": ("StaticArray<i16>", many(integer(16, True))),
    "fixed_texts": ("StaticArray<string>", many(text)),
    "bytes": ("Uint8Array", octets),
    "clamped": ("Uint8ClampedArray", octets),
    "buffer": ("ArrayBuffer", octets),
    **{
        f"typed_{name}": (f"{name}Array", many(draw))
        for name, draw in {
            "Int8": integer(8, True),
            "Int16": integer(16, True),
            "Uint16": integer(16, False),
            "Int32": I32,
            "Uint32": integer(32, False),
            "Int64": integer(64, True),
            "Uint64": integer(64, False),
            "Float32": single,
            "Float64": real,
        }.items()
    },
    "map": ("Map<string, i32>", table(text, I32)),
    "map_numbers": ("Map<i32, f64>", table(I32, real)),
    "map_deep": ("Map<u8, Map<string, bool[]>>", table(U8, table(text, many(lambda r: r.random() < 0.5)))),
    "set": ("Set<string>", unique(text)),
    "set_numbers": ("Set<i64>", unique(integer(64, True))),
    "record": ("Record", record),
    "records": ("Array<Record | null>", many(maybe(record), 3)),
    "map_records": ("Map<string, Record>", lambda r: {text(r): record(r) for _ in range(2)}),
}
CLASS = """
class Record { id: i64 = 0; name: string = ""; flag: bool = false; tags: string[] = []; next: Record | null = null; }
"""


@cache
def module() -> Module:
    functions = [
        f"export function same_{name}(v: {type_}): {type_} {{ return v; }}"
        for name, (type_, _) in TYPES.items()
    ]
    source = CLASS + "\n".join(functions)
    return ATTENUATOR.compile(Source("same.ts", source.encode()), Options())


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return bool(a == b)


@pytest.mark.parametrize("name", sorted(TYPES))
def test_values_come_back_as_they_went(name: str) -> None:
    r = random.Random(name)
    draw = TYPES[name][1]
    for _ in range(TRIPS):
        value = draw(r)
        outcome = fire(module(), f"same_{name}", [value])
        assert outcome.ok, (value, outcome.message)
        assert same(outcome.values[0], value), value


WRONG: list[Any] = [
    None,
    True,
    1,
    -1,
    1 << 40,
    1 << 64,
    1.5,
    math.nan,
    "x",
    b"\xff",
    [],
    [None],
    {},
    {"a": 1},
    [[]],
    object(),
]


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_value_fits_or_the_call_is_refused_by_the_name_of_the_parameter(name: str) -> None:
    refused = [value for value in WRONG if not fits(name, value)]
    assert len(refused) > len(WRONG) // 2


def fits(name: str, value: object) -> bool:
    try:
        outcome = fire(module(), f"same_{name}", [value])
    except (UsageError, UsageTypeError) as error:
        return _names_it(name, str(error))
    assert outcome.ok, (value, outcome.message)
    return True


def _names_it(name: str, message: str) -> bool:
    assert f"parameter 'v' of same_{name}" in message
    return False


def test_the_guest_checks_for_itself() -> None:
    """The host's check is a service; bytes that do not fit must not get through without it."""
    from munition.engine import guest

    r = random.Random(7)
    call = guest.ValueCall.encode
    narrow = [name for name in sorted(TYPES) if "64" not in TYPES[name][0]]
    wires = [call(guest.ValueCall(b""), [TYPES[name][1](r)]) for name in narrow for _ in range(3)]
    for name in sorted(TYPES):
        for wire in r.sample(wires, 12):
            cut = wire[: r.randint(4, len(wire))] if r.random() < 0.5 else wire
            outcome = _fire_bytes(name, cut)
            assert outcome.kind in {"ok", "guest_error", "limit"}, outcome.message
            assert not outcome.reason.startswith("trap"), (name, cut, outcome.message)


def _fire_bytes(name: str, wire: bytes) -> Any:
    from munition.engine.guest import ValueCall

    encode = ValueCall.encode
    try:
        ValueCall.encode = lambda self, arguments: wire  # type: ignore[method-assign]
        return fire(module(), f"same_{name}", [0])
    finally:
        ValueCall.encode = encode  # type: ignore[method-assign]
