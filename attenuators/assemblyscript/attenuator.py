# SPDX-License-Identifier: MIT
"""The AssemblyScript front end: from a source to a module, stage by stage.

gather the files → compile in the worker → tell what it found → check the imports of the bytes → add the manifest
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from munition._version import __version__
from munition.attenuators.assemblyscript import faults
from munition.attenuators.assemblyscript.bridge import Bridge, WorkerError
from munition.attenuators.assemblyscript.codes import EXPLANATIONS
from munition.attenuators.assemblyscript.files import Program, gather
from munition.attenuators.assemblyscript.gate import check_imports, warn_of_uses
from munition.attenuators.assemblyscript.library import PATCHES, library_for
from munition.attenuators.assemblyscript.places import Places
from munition.attenuators.assemblyscript.told import tell
from munition.capability import manifest as manifests
from munition.diagnostics import Diagnostic, Severity, render
from munition.errors import CompileError, InvalidModuleError
from munition.module import Module
from munition.source import Span
from munition.wasm.module import Custom
from munition.wasm.writer import custom_section

if TYPE_CHECKING:
    from munition.attenuator import Options
    from munition.source import Source

CPU_SECONDS: Final = 16
"""Processor time one compilation may take: what bounds it, also where other work slows the machine down."""

_SECONDS: Final = 60.0

_RESERVED: Final = ("memory",)
_OURS: Final = re.compile(rb"munition\$\w*")
_MAX_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class AssemblyScriptAttenuator:
    """AssemblyScript without ambient authority (restrictive: what was not declared cannot be imported).

    Attributes:
        level: of optimisation, 0 to 3; code that is fired wants 3.
        bridge: the worker.
    """

    level: int = 3
    name: str = "assemblyscript"
    stages: tuple[str, ...] = ("interface",)
    bridge: Bridge = field(default_factory=Bridge, repr=False, compare=False)

    @property
    def explanations(self) -> Mapping[str, str]:
        """What each diagnostic code means."""
        return EXPLANATIONS

    def compile(self, source: Source, options: Options) -> Module:
        """Compile `source`.

        Raises:
            CompileError: with everything that is wrong with it.
            MissingToolError: the compiler or an engine for it is not installed.
        """
        program = gather(source, options.path, options.max_source)
        _stop_if_wrong(source, (*program.diagnostics, *_check_text(program)))
        answer = self._ask(source, program, options)
        places = Places(program.entry, program.files, answer.get("places", ()))
        found = tell(answer["diagnostics"], places)
        _stop_if_wrong(source, found)
        surface = answer["surface"]
        found = (*found, *_not_exported(surface, places))
        wasm = base64.b64decode(answer["binary"])
        found = (*found, *check_imports(wasm, options.declared.names, program.files, places))
        _stop_if_wrong(source, found)
        if options.denied == "runtime":
            found = (*found, *warn_of_uses(options.declared.names, program.files, places))
        manifest = _manifest(source, program, options, surface)
        wasm += custom_section(Custom(manifests.SECTION, _written(manifest, source), None))
        others = tuple(text for name, text in program.files.items() if name != program.entry)
        return Module(wasm, manifest, source, found, others)

    def show(self, source: Source, options: Options, stage: str) -> str:
        """The text of one of `stages`.

        Raises:
            CompileError: when the stage cannot be reached.
        """
        assert stage == "interface"
        manifest = self.compile(source, options).manifest
        lines: list[str] = []
        for class_ in manifest.classes:
            fields = " ".join(f"{n}: {t};" for n, t in zip(class_.fields, class_.types, strict=True))
            lines.append(f"class {class_.name} {{ {fields} }}")
        for e in manifest.exports:
            required = len(e.types) - e.optional
            parameters = ", ".join(
                f"{n}{'?' if i >= required else ''}: {t}"
                for i, (n, t) in enumerate(zip(e.parameters, e.types, strict=True))
            )
            lines.append(f"{e.name}({parameters}): {e.result}")
        return "\n".join(lines)

    def _ask(self, source: Source, program: Program, options: Options) -> dict[str, Any]:
        request = {
            "files": {name: text.text.decode() for name, text in program.files.items()},
            "entry": program.entry,
            "library": library_for(options),
            "patches": PATCHES,
            "reserved": _RESERVED,
            "level": self.level,
            "lines": False,
        }
        try:
            answer = self.bridge.ask(request, _SECONDS, CPU_SECONDS)
        except WorkerError as error:
            raise _refused(source, (_of_worker(error),)) from None
        if "crash" in answer:
            raise _refused(source, (_of_crash(answer),))
        return answer


ATTENUATOR: Final = AssemblyScriptAttenuator()


def _check_text(program: Program) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for name, source in program.files.items():
        other = None if name == program.entry else source
        try:
            source.text.decode("utf-8")
        except UnicodeDecodeError as error:
            found.append(faults.not_utf8(Span(error.start, error.end)))
        match = _OURS.search(source.text)
        if match:
            found.append(
                faults.reserved_name(match[0].decode("ascii", "replace"), Span(*match.span()), other)
            )
    return found


def _of_worker(error: WorkerError) -> Diagnostic:
    if error.reason == "time":
        return faults.took_too_long(CPU_SECONDS)
    return faults.took_too_much(str(error)) if error.reason == "memory" else faults.worker_died(str(error))


def _of_crash(answer: Mapping[str, Any]) -> Diagnostic:
    text = f"{answer['crash']} {answer.get('said', '')}"
    if "Maximum call stack" in text or "stack overflow" in text.lower():
        return faults.nested_too_deep()
    if "out of memory" in text.lower() or "Array buffer allocation failed" in text or "OOM" in text:
        return faults.took_too_much("the compiler ran out of memory")
    return faults.compiler_failed(str(answer["crash"]).partition("\n")[0])


def _not_exported(surface: Mapping[str, Any], places: Places) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for function in surface["functions"]:
        if "refused" in function:
            span, source = places.span(function.get("range") or {}) or (faults.START, None)
            found.append(faults.not_exported(function["name"], function["refused"], span, source))
    return found


def _stop_if_wrong(source: Source, found: tuple[Diagnostic, ...]) -> None:
    if any(d.severity is Severity.ERROR for d in found):
        raise _refused(source, found)


def _refused(source: Source, found: tuple[Diagnostic, ...]) -> CompileError:
    return CompileError("\n\n".join(render(d, source) for d in found[:_MAX_SHOWN]), found)


def _manifest(
    source: Source, program: Program, options: Options, surface: Mapping[str, Any]
) -> manifests.Manifest:
    return manifests.Manifest(
        attenuator=ATTENUATOR.name,
        attenuator_version=__version__,
        source_name=source.name,
        source_sha256=_hash(source),
        capabilities=options.declared,
        exports=tuple(_export(f) for f in surface["functions"] if "refused" not in f),
        modules=tuple(
            manifests.ManifestModule(name.removesuffix(".ts"), text.name, _hash(text))
            for name, text in sorted(program.files.items())
            if name != program.entry
        ),
        classes=tuple(
            manifests.ManifestClass(
                c["name"], tuple(f["name"] for f in c["fields"]), tuple(f["type"] for f in c["fields"])
            )
            for c in surface["classes"]
        ),
    )


def _export(function: Mapping[str, Any]) -> manifests.ManifestExport:
    return manifests.ManifestExport(
        name=function["name"],
        export=function["export"],
        parameters=tuple(p["name"] for p in function["parameters"]),
        types=tuple(p["type"] for p in function["parameters"]),
        optional=function["optional"],
        result=function["result"],
    )


def _written(manifest: manifests.Manifest, source: Source) -> bytes:
    """The manifest's bytes, which whoever fires the module must be able to read."""
    content = manifests.write(manifest)
    try:
        manifests.read(content)
    except InvalidModuleError as error:
        raise _refused(source, (faults.too_much_to_declare(str(error)),)) from None
    return content


def _hash(source: Source) -> str:
    return hashlib.sha256(source.text).hexdigest()
