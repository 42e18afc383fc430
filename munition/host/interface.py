# SPDX-License-Identifier: MIT
"""Typed functions: does a Python value fit a parameter's type, and how does it go on the wire.

The types are those a compiler wrote into the manifest: `i32`, `string`, `Array<f64>`, `Map<string,Point|null>`. A manifest
is a claim, so this is a service to the caller, who gets an error that names the parameter; the guest checks what it
receives on its own (docs/guest-abi.md, section 7).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from munition.errors import InvalidModuleError, UsageError, UsageTypeError
from munition.host.values import MAX_DEPTH, Octets, Unsigned

if TYPE_CHECKING:
    from munition.capability.manifest import ManifestClass, ManifestExport

Lower: TypeAlias = Callable[[object, int], object]
"""Takes a value and its depth; gives what the codec puts on the wire for it."""

_TOKEN: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*|[<>,|]")
_MAX_NESTING: Final = 64
_INTEGERS: Final = {
    **{f"{sign}{bits}": (sign == "i", bits) for sign in "iu" for bits in (8, 16, 32, 64)},
    "isize": (True, 32),
    "usize": (False, 32),
}
_BYTES: Final = frozenset({"ArrayBuffer", "Uint8Array", "Uint8ClampedArray"})
_TYPED: Final = {
    "Int8Array": "i8",
    "Int16Array": "i16",
    "Uint16Array": "u16",
    "Int32Array": "i32",
    "Uint32Array": "u32",
    "Int64Array": "i64",
    "Uint64Array": "u64",
    "Float32Array": "f32",
    "Float64Array": "f64",
}
_LISTS: Final = frozenset({"Array", "StaticArray"})
_EXACT: Final = 1 << 53
_F32_MAX: Final = 3.4028235677973366e38  # rounds to infinity from here on


class _MisfitError(Exception):
    """A value that is not of its type; grows the path to it while it travels up."""

    def __init__(self, message: str, *, range_: bool = False) -> None:
        super().__init__(message)
        self.range = range_
        self.path: list[str] = []


@dataclass(frozen=True, slots=True)
class Interface:
    """How one exported function is called.

    Attributes:
        function: its name, for messages.
        parameters: names and spelled types of its parameters.
        lowers: what checks and converts the arguments.
        optional: how many of the last arguments may be left out.
    """

    function: str
    parameters: tuple[tuple[str, str], ...]
    lowers: tuple[Lower, ...]
    optional: int

    def fit(self, arguments: Sequence[object]) -> list[object]:
        """The arguments as they go on the wire.

        Raises:
            UsageTypeError: too few, too many, or one of a wrong type; the message names the parameter.
            UsageError: a number out of the range of its type, or values nested too deep.
        """
        most = len(self.lowers)
        if not most - self.optional <= len(arguments) <= most:
            raise UsageTypeError(self._wrong_count(len(arguments)))
        out: list[object] = []
        for (name, type_), lower, value in zip(self.parameters, self.lowers, arguments, strict=False):
            try:
                out.append(lower(value, 0))
            except _MisfitError as error:
                place = f" at {name}{''.join(reversed(error.path))[:200]}" if error.path else ""
                kind = UsageError if error.range else UsageTypeError
                raise kind(f"parameter {name!r} of {self.function} ({type_[:200]}){place}: {error}") from None
        return out

    def _wrong_count(self, given: int) -> str:
        least, most = len(self.lowers) - self.optional, len(self.lowers)
        wanted = f"{least}" if least == most else f"{least} to {most}"
        listed = ", ".join(f"{name}: {type_}" for name, type_ in self.parameters)
        plural = "argument" if wanted == "1" else "arguments"
        return f"{self.function} takes {wanted} {plural} ({listed[:300]}), not {given}"


def interface_of(export: ManifestExport, classes: Sequence[ManifestClass]) -> Interface | None:
    """How `export` is called; None when its language has no types.

    Raises:
        InvalidModuleError: a type that is none.
    """
    if not export.result:
        return None
    reader = _Types({c.name: c for c in classes})
    lowers = tuple(reader.lower(spelled) for spelled in export.types)
    parameters = tuple(zip(export.parameters, export.types, strict=True))
    return Interface(export.name, parameters, lowers, export.optional)


class _Types:
    """Reads spelled types. A class is made once, since it may hold itself."""

    def __init__(self, classes: Mapping[str, ManifestClass]) -> None:
        self.classes = classes
        self.made: dict[str, Lower] = {}

    def lower(self, spelled: str) -> Lower:
        tokens = _TOKEN.findall(spelled)
        if "".join(tokens) != spelled or not tokens:
            raise _no_type(spelled)
        found, rest = self._read(tokens, 0, 0)
        if rest != len(tokens):
            raise _no_type(spelled)
        return found

    def _read(self, tokens: list[str], at: int, depth: int) -> tuple[Lower, int]:
        if depth > _MAX_NESTING or at >= len(tokens):
            raise _no_type("".join(tokens))
        name, at = tokens[at], at + 1
        inner: list[Lower] = []
        spelled: list[str] = []
        if tokens[at : at + 1] == ["<"]:
            while tokens[at : at + 1] in (["<"], [","]):
                begin = at + 1
                item, at = self._read(tokens, begin, depth + 1)
                inner.append(item)
                spelled.append("".join(tokens[begin:at]))
            if tokens[at : at + 1] != [">"]:
                raise _no_type("".join(tokens))
            at += 1
        made = self._make(name, inner, spelled)
        if tokens[at : at + 2] == ["|", "null"]:
            made, at = _nullable(made), at + 2
        return made, at

    def _make(self, name: str, inner: list[Lower], spelled: list[str]) -> Lower:
        match name, inner:
            case (_, []) if name in _SCALARS:
                return _SCALARS[name]
            case (_, [element]) if name in _LISTS:
                return _list(element, spelled[0])
            case ("Set", [element]):
                return _set(element, spelled[0])
            case ("Map", [key, value]):
                return _map(key, value)
            case (_, []) if name in self.classes:
                return self._record(name)
            case _:
                raise _no_type(name)

    def _record(self, name: str) -> Lower:
        if name not in self.made:
            fields: list[_Field] = []
            self.made[name] = _record(name, fields)
            class_ = self.classes[name]
            fields += [
                (field, self.lower(type_), type_.endswith("|null"))
                for field, type_ in zip(class_.fields, class_.types, strict=True)
            ]
        return self.made[name]


def _no_type(spelled: str) -> InvalidModuleError:
    return InvalidModuleError(f"the manifest of the module has the type {spelled[:80]!a}", code="E240")


def _kind(value: object) -> str:
    if value is None:
        return "None"
    return "bytes" if isinstance(value, bytearray) else type(value).__name__


def _wrong(wanted: str, value: object) -> _MisfitError:
    return _MisfitError(f"{wanted} is expected, not {_kind(value)}")


def _integer(signed: bool, bits: int) -> Lower:
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)

    def lower(value: object, _depth: int) -> object:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong("an integer", value)
        if not least <= value <= most:
            raise _MisfitError(f"{_short(value)} is not from {least} to {most}", range_=True)
        return value if value < 1 << 63 else Unsigned(value)

    return lower


def _short(value: int) -> str:
    return str(value) if value.bit_length() < 100 else f"a number of {value.bit_length()} bits"


def _float(bits: int) -> Lower:
    def lower(value: object, _depth: int) -> object:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong("a number", value)
        if isinstance(value, int) and not -_EXACT <= value <= _EXACT:
            raise _MisfitError(f"{_short(value)} has no exact floating-point value", range_=True)
        found = float(value)
        if bits == 32 and math.isfinite(found) and abs(found) >= _F32_MAX:
            raise _MisfitError(f"{found!r} is beyond the range of f32", range_=True)
        return found

    return lower


def _bool(value: object, _depth: int) -> object:
    if not isinstance(value, bool):
        raise _wrong("true or false", value)
    return value


def _text(value: object, _depth: int) -> object:
    if not isinstance(value, str):
        raise _wrong("a string", value)
    return value


def _octets(value: object, _depth: int) -> object:
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[object]", value)
        for index, item in enumerate(items):
            _at(_SCALARS["u8"], item, 0, f"[{index}]")
        return Octets(bytes(cast("Sequence[int]", items)))
    if isinstance(value, str):  # bytes that are UTF-8 come as text from JSON and from other guests
        return Octets(_encoded(value))
    if not isinstance(value, (bytes, bytearray)):
        raise _wrong("bytes or a list of numbers from 0 to 255", value)
    return Octets(value)


def _encoded(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise _MisfitError("a string with half of a surrogate pair cannot cross", range_=True) from None


def _at(lower: Lower, value: object, depth: int, step: str) -> object:
    try:
        return lower(value, depth)
    except _MisfitError as error:
        error.path.append(step)
        raise


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise _MisfitError(f"nested deeper than {MAX_DEPTH} levels, or a cycle", range_=True)
    return depth + 1


def _items(lower: Lower, values: Sequence[object], depth: int) -> list[object]:
    depth = _deeper(depth)
    return [_at(lower, item, depth, f"[{index}]") for index, item in enumerate(values)]


def _list(element: Lower, spelled: str) -> Lower:
    def lower(value: object, depth: int) -> object:
        if isinstance(value, (bytes, bytearray)) and spelled in {"u8", "i32", "u32", "i64", "u64"}:
            value = list(value)
        if not isinstance(value, (list, tuple)):
            raise _wrong(f"a list of {spelled[:80]}", value)
        return _items(element, cast("Sequence[object]", value), depth)

    return lower


def _set(element: Lower, spelled: str) -> Lower:
    def lower(value: object, depth: int) -> object:
        if isinstance(value, AbstractSet):
            # A set has no order that is the same in every process; what the guest sees must be.
            value = sorted(cast("AbstractSet[object]", value), key=lambda item: (str(type(item)), repr(item)))
        if not isinstance(value, (list, tuple)):
            raise _wrong(f"a set or a list of {spelled[:80]}", value)
        return _items(element, cast("Sequence[object]", value), depth)

    return lower


def _map(key: Lower, item: Lower) -> Lower:
    def lower(value: object, depth: int) -> object:
        if not isinstance(value, dict):
            raise _wrong("an object", value)
        depth = _deeper(depth)
        table = cast("dict[object, object]", value)
        return {
            _at(key, k, depth, f" key {k!r:.40}"): _at(item, v, depth, f"[{k!r:.40}]")
            for k, v in table.items()
        }

    return lower


_Field: TypeAlias = tuple[str, Lower, bool]
"""Name, type, and whether it may be left out (it is null then)."""


def _record(name: str, fields: list[_Field]) -> Lower:
    def lower(value: object, depth: int) -> object:
        if not isinstance(value, dict):
            raise _wrong(f"an object with the fields of {name}", value)
        depth = _deeper(depth)
        table = cast("dict[object, object]", value)
        known = {field for field, _, _ in fields}
        odd = next((key for key in table if key not in known), None)
        if odd is not None:
            raise _MisfitError(f"{name} has no field {odd!r:.80}")
        out: list[object] = []
        for field, item, nullable in fields:
            if field not in table and not nullable:
                raise _MisfitError(f"the field {field} is missing")
            out.append(_at(item, table.get(field), depth, f".{field}"))
        return out

    return lower


def _nullable(inner: Lower) -> Lower:
    def lower(value: object, depth: int) -> object:
        return None if value is None else inner(value, depth)

    return lower


_SCALARS: Final[dict[str, Lower]] = {
    **{name: _integer(signed, bits) for name, (signed, bits) in _INTEGERS.items()},
    "f32": _float(32),
    "f64": _float(64),
    "bool": _bool,
    "string": _text,
    **dict.fromkeys(_BYTES, _octets),
}
_SCALARS.update({name: _list(_SCALARS[element], element) for name, element in _TYPED.items()})
