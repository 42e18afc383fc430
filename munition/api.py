# SPDX-License-Identifier: MIT
"""The public functions that need no engine: compile, infer, validate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from munition.attenuator import Denied, Options, language_of, load
from munition.capability.model import CapabilitySet
from munition.capability.parse import parse
from munition.engine.asked import HasWasm, bytes_of, read_file
from munition.engine.facts import Facts, Signature, read_facts
from munition.errors import InvalidModuleError, UsageError, UsageTypeError
from munition.host.user import split_users
from munition.source import Source, shown_name

if TYPE_CHECKING:
    from munition.host.user import HostCapability
    from munition.module import Module


def compile(
    source: str | bytes | Path,
    caps: str | Iterable[str | HostCapability] | CapabilitySet = (),
    *,
    name: str | None = None,
    language: str | None = None,
    denied: Denied = "compile",
    max_source: int = 1 << 20,
    path: Iterable[str | Path] = (),
) -> Module:
    """Compile a script to a module that can do no more than `caps` declares.

    Args:
        source: a `Path`, or a `str` that is the path of an existing file, or the text itself (`str` or `bytes`).
        caps: what the module may need: `["log"]` or `"log,time"`; a `HostCapability` stands for its name.
        name: what messages and the manifest call the source; the file's name unless given.
        language: which compiler; by the file's suffix unless given, Lua for text.
        denied: `compile` refuses uses beyond `caps`; `runtime` makes each an error when it is reached.
        max_source: bytes of source accepted, modules that it requires included.
        path: folders in which the modules it requires are looked for, in order. Nothing else is searched, not even the
            script's own folder.

    Raises:
        CompileError: the source is refused; `error.diagnostics` says why.
        UsageError: an unknown capability or language, a `path` that is no folder, or text that is no Unicode.
        UsageTypeError: a value of the wrong type.
        OSError: the file cannot be read.
    """
    text, found_name = _source(source, max_source)
    shown = _shown(name) or found_name
    front_end = load(language or language_of(shown))
    module = front_end.compile(
        Source(shown, text), Options(parse(_names(caps)), denied, max_source, _folders(path))
    )
    return replace(module, compiled_here=True)


def _names(caps: str | Iterable[str | HostCapability] | CapabilitySet) -> str | Iterable[str] | CapabilitySet:
    if isinstance(caps, (str, CapabilitySet)):
        return caps
    names: Iterable[str] = split_users(tuple(caps))[1]
    return names


def _folders(path: Iterable[str | Path]) -> tuple[Path, ...]:
    if isinstance(path, (str, bytes)):
        raise UsageTypeError("path must be a list of folders")
    folders = tuple(Path(item) for item in path)
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{str(folder)!r} of path is no folder")
    return folders


def _shown(name: str | None) -> str:
    if name is not None and not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"name must be a string, not {type(name).__name__}")
    return shown_name(name or "")


def _source(source: str | bytes | Path, most: int) -> tuple[bytes, str]:
    match source:
        case bytes():
            return source, "script"
        case Path():
            return read_file(source, most + 1), shown_name(source.name)
        case str():
            path = _existing(source)
            return (_encoded(source), "script") if path is None else _source(path, most)
        case _:
            raise UsageTypeError(f"a source must be a path or text, not {type(source).__name__}")


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise UsageError("the text holds half of a surrogate pair; pass bytes instead") from None


def _existing(text: str) -> Path | None:
    """The file `text` names, if it does: text of a program has line ends or is no file."""
    if "\n" in text or "\0" in text or len(text) > _MAX_PATH:
        return None
    path = Path(text)
    try:
        if path.is_file():
            return path
    except OSError:
        return None
    if path.suffix in _SUFFIXES and " " not in text:
        raise FileNotFoundError(2, "No such file", text)
    return None


_MAX_PATH: Final = 4096
_SUFFIXES: Final = frozenset({".lua", ".ts", ".pony"})


def infer_capabilities(module: bytes | str | Path | HasWasm) -> frozenset[str]:
    """The names of the capabilities a module or component needs, without parameters, as the analyzer finds them.

    Raises:
        InvalidModuleError: it is neither.
        OSError: the file cannot be read.
    """
    from munition.analysis.infer import infer_capabilities as of_bytes

    return of_bytes(bytes_of(module))


@dataclass(frozen=True, slots=True)
class Validation:
    """What `validate` found.

    Attributes:
        problems: one sentence each; empty when the module is as wanted.
        required: names of the capabilities it needs.
        exports: its exported functions and their types.
    """

    problems: tuple[str, ...]
    required: frozenset[str]
    exports: Mapping[str, Signature]

    @property
    def ok(self) -> bool:
        """Whether there are no problems."""
        return not self.problems

    def __bool__(self) -> bool:
        """Same as `ok`."""
        return not self.problems


def validate(
    module: bytes | str | Path | HasWasm,
    *,
    required_exports: Iterable[str] = (),
    allowed_imports: Iterable[str] | None = None,
) -> Validation:
    """Check a module without running it: that it can be read, what it exports, what it imports.

    Args:
        module: bytes, a path, or what `compile` returned.
        required_exports: functions it must export (for our own modules, by their names in the source).
        allowed_imports: what it may import: capability names, import modules (`env`), or single imports
            (`munition:log.write`). None means anything.

    Raises:
        UsageError: a required export is empty.
        UsageTypeError: an item that is not a string.
        OSError: the file cannot be read.
    """
    wanted = _strings("required_exports", required_exports)
    allowed = None if allowed_imports is None else frozenset(_strings("allowed_imports", allowed_imports))
    try:
        facts = read_facts(bytes_of(module))
    except InvalidModuleError as error:
        return Validation((str(error),), frozenset(), {})
    problems = [f"it exports no function {name[:80]!a}" for name in wanted if name not in _callable(facts)]
    if allowed is not None:
        problems += [f"it imports {what[:160]!a}" for what in _foreign(facts, allowed)]
    return Validation(tuple(problems), facts.required, facts.functions)


def _strings(what: str, items: Iterable[str]) -> tuple[str, ...]:
    if isinstance(items, (str, bytes)):
        raise UsageTypeError(f"{what} must be a list of strings")
    return tuple(_string(what, item) for item in items)


def _string(what: str, item: object) -> str:
    if not isinstance(item, str):
        raise UsageTypeError(f"{what} must hold strings, not {type(item).__name__}")
    if not item:
        raise UsageError(f"{what} must not hold an empty string")
    return item


def _callable(facts: Facts) -> frozenset[str]:
    named = () if facts.manifest is None else tuple(e.name for e in facts.manifest.exports)
    return frozenset(facts.functions) | frozenset(named)


def _foreign(facts: Facts, allowed: frozenset[str]) -> list[str]:
    out: list[str] = []
    for item in facts.imports:
        single = f"{item.module}.{item.name}"
        capability = item.module.removeprefix("munition:") if item.module.startswith("munition:") else None
        if not allowed & {single, item.module, capability}:
            out.append(single)
    return out
