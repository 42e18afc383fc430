# SPDX-License-Identifier: MIT
"""Values of a guest as JSON and back, without loss.

| guest | Python | JSON |
|---|---|---|
| nil, boolean | None, bool | null, true, false |
| integer | int of 64 bits | integer |
| float | float | number with a point or exponent; `{"$float": "nan"}`, inf, -inf |
| string | str, or bytes if not UTF-8 | string, or `{"$bytes": base64}` |
| list, map with string keys | list, dict | array, object |
| other tables | dict | `{"$map": [[key, value], ...]}` |

An object whose only key starts with `$` is written as `$map` too, so that nothing a guest returns can be mistaken for
one of the escapes.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import Any, Final, TypeAlias, cast

from munition.errors import UsageError

Value: TypeAlias = "bool | int | float | str | bytes | list[Value] | dict[Key, Value] | None"
Key: TypeAlias = "bool | int | float | str | bytes"

MAX_DEPTH: Final = 100
_INT_BITS: Final = 63
_FLOATS: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
# What JSON leaves as it is and a terminal or a reader may be fooled by: C1 controls, line separators, bidirectional
# overrides, zero-width and tag characters.
_UNSAFE: Final = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def dumps(value: object) -> str:
    """JSON text of what `encode` returned, on one line, safe to show on any terminal."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return _UNSAFE.sub(lambda found: _escape(found.group()), text)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def encode(value: object) -> Any:
    """What `json.dumps` needs to write `value` by the table above. The engine bounds the depth of values."""
    match value:
        case float() if not math.isfinite(value):
            return {"$float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode("ascii")}
        case list() | tuple():
            return [encode(item) for item in cast("list[object]", value)]
        case dict():
            return _encode_table(cast("dict[object, object]", value))
        case _:
            return value


def _encode_table(table: dict[object, object]) -> Any:
    plain = all(isinstance(key, str) for key in table)
    if plain and not (len(table) == 1 and str(next(iter(table))).startswith("$")):
        return {key: encode(item) for key, item in table.items()}
    return {"$map": [[encode(key), encode(item)] for key, item in table.items()]}


def loads(text: str) -> Value:
    """Read one JSON value.

    Raises:
        UsageError: it is not JSON, nested too deep, or holds what no guest value can be.
    """
    try:
        raw = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)
    except UsageError:
        raise
    except RecursionError:
        raise UsageError(f"the JSON is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise UsageError(f"not JSON: {error}") from None
    return _decode(raw, 0)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise UsageError("an object has the same key twice")
    return table


def _constant(name: str) -> Any:
    escaped = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[name]
    raise UsageError(f'{name} is not JSON; write {{"$float": "{escaped}"}}')


def _decode(raw: object, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise UsageError(f"the value is nested deeper than {MAX_DEPTH} levels")
    match raw:
        case None | bool():
            return raw
        case str():
            return _text(raw)
        case int():
            return _int(raw)
        case float():
            return _finite(raw)
        case list():
            return [_decode(item, depth + 1) for item in cast("list[object]", raw)]
        case dict():
            return _decode_table(cast("dict[str, object]", raw), depth)
        case _:
            raise UsageError(f"a {type(raw).__name__} cannot cross into a guest")


def _int(value: int) -> int:
    if not -(1 << _INT_BITS) <= value < (2 << _INT_BITS):  # beyond the signed ones lie those of u64
        raise UsageError("an integer does not fit 64 bits; write it with a point to pass a float")
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise UsageError('a number is too large for a float; write {"$float": "inf"} if infinity is meant')
    return value


def _decode_table(table: dict[str, object], depth: int) -> Value:
    if len(table) == 1:
        ((key, inner),) = table.items()
        if key.startswith("$"):
            return _decode_escape(key, inner, depth)
    return {_text(key): _decode(item, depth + 1) for key, item in table.items()}


def _text(text: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise UsageError("a string holds half of a surrogate pair, which no UTF-8 text can")
    return text


def _decode_escape(key: str, inner: object, depth: int) -> Value:
    match key, inner:
        case "$float", str() if inner in _FLOATS:
            return _FLOATS[inner]
        case "$bytes", str():
            return _decode_bytes(inner)
        case "$map", list():
            return _decode_pairs(cast("list[object]", inner), depth)
        case _:
            raise UsageError(f"{dumps(key[:80])} is no escape, or its content is not what it takes")


def _decode_bytes(text: str) -> str | bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError('the content of {"$bytes": ...} is not base64') from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def _decode_pairs(pairs: list[object], depth: int) -> dict[Key, Value]:
    out: dict[Key, Value] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(cast("list[object]", pair)) != 2:
            raise UsageError('the content of {"$map": ...} must be a list of [key, value] pairs')
        key, item = (_decode(part, depth + 1) for part in cast("list[object]", pair))
        if key is None or isinstance(key, (list, dict)) or key != key:  # noqa: PLR0124 - only NaN differs from itself
            raise UsageError("a key of a table must be a boolean, a number but NaN, or a string")
        if key in out:
            raise UsageError("a table has two keys that are equal in Python")
        out[key] = item
    return out
