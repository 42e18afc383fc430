# SPDX-License-Identifier: MIT
"""Capabilities of a caller's own: Python functions that guests may call, with their types, and what a call costs.

    def get(key: str) -> bytes | None: ...
    kv = HostCapability("kv", HostFunction(get, fuel=1000))
    munition.fire(module, "process", capabilities=["log", kv])

The capability is called `host.kv`, its import module `munition:host.kv`. Nobody writes pointer arithmetic: text, bytes and
JSON values are read from the guest's memory here, and results are announced by their length and fetched by `take`.

A module can import a function in two forms. The plain one has a parameter for each number, and a pointer and a length for
each text, bytes or JSON; it returns a number, or the length of what `take` gives (-1 for None). `values:NAME` takes and
gives encoded values (docs/guest-abi.md, section 7); Lua's `require "munition.host.kv"` uses it.
"""

from __future__ import annotations

import inspect
import json
import math
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from munition.capability.catalogue import F64, I32, I64
from munition.capability.catalogue import HostFunction as Declared
from munition.capability.names import USER
from munition.errors import UsageError, UsageTypeError
from munition.host.abi import GuestFaultError
from munition.host.values import DecodeError, decode, encode

if TYPE_CHECKING:
    from munition.host.abi import Context

NUMBERS: Final = frozenset((I32, I64, F64))
MEMORY: Final = frozenset(("str", "bytes", "json"))
MAX_BYTES: Final = 16 << 20
"""Bytes of one argument that lies in memory, and of one result."""

VALUES: Final = "values:"
TAKE: Final = "take"
_NAME: Final = re.compile(r"[a-z_][a-zA-Z0-9_]{0,60}")
_FROM_ANNOTATION: Final[dict[object, str]] = {int: I64, float: F64, str: "str", bytes: "bytes", bool: I32}
_MAX_PARAMETERS: Final = 12
_NO_ROOM: Final = -22

Invoke: TypeAlias = Callable[[str, str, Sequence[Any]], Any]
"""Calls a function of a caller by module and name with Python values; the result as it came."""


class RefusedError(Exception):
    """What a host function raises to refuse a call in a way the guest can handle: in Lua an error with this text."""


@dataclass(frozen=True, slots=True)
class HostFunction:
    """One Python function that guests may call.

    Args:
        run: the function. It runs in the caller's process, under the fire's deadline; it must not block for long.
        name: what guests call it; the function's own name unless given.
        params: `i32`, `i64`, `f64`, `str`, `bytes` or `json` for each parameter; from its annotations unless given.
        result: one of these, or "" for none; from its annotation unless given.
        fuel: what a call costs.
        fuel_per_byte: what each byte of arguments and results in memory costs.

    Raises:
        UsageError: a name or a type that cannot be.
    """

    run: Callable[..., Any]
    name: str = ""
    params: tuple[str, ...] | None = None
    result: str | None = None
    fuel: int = 1000
    fuel_per_byte: int = 1

    def __post_init__(self) -> None:
        """Fill in what the function itself says, and check everything."""
        if not callable(self.run):
            raise UsageTypeError("a host function must be callable")
        name = self.name or getattr(self.run, "__name__", "")
        if not _NAME.fullmatch(name) or name == TAKE:
            raise UsageError(f"{name[:60]!a} cannot be the name of a host function")
        object.__setattr__(self, "name", name)
        if self.params is None or self.result is None:
            params, result = _annotated(self.run)
            object.__setattr__(self, "params", params if self.params is None else tuple(self.params))
            object.__setattr__(self, "result", result if self.result is None else self.result)
        known = NUMBERS | MEMORY
        for type_ in (*self.types[0], *([self.types[1]] if self.types[1] else [])):
            if type_ not in known:
                raise UsageError(
                    f"{type_!a:.40} is no type of a host function; there are {', '.join(sorted(known))}"
                )
        if len(self.types[0]) > _MAX_PARAMETERS:
            raise UsageError(f"a host function has at most {_MAX_PARAMETERS} parameters")
        for what in ("fuel", "fuel_per_byte"):
            value: object = getattr(self, what)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise UsageError(f"{what} of a host function must be a whole number from 0 on")

    @property
    def types(self) -> tuple[tuple[str, ...], str]:
        """Types of the parameters, type of the result."""
        return tuple(self.params or ()), self.result or ""


def _annotated(run: Callable[..., Any]) -> tuple[tuple[str, ...], str]:
    try:
        hints = typing.get_type_hints(run)
        names = list(inspect.signature(run).parameters)
    except (TypeError, ValueError, NameError):
        raise UsageError("the types of a host function cannot be read; give params and result") from None
    result = hints.get("return", type(None))
    return tuple(_type(hints.get(name)) for name in names), "" if result is type(None) else _type(result)


def _type(annotation: object) -> str:
    """The type an annotation stands for; `X | None` stands for X, everything unknown for JSON."""
    options = [option for option in typing.get_args(annotation) if option is not type(None)]
    if len(options) == 1 and type(None) in typing.get_args(annotation):
        annotation = options[0]
    return _FROM_ANNOTATION.get(annotation, "json") if isinstance(annotation, type) else "json"


@dataclass(frozen=True, slots=True, init=False)
class HostCapability:
    """A named set of functions of a caller, to be passed where capabilities are granted or declared.

    Args:
        name: lower case; guests need the capability `host.NAME`.
        functions: what they may call, under different names.

    Raises:
        UsageError: a name that cannot be, no functions, or two with one name.
    """

    name: str
    functions: tuple[HostFunction, ...]

    def __init__(self, name: str, *functions: HostFunction) -> None:
        full = f"host.{name}"
        if not USER.fullmatch(full):
            raise UsageError(
                f"{name[:60]!a} cannot be the name of a capability: use lower case, digits and _"
            )
        if not functions or len({function.name for function in functions}) != len(functions):
            raise UsageError(f"the capability {full} needs functions of different names")
        object.__setattr__(self, "name", full)
        object.__setattr__(self, "functions", functions)

    @property
    def module(self) -> str:
        """The import module."""
        return f"munition:{self.name}"

    def declared(self) -> tuple[Declared, ...]:
        """The functions as the linker sees them."""
        found = [self._take()]
        for function in self.functions:
            found += (self._plain(function), self._by_values(function))
        return tuple(found)

    def _take(self) -> Declared:
        doc = "Write the last result to (pointer, length): its size, or -22 when there is not enough room."
        return Declared(self.module, TAKE, (I32, I32), (I32,), self.name, 200, 1, doc, (1,), None, ((), TAKE))

    def _plain(self, function: HostFunction) -> Declared:
        params: list[str] = []
        lengths: list[int] = []
        for type_ in function.types[0]:
            params += [type_] if type_ in NUMBERS else [I32, I32]
            if type_ in MEMORY:
                lengths.append(len(params) - 1)
        result = function.types[1]
        results = () if not result else (result,) if result in NUMBERS else (I32,)
        return Declared(
            self.module, function.name, tuple(params), results, self.name, function.fuel, function.fuel_per_byte,
            inspect.getdoc(function.run) or "", tuple(lengths), None, function.types,
        )  # fmt: skip

    def _by_values(self, function: HostFunction) -> Declared:
        return Declared(
            self.module, VALUES + function.name, (I32, I32), (I32,), self.name, function.fuel, function.fuel_per_byte,
            inspect.getdoc(function.run) or "", (1,), None, function.types,
        )  # fmt: skip


Runs: TypeAlias = Mapping[tuple[str, str], Callable[..., Any]]
"""The Python functions by module and name."""


def runs_of(capabilities: Sequence[HostCapability]) -> Runs:
    """What is called, by module and name."""
    found = {(c.module, f.name): f.run for c in capabilities for f in c.functions}
    return MappingProxyType(found)


def split_users(granted: object) -> tuple[tuple[HostCapability, ...], Any]:
    """The capabilities of a caller among what is granted or declared, and the same list with their names instead."""
    items: tuple[object, ...] = cast("tuple[object, ...]", granted) if isinstance(granted, tuple) else ()
    users = tuple(dict.fromkeys(item for item in items if isinstance(item, HostCapability)))
    if not users:
        return (), cast("Any", granted)
    if len({user.name for user in users}) != len(users):
        raise UsageError("two capabilities of one name are given")
    return users, tuple(item.name if isinstance(item, HostCapability) else item for item in items)


def check_users(names: frozenset[str], users: Sequence[HostCapability]) -> None:
    """Refuse a name of a caller's capability that comes without its functions.

    Raises:
        UsageError: see above.
    """
    missing = sorted(name for name in names - {user.name for user in users} if USER.fullmatch(name))
    if missing:
        raise UsageError(
            f"{missing[0]!r} is granted by passing its HostCapability, not by name: a name has no functions"
        )


def declared_by(users: Sequence[HostCapability]) -> dict[tuple[str, str], Declared]:
    """The functions of capabilities as the linker sees them, by module and name."""
    return {(declared.module, declared.name): declared for user in users for declared in user.declared()}


def invoke_here(runs: Runs) -> Invoke:
    """Calls the functions in this process."""

    def invoke(module: str, name: str, arguments: Sequence[Any]) -> Any:
        return runs[module, name](*arguments)

    return invoke


NOBODY: Final = invoke_here({})
"""There are no functions of the caller."""

# --- the host functions ---


def bind(function: Declared) -> Callable[..., int | float | None]:
    """What runs when the guest calls a function of a caller."""
    assert function.user is not None
    if function.user[1] == TAKE:
        return _take
    if function.name.startswith(VALUES):
        return _by_values(function.module, function.name.removeprefix(VALUES), *function.user)
    return _plain(function.module, function.name, *function.user)


def _take(context: Context, address: int, length: int) -> int:
    answer = context.answer.data
    if length < len(answer):
        return _NO_ROOM
    context.memory.write(address, answer)
    context.answer.data = b""
    return len(answer)


def _keep(context: Context, data: bytes) -> int:
    if len(data) > MAX_BYTES:
        raise OverflowError("a host function returned too much")
    context.charge(len(data))
    context.answer.data = data
    return len(data)


def _plain(module: str, name: str, params: tuple[str, ...], result: str) -> Callable[..., int | float | None]:
    def call(context: Context, *cells: int | float) -> int | float | None:
        given = iter(cells)
        arguments = [_read(context, type_, given) for type_ in params]
        try:
            found = context.invoke(module, name, arguments)
        except RefusedError as error:
            if result not in MEMORY:
                raise GuestFaultError(f"{module}.{name} refused: {error}", "refused") from None
            found = None
        return _given(context, result, found)

    return call


def _read(context: Context, type_: str, cells: typing.Iterator[int | float]) -> Any:
    value = next(cells)
    if type_ == I32:
        number = int(value)
        return number - (1 << 32) if number >= 1 << 31 else number
    if type_ not in MEMORY:
        return value
    data = context.memory.read(int(value), _bounded(int(next(cells))))
    if type_ == "bytes":
        return data
    try:
        return data.decode() if type_ == "str" else json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise GuestFaultError(f"an argument of a host function is not {_IS[type_]}", "bad_argument") from None


_IS: Final = {"str": "UTF-8", "json": "JSON"}


def _bounded(length: int) -> int:
    if length > MAX_BYTES:
        raise GuestFaultError(
            f"an argument of a host function is larger than {MAX_BYTES} bytes", "bad_argument"
        )
    return length


def _given(context: Context, type_: str, value: Any) -> int | float | None:
    """What a result becomes for the guest; the engine checks that numbers fit."""
    if type_ in MEMORY:
        if value is None and type_ != "json":
            return -1
        return _keep(context, _bytes(type_, value))
    if type_ == F64:
        return float(value)
    return int(value) if type_ else None


def _bytes(type_: str, value: Any) -> bytes:
    if type_ == "json":
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    if type_ == "str":
        return str(value).encode()
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, (bytes, bytearray)):
        raise TypeError("a host function must return bytes")
    return bytes(value)


def _by_values(module: str, name: str, params: tuple[str, ...], result: str) -> Callable[..., int]:
    def call(context: Context, address: int, length: int) -> int:
        data = context.memory.read(address, _bounded(length))
        try:
            given = decode(data)
        except DecodeError as error:
            raise GuestFaultError(
                f"the arguments of {name} cannot be read: {error}", "bad_argument"
            ) from None
        wrong = _mismatch(name, params, given)
        if wrong is not None:
            return _keep(context, b"\1" + encode([wrong]))
        arguments = as_declared(params, given)
        try:
            found = context.invoke(module, name, arguments)
        except RefusedError as error:
            return _keep(context, b"\1" + encode([str(error)]))
        return _keep(context, b"\0" + encode([_back(result, found)] if result else []))

    return call


def _mismatch(name: str, params: tuple[str, ...], given: Sequence[object]) -> str | None:
    """What is wrong with values for these parameters, as Lua would say it."""
    if len(given) != len(params):
        return f"wrong number of arguments to '{name}' ({len(params)} expected, got {len(given)})"
    for position, (type_, value) in enumerate(zip(params, given, strict=True), 1):
        if not _fits(type_, value):
            return f"bad argument #{position} to '{name}' ({_WANTED[type_]} expected)"
    return None


_WANTED: Final = {
    I32: "integer of 32 bits", I64: "integer", F64: "number", "str": "text", "bytes": "string", "json": "value",
}  # fmt: skip


def _fits(type_: str, value: object) -> bool:
    if type_ in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return type_ == I32 and isinstance(value, bool)
        if type_ == F64:
            return True
        whole = isinstance(value, int) or (math.isfinite(value) and value.is_integer())
        return whole and (type_ == I64 or -(1 << 31) <= value < 1 << 32)
    return type_ == "json" or isinstance(value, (str, bytes) if type_ == "bytes" else str)


def as_declared(types: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Values that came over a pipe, which makes text of bytes that are text, as a function wants them."""
    return [_as(type_, value) for type_, value in zip(types, values, strict=True)]


def _as(type_: str, value: Any) -> Any:
    if type_ == F64:
        return float(value)
    if type_ in NUMBERS:
        return int(value)
    return value.encode() if type_ == "bytes" and isinstance(value, str) else value


def _back(type_: str, value: Any) -> Any:
    """A result as Lua gets it."""
    if value is None or type_ == "json":
        return value
    if type_ in NUMBERS:
        return float(value) if type_ == F64 else int(value)
    return _bytes(type_, value)
