# SPDX-License-Identifier: MIT
"""The manifest: what a compiler claims about a module, in the custom section `munition`.

It is JSON with a version. It is a claim and never evidence: `required` reads the imports themselves, and a module whose
imports exceed its manifest is refused. The writer is deterministic, the reader strict: unknown keys, wrong types, a
second spelling of anything, or too much of anything is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from munition.capability.model import CapabilitySet
from munition.capability.parse import parse
from munition.errors import InvalidModuleError, UsageError

SECTION: Final = "munition"
VERSION: Final = 1
ABI_VALUES: Final = "values-1"
_MAX_BYTES: Final = 1 << 20
_MAX_EXPORTS: Final = 10_000
_MAX_TEXT: Final = 4096


@dataclass(frozen=True, slots=True)
class ManifestExport:
    """One function of the source that can be fired by name.

    Attributes:
        name: its name in the source.
        export: the WebAssembly export behind it (the same unless the name is reserved).
        parameters: the names of its parameters, in order.
        vararg: whether it takes more arguments after those.
        types: the types of its parameters, in order; empty for languages whose functions take anything.
        optional: how many of the last parameters may be left out.
        result: the type of its result, or `void`; empty as `types`.
    """

    name: str
    export: str
    parameters: tuple[str, ...] = ()
    vararg: bool = False
    types: tuple[str, ...] = ()
    optional: int = 0
    result: str = ""


@dataclass(frozen=True, slots=True)
class ManifestClass:
    """A class that occurs in the types of exports; it crosses as an object with these fields.

    Attributes:
        name: how types spell it.
        fields: the names of its fields, in order.
        types: their types, in the same order.
    """

    name: str
    fields: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManifestModule:
    """One file that the source requires and that was compiled with it.

    Attributes:
        name: what `require` calls it.
        source_name: the file's name, relative to the folder it was found in.
        source_sha256: the file's hash in hexadecimal.
    """

    name: str
    source_name: str
    source_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the compiler says about the module.

    Attributes:
        attenuator: the compiler's name, such as `lua`.
        attenuator_version: its version.
        source_name: the source's name, never an absolute path.
        source_sha256: the source's hash in hexadecimal.
        capabilities: what was declared.
        abi: how exports are called; `values-1` is docs/guest-abi.md.
        exports: the functions that can be fired by name.
        modules: the other files it was compiled from.
        sections: custom sections that hold debug tables.
        classes: the classes that the types of exports mention.
    """

    attenuator: str
    attenuator_version: str
    source_name: str
    source_sha256: str
    capabilities: CapabilitySet
    abi: str = ABI_VALUES
    exports: tuple[ManifestExport, ...] = ()
    modules: tuple[ManifestModule, ...] = ()
    sections: tuple[str, ...] = ()
    classes: tuple[ManifestClass, ...] = ()


def write(manifest: Manifest) -> bytes:
    """The content of the custom section; equal manifests give equal bytes."""
    data = {
        "version": VERSION,
        "attenuator": manifest.attenuator,
        "attenuator_version": manifest.attenuator_version,
        "source_name": manifest.source_name,
        "source_sha256": manifest.source_sha256,
        "capabilities": list(manifest.capabilities.spellings()),
        "abi": manifest.abi,
        "exports": [
            {
                "name": e.name,
                "export": e.export,
                "parameters": list(e.parameters),
                "vararg": e.vararg,
                "types": list(e.types),
                "optional": e.optional,
                "result": e.result,
            }
            for e in manifest.exports
        ],
        "modules": [
            {"name": m.name, "source_name": m.source_name, "source_sha256": m.source_sha256}
            for m in manifest.modules
        ],
        "sections": list(manifest.sections),
        "classes": [
            {"name": c.name, "fields": list(c.fields), "types": list(c.types)} for c in manifest.classes
        ],
    }
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode("ascii")


def read(content: bytes) -> Manifest:
    """Read the content of the custom section.

    Raises:
        InvalidModuleError: code E240, with what is wrong.
    """
    if len(content) > _MAX_BYTES:
        raise _bad(f"it is longer than {_MAX_BYTES} bytes")
    try:
        data = json.loads(content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _bad(f"it is not JSON ({error})") from None
    fields = _fields(data, _SHAPE, "the manifest")
    try:
        capabilities = parse(fields["capabilities"])
    except UsageError as error:
        raise _bad(str(error)) from None
    exports = tuple(_export(item) for item in fields["exports"])
    if len({e.name for e in exports}) != len(exports):
        raise _bad("two exports have one name")
    modules = tuple(_module(item) for item in fields["modules"])
    if len({m.name for m in modules}) != len(modules):
        raise _bad("two modules have one name")
    classes = tuple(_class(item) for item in fields["classes"])
    if len({c.name for c in classes}) != len(classes):
        raise _bad("two classes have one name")
    return Manifest(
        attenuator=fields["attenuator"],
        attenuator_version=fields["attenuator_version"],
        source_name=fields["source_name"],
        source_sha256=fields["source_sha256"],
        capabilities=capabilities,
        abi=fields["abi"],
        exports=exports,
        modules=modules,
        sections=fields["sections"],
        classes=classes,
    )


def _bad(why: str) -> InvalidModuleError:
    return InvalidModuleError(f"the manifest of the module cannot be used: {why}", code="E240")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a key occurs twice")
    return out


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise TypeError(f"a string of at most {_MAX_TEXT} characters is expected")
    return value


def _hash(value: object) -> str:
    text = _text(value)
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise TypeError("64 hexadecimal digits are expected")
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false is expected")
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_EXPORTS:
        raise TypeError(f"a number up to {_MAX_EXPORTS} is expected")
    return value


def _version(value: object) -> int:
    if value is not True and value == VERSION and isinstance(value, int):
        return VERSION
    raise TypeError(f"this munition reads version {VERSION} only")


def _list(value: object) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    items = cast("list[object]", value)
    if len(items) > _MAX_EXPORTS:
        raise TypeError(f"a list of at most {_MAX_EXPORTS} items is expected")
    return tuple(items)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


_Shape = dict[str, Callable[[object], Any]]
_SHAPE: Final[_Shape] = {
    "version": _version,
    "attenuator": _text,
    "attenuator_version": _text,
    "source_name": _text,
    "source_sha256": _hash,
    "capabilities": _texts,
    "abi": _text,
    "exports": _list,
    "modules": _list,
    "sections": _texts,
    "classes": _list,
}
_MODULE_SHAPE: Final[_Shape] = {"name": _text, "source_name": _text, "source_sha256": _hash}
_CLASS_SHAPE: Final[_Shape] = {"name": _text, "fields": _texts, "types": _texts}
_EXPORT_SHAPE: Final[_Shape] = {
    "name": _text,
    "export": _text,
    "parameters": _texts,
    "vararg": _flag,
    "types": _texts,
    "optional": _number,
    "result": _text,
}


def _fields(data: object, shape: _Shape, what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _bad(f"{what} is not an object")
    found = cast("dict[str, object]", data)
    if found.keys() != shape.keys():
        odd = min(found.keys() ^ shape.keys())
        raise _bad(f"{what} {'has the unknown' if odd in found else 'lacks the'} key {odd[:80]!r}")
    out: dict[str, Any] = {}
    for key, reader in shape.items():
        try:
            out[key] = reader(found[key])
        except TypeError as error:
            raise _bad(f"{key!r} of {what}: {error}") from None
    return out


def _export(item: object) -> ManifestExport:
    export = ManifestExport(**_fields(item, _EXPORT_SHAPE, "an export"))
    if export.types and len(export.types) != len(export.parameters):
        raise _bad("'types' of an export: there must be one for each parameter")
    if export.optional > len(export.parameters):
        raise _bad("'optional' of an export: there are not so many parameters")
    return export


def _class(item: object) -> ManifestClass:
    found = ManifestClass(**_fields(item, _CLASS_SHAPE, "a class"))
    if len(found.types) != len(found.fields):
        raise _bad("'types' of a class: there must be one for each field")
    return found


def _module(item: object) -> ManifestModule:
    return ManifestModule(**_fields(item, _MODULE_SHAPE, "a module"))
