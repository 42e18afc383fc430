# SPDX-License-Identifier: MIT
"""What an analysis finds, as records: the report of a module or of a component, and the evidence in it.

`labels` are the fine names of `munition.capability.taxonomy_labels` (`fs.read`, `js.any`, `host:dprint.host_log`); `required` are
names of the catalogue (`filesystem_read`, `js`, `opaque`), as `infer_capabilities` returns them. Sets are frozen, sequences are
in the order of the file, and nothing here was chosen by time, paths or hash seeds.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from munition.capability.manifest import Manifest


class Form(enum.StrEnum):
    """What was analysed."""

    MODULE = "module"
    COMPONENT = "component"


class Edge(enum.StrEnum):
    """How a step of a path follows from the one before."""

    ROOT = "root"  # the first step: called from outside
    DIRECT = "direct"  # call, return_call
    INDIRECT = "indirect"  # call_indirect or call_ref, by type and by what tables and references may hold
    CALLBACK = "callback"  # an imported function that calls back into a table


class Entry(enum.StrEnum):
    """Who may call the first function of a path."""

    EXPORT = "export"
    START = "start"
    TABLE = "table"  # an element of a table the host can reach
    REFERENCE = "reference"  # a function reference the host can get hold of


@dataclass(frozen=True, slots=True)
class Step:
    """One function of a path.

    Attributes:
        function: its index, imported functions first.
        name: what the name section or an export calls it: a claim, for readers only.
        edge: how it is reached from the step before.
        offset: where in the file the instruction is that reaches it; None for the first step and where it is not known.
    """

    function: int
    name: str | None
    edge: Edge
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A shortest way from outside to an import; indirect edges count five times a direct one.

    Attributes:
        entry: who calls the first function.
        export: the export's name when `entry` is one.
        steps: from the first function to the import, which is the last step.
        through: inside a component, the ways around the module: human-readable, outermost first; else empty.
    """

    entry: Entry
    export: str | None
    steps: tuple[Step, ...]
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """The values one argument of an import has at all its calls, where they can be proved.

    Attributes:
        position: which argument, from 0.
        name: what the interface calls it, such as `fd`.
        values: all values, sorted; None when at least one call passes something unknown.
    """

    position: int
    name: str
    values: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Hint:
    """What something untrusted says about an import. It never changes a label.

    Attributes:
        source: `glue` (the JavaScript beside the module) or `names` (the name section).
        text: the readable name or piece of code.
        labels: what the import would be if the hint were true; empty when it says nothing.
    """

    source: str
    text: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One import and what it means.

    Attributes:
        index: its place among all imports.
        module: the import module, or the interface of a component's import.
        name: the import name.
        kind: `func`, `table`, `memory`, `global`, `tag`, or what a component imports.
        family: the interface it was recognised as, such as `wasi-preview1`; `unknown` for none.
        labels: sorted by risk, then name; empty only for an import that is known to need nothing.
        names: the names of the catalogue these labels stand for, sorted.
        reachable: False when no root leads to it under the sound rule. It counts as required all the same.
        path: the evidence, for an imported function that is reachable.
        type: its type in text form, such as `(i32, i64) -> ()`; for readers.
        arguments: arguments whose values were looked for.
        hints: see `Hint`.
        flags: stable words for what is odd about its name: `confusable`, `control-character`, `non-ascii`, `empty`,
            `lookalike:NAME`, `duplicate`.
        note: one sentence where the meaning rests on an assumption; else empty.
    """

    index: int
    module: str
    name: str
    kind: str
    family: str
    labels: tuple[str, ...]
    names: tuple[str, ...]
    reachable: bool = True
    path: Path | None = None
    type: str = ""
    arguments: tuple[Argument, ...] = ()
    hints: tuple[Hint, ...] = ()
    flags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What calling one exported function can lead to, the start function included.

    Attributes:
        name: the export's name.
        function: its index; -1 for an export of a component.
        labels: when the host may call every table element it can reach: the sound answer.
        labels_private: when the host never calls table elements.
        imports: `ImportReport.index` of what `labels` rests on; empty too where the module has too many to tell exports apart.
    """

    name: str
    function: int
    labels: tuple[str, ...]
    labels_private: tuple[str, ...]
    imports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know that is no capability.

    Attributes:
        code: stable: `N` and two digits, listed in docs/inference.md.
        severity: `note` or `warning`.
        message: one sentence, safe to print.
    """

    code: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Payload:
    """A program carried as data: the module does whatever that data says.

    Attributes:
        name: of the language or format, such as `quickjs`.
        kind: `interpreter` (runs programs it is given or carries) or `container` (holds code for another module).
        message: one sentence.
        evidence: the strings that gave it away, safe to print.
    """

    name: str
    kind: str
    message: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How much there is, for the reader.

    Attributes:
        functions: defined functions.
        reached: how many of them a root leads to.
        tables_visible: whether the host can call table elements or get hold of function references.
        features: extensions of WebAssembly that were seen, sorted.
        bodies_read: False when the code could not be read, so that everything was taken as reachable.
    """

    functions: int = 0
    reached: int = 0
    tables_visible: bool = False
    features: tuple[str, ...] = ()
    bodies_read: bool = True


@dataclass(frozen=True, slots=True)
class Embedded:
    """A module or component inside a component.

    Attributes:
        name: how it is addressed, such as `module 0` or `component 1 / module 0`.
        report: its own report.
    """

    name: str
    report: Report


@dataclass(frozen=True, slots=True)
class Report:
    """What a module or component can do.

    Attributes:
        form: module or component.
        size: bytes.
        sha256: of the bytes, hexadecimal.
        labels: everything its imports can mean, sorted by risk, then name. Unreachable imports are included.
        labels_reachable: the same for imports that a root leads to.
        required: names of the catalogue for `labels`.
        imports: every import.
        exports: exported functions; empty unless asked for.
        export_names: names of all exported functions, in order.
        payloads: programs carried as data.
        notes: what else a reader should know.
        shape: counts.
        toolchain: what seems to have made it: a hint.
        manifest: what it says of itself; None when it says nothing readable.
        embedded: modules and components inside a component.
    """

    form: Form
    size: int
    sha256: str
    labels: tuple[str, ...]
    labels_reachable: tuple[str, ...]
    required: frozenset[str]
    imports: tuple[ImportReport, ...]
    exports: tuple[ExportReport, ...] = ()
    export_names: tuple[str, ...] = ()
    payloads: tuple[Payload, ...] = ()
    notes: tuple[Note, ...] = ()
    shape: Shape = Shape()
    toolchain: str = ""
    manifest: Manifest | None = None
    embedded: tuple[Embedded, ...] = ()

    def uses(self, label: str) -> tuple[ImportReport, ...]:
        """The imports that carry `label`, or a label below it (`fs` finds `fs.read`), in order."""
        return tuple(
            item
            for item in self.imports
            if any(own == label or own.startswith((label + ".", label + ":")) for own in item.labels)
        )
