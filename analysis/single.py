# SPDX-License-Identifier: MIT
"""The analysis of one core module."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from munition.analysis.arguments import WATCHED, Constants
from munition.analysis.callgraph import CallGraph, build
from munition.analysis.claims import features, function_names, manifest_of, toolchain
from munition.analysis.evidence import Witness
from munition.analysis.exports import export_reports
from munition.analysis.hints import import_hints
from munition.analysis.model import Argument, ExportReport, Form, ImportReport, Report, Shape
from munition.analysis.naming import name_flags
from munition.analysis.narrow import narrowed
from munition.analysis.notes import notes_on, unread_code
from munition.analysis.payloads import find_payloads
from munition.analysis.reach import shortest_ways
from munition.analysis.textual import signatures
from munition.capability.taxonomy import NO_MAP, UserMap, classify, labels_of
from munition.capability.taxonomy_labels import by_risk, catalogue_names
from munition.errors import InvalidModuleError
from munition.wasm.limits import DEFAULT_LIMITS, Limits
from munition.wasm.module import Kind
from munition.wasm.names import NO_NAMES
from munition.wasm.reader import read_module, read_sections

if TYPE_CHECKING:
    from munition.analysis.reach import Ways
    from munition.wasm.module import Module

_UNKNOWN_INSTRUCTION: Final = "E231"


@dataclass(frozen=True, slots=True)
class Options:
    """How to analyse.

    Attributes:
        glue: text of the JavaScript beside the module; hints only.
        own: the user's own map of imports.
        exports: whether to say what each export leads to.
        limits: how large the module may be.
    """

    glue: str = ""
    own: UserMap = NO_MAP
    exports: bool = True
    limits: Limits = DEFAULT_LIMITS


DEFAULT_OPTIONS: Final = Options()


class ModuleAnalysis:
    """One module on its way to a report.

    Attributes:
        data: the bytes of the module alone.
        module: the same, decoded.
        functions: import index of each imported function.
        names: what the name section says.
        graph: who calls whom; None when the code holds unknown instructions.
        unread: why there is no graph; else empty.
    """

    def __init__(self, data: bytes, options: Options, *, embedded: bool = False) -> None:
        """Decode `data`.

        The imports of an `embedded` module are answered by the component around it: nothing follows from their names.

        Raises:
            InvalidModuleError: as `analyze`.
        """
        self.data = data
        self.options = options
        self.module: Module = read_module(data, options.limits, keep_data=False)
        sections = tuple(c.name for c in self.module.customs)
        self.signatures = signatures(self.module)
        self.classified = classify(self.signatures, sections, options.own)
        self.labels = labels_of(self.classified)
        self.functions = [i for i, s in enumerate(self.signatures) if s.item.kind == "func"]
        self.names = function_names(self.module)
        self.hints = import_hints(
            self.signatures, self.labels, self.functions, self.names.functions, options.glue
        )

        self.graph: CallGraph | None = None
        self.unread = ""
        meanings = [] if embedded else [(f, self.classified[i].meaning) for f, i in enumerate(self.functions)]
        callbacks = frozenset(function for function, meaning in meanings if meaning.callback)
        try:
            self.graph = build(data, self.module, callbacks, options.limits)
        except InvalidModuleError as error:
            if error.code != _UNKNOWN_INSTRUCTION:
                raise
            self.unread = str(error)

    def report(self) -> Report:
        """Everything put together."""
        module, graph = self.module, self.graph
        if graph is None:
            return self.without_code(self.unread)
        ways = shortest_ways(graph, graph.roots)
        imports = self.with_evidence(graph, ways)
        reached = sum(graph.imported <= node < graph.functions for node in ways.parent)
        shape = Shape(len(module.functions), reached, graph.visible, features(module))
        final = tuple(item.labels for item in imports)
        exports = export_reports(graph, final, self.functions) if self.options.exports else ()
        return replace(self.outline(imports, shape), exports=exports)

    def without_code(self, why: str) -> Report:
        """The report when the bodies cannot be read: everything counts as reachable, from every export."""
        imports = tuple(self.one(i) for i in range(len(self.signatures)))
        count = len(self.module.functions)
        report = self.outline(imports, Shape(count, count, tables_visible=True, bodies_read=False))
        exports = tuple(
            ExportReport(e.name, e.index, report.labels, report.labels, tuple(self.functions))
            for e in self.module.exports
            if e.kind is Kind.FUNCTION
        )
        return replace(report, exports=exports, notes=(unread_code(why), *report.notes))

    def with_evidence(self, graph: CallGraph, ways: Ways) -> tuple[ImportReport, ...]:
        """All imports, with the shortest way to each and the constants passed to it."""
        called = {f: text for f, i in enumerate(self.functions) if (text := self._import_name(i))}
        exported = {e.index: e.name for e in reversed(self.module.exports) if e.kind is Kind.FUNCTION}
        names = {**exported, **self.names.functions, **called}
        witness = Witness(self.module, graph, ways, names)
        constants = Constants(self.data, self.module, graph, self.module.function_types())
        found = [self.one(index) for index in range(len(self.signatures))]
        for function, index in enumerate(self.functions):
            item = replace(found[index], reachable=function in ways.parent)
            if item.reachable and (item.labels or item.flags):
                item = replace(item, path=witness.path(function))
            watched = WATCHED.get((item.family, item.name))
            if watched is not None:
                position, name = watched
                item = replace(
                    item, arguments=(Argument(position, name, constants.values(function, position)),)
                )
            found[index] = item
        return narrowed(tuple(found))

    def _import_name(self, index: int) -> str:
        item = self.signatures[index].item
        return f"{item.module}.{item.name}"

    def one(self, index: int) -> ImportReport:
        """One import as far as the import section tells."""
        signature, classified, labels = self.signatures[index], self.classified[index], self.labels[index]
        item = signature.item
        return ImportReport(
            index=index,
            module=item.module,
            name=item.name,
            kind=item.kind,
            family=classified.family,
            labels=labels,
            names=tuple(sorted(catalogue_names(labels))),
            type=signature.type,
            hints=self.hints.get(index, ()),
            flags=name_flags(item.module, item.name, classified.family),
            note=classified.meaning.note,
        )

    def outline(self, imports: tuple[ImportReport, ...], shape: Shape) -> Report:
        """The report but for its exports."""
        module, data = self.module, self.data
        code_bytes = sum(len(body.content) for body in module.code)
        payloads = find_payloads(data, read_sections(data, self.options.limits), code_bytes)
        extra = {"payload"} if any(p.kind == "container" for p in payloads) else set[str]()
        labels = by_risk({label for item in imports for label in item.labels} | extra)
        manifest = manifest_of(module)
        return Report(
            form=Form.MODULE,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            labels=labels,
            labels_reachable=by_risk({x for item in imports if item.reachable for x in item.labels} | extra),
            required=catalogue_names(labels),
            imports=imports,
            export_names=tuple(e.name for e in module.exports if e.kind is Kind.FUNCTION),
            payloads=payloads,
            notes=notes_on(
                module, imports, payloads, manifest, shape, readable_names=self.names is not NO_NAMES
            ),
            shape=shape,
            toolchain=toolchain(module.customs, imports),
            manifest=manifest,
        )
