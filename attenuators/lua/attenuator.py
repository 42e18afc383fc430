# SPDX-License-Identifier: MIT
"""The Lua front end: the pipeline from a source to a module, stage by stage.

parse and resolve each file (bundle) → check → lower → generate → link
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from munition._version import __version__
from munition.attenuators.lua import faults
from munition.attenuators.lua.bundle import Part, bundle
from munition.attenuators.lua.check import Checked, check
from munition.attenuators.lua.codes import EXPLANATIONS
from munition.attenuators.lua.exports import find_exports, returns_value
from munition.attenuators.lua.lexer import tokenize
from munition.attenuators.lua.limits import DEFAULT_LIMITS, SourceLimits
from munition.attenuators.lua.lowering.program import Setting, lower_program
from munition.attenuators.lua.parse import parse
from munition.attenuators.lua.reloads import run_again
from munition.attenuators.lua.selection import object_types, select_library, steady_builtins
from munition.attenuators.lua.syntax import Chunk
from munition.capability import manifest as manifests
from munition.codegen.prebuilt import load_runtime
from munition.codegen.program import generate
from munition.diagnostics import Diagnostic, Severity, render
from munition.errors import CompileError, InvalidModuleError
from munition.ir.program import ExportedFunction, Program
from munition.ir.specialise import specialise
from munition.ir.verify import verify_program
from munition.module import Module
from munition.wasm.lines import SECTION as LINES_SECTION
from munition.wasm.linker import link

if TYPE_CHECKING:
    from munition.attenuator import Options
    from munition.source import Source

_MAX_SHOWN: Final = 20


class LuaAttenuator(Struct, frozen=True):
    """Lua 5.4 without ambient authority (restrictive: what was not declared is not there)."""

    name: str = "lua"
    stages: tuple[str, ...] = ("tokens", "ast", "ir")

    @property
    def explanations(self) -> Mapping[str, str]:
        """What each diagnostic code means."""
        return EXPLANATIONS

    def compile(self, source: Source, options: Options) -> Module:
        """Compile `source`.

        Raises:
            CompileError: with everything that is wrong with it.
        """
        with _deep_recursion():
            front = _front(source, options)
            program = _lower(front)
            verify_program(program)
            program = specialise(program)
            manifest = _manifest(front)
            customs = ((manifests.SECTION, _written(manifest, source)),)
            runtime = load_runtime()
            linked = link(runtime, generate(program, runtime, customs=customs))
        modules = tuple(part.source for part in front.parts[1:])
        return Module(linked.data, manifest, source, front.checked.diagnostics, modules)

    def show(self, source: Source, options: Options, stage: str) -> str:
        """The text of one of `stages`.

        Raises:
            CompileError: when the stage cannot be reached.
        """
        from munition.attenuators.lua.dump import (  # printers are not needed to compile
            dump_chunk,
            dump_tokens,
        )
        from munition.ir.pretty import pretty_program

        with _deep_recursion():
            if stage == "tokens":
                return dump_tokens(source, tokenize(source))
            if stage == "ast":
                return dump_chunk(_parsed(source, options))
            return pretty_program(_lower(_front(source, options)))


ATTENUATOR: Final = LuaAttenuator()

# Trees are at most a few hundred levels deep (SourceLimits.nesting), and each level takes several frames in the passes.
_RECURSION: Final = 12_000


_deep = threading.Lock()
_depth = [0, 0]  # compilations under way, and the limit to go back to after the last of them


@contextmanager
def _deep_recursion() -> Generator[None]:
    """Allow the recursion that the nesting limit bounds. Frames of Python functions do not use the C stack.

    The limit is one for all threads, so the first compilation raises it and the last one restores it.
    """
    with _deep:
        if _depth[0] == 0:
            _depth[1] = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_depth[1], _RECURSION))
        _depth[0] += 1
    try:
        yield
    finally:
        with _deep:
            _depth[0] -= 1
            if _depth[0] == 0:
                sys.setrecursionlimit(_depth[1])


class _Front(Struct, frozen=True):
    """A program that was found good."""

    parts: tuple[Part, ...]
    checked: Checked
    options: Options

    @property
    def source(self) -> Source:
        """The script."""
        return self.parts[0].source


def _parsed(source: Source, options: Options) -> Chunk:
    parsed = parse(source, _limits(options))
    if parsed.chunk is None:
        raise _refused(source, parsed.diagnostics)
    return parsed.chunk


def _limits(options: Options) -> SourceLimits:
    return replace(DEFAULT_LIMITS, source_bytes=options.max_source)


def _front(source: Source, options: Options) -> _Front:
    at_runtime = options.denied == "runtime"
    found = bundle(source, options.path, _limits(options), missing_at_runtime=at_runtime)
    if _stops(found.diagnostics):
        raise _refused(source, found.diagnostics)
    checked = check(found.parts, options.declared.names, denied_at_runtime=at_runtime)
    if _stops(checked.diagnostics):
        raise _refused(source, checked.diagnostics)
    checked = replace(checked, diagnostics=(*found.diagnostics, *checked.diagnostics))
    return _Front(found.parts, checked, options)


def _stops(diagnostics: tuple[Diagnostic, ...]) -> bool:
    return any(d.severity is Severity.ERROR for d in diagnostics)


def _refused(source: Source, diagnostics: tuple[Diagnostic, ...]) -> CompileError:
    shown = "\n\n".join(render(d, source) for d in diagnostics[:_MAX_SHOWN])
    return CompileError(shown, diagnostics)


def _lower(front: _Front) -> Program:
    script, checked = front.parts[0].resolved, front.checked
    in_result, steady = returns_value(script), steady_builtins(checked)
    setting = Setting(
        library=select_library(checked, front.options.declared.names),
        object_types=object_types(checked),
        exports=tuple(ExportedFunction(e.export, e.name.encode(), in_result) for e in find_exports(script)),
        steady_builtins=steady,
        run_again=run_again(front.parts, checked, steady),
    )
    return lower_program(front.parts, setting, checked.denied_calls)


def _manifest(front: _Front) -> manifests.Manifest:
    return manifests.Manifest(
        attenuator=ATTENUATOR.name,
        attenuator_version=__version__,
        source_name=front.source.name,
        source_sha256=_hash(front.source),
        capabilities=front.options.declared,
        exports=find_exports(front.parts[0].resolved),
        modules=tuple(
            manifests.ManifestModule(part.module, part.source.name, _hash(part.source))
            for part in front.parts
            if part.module is not None
        ),
        sections=(LINES_SECTION,),
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
