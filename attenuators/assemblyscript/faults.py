# SPDX-License-Identifier: MIT
"""The faults that are ours to find, each built by one function. What the compiler finds is put into words in told.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.capability.names import NAMES
from munition.diagnostics import Diagnostic, Severity
from munition.source import Span

if TYPE_CHECKING:
    from munition.source import Source

START: Final = Span(0, 0)
_MAX_SHOWN: Final = 80


def shown(text: str) -> str:
    """Text of the source for a message: printable, of bounded length."""
    cut = text[:_MAX_SHOWN]
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut) + ("..." if text != cut else "")


def not_utf8(span: Span) -> Diagnostic:
    """Bytes that are no text."""
    return Diagnostic("A101", "the source is not UTF-8", span, help="save it as UTF-8")


def reserved_name(name: str, span: Span, source: Source | None) -> Diagnostic:
    """A name that belongs to munition."""
    message = f"the name {shown(name)} cannot be used: names with munition$ are reserved"
    return Diagnostic("A102", message, span, help="rename it", source=source)


def too_large(limit: int) -> Diagnostic:
    """Too much text."""
    message = f"the source is larger than {limit} bytes, what it imports included"
    return Diagnostic("A190", message, START, help="raise the limit with --max-source BYTES", kind="limit")


def took_too_long(seconds: int) -> Diagnostic:
    """The compiler was ended for its time."""
    message = f"compiling took more than {seconds} s of processor time and was ended"
    advice = (
        "make the program smaller; generated tables belong into a string or an ArrayBuffer that is passed in"
    )
    return Diagnostic("A191", message, START, help=advice, kind="limit")


def took_too_much(message: str) -> Diagnostic:
    """The compiler was ended for its memory."""
    return Diagnostic("A192", message, START, help="make the program smaller", kind="limit")


def nested_too_deep() -> Diagnostic:
    """The compiler ran out of stack."""
    message = "the source is nested too deep, or instantiates generic code without end"
    advice = "split long expressions; break the recursion of generic types"
    return Diagnostic("A193", message, START, help=advice, kind="limit")


def worker_died(message: str) -> Diagnostic:
    """The compiler's process went away."""
    return Diagnostic(
        "A194", message, START, help="try again; the next compilation starts a new one", kind="host_fault"
    )


def compiler_failed(message: str) -> Diagnostic:
    """The compiler failed by itself."""
    text = f"the AssemblyScript compiler failed on this source: {shown(message)}"
    return Diagnostic("A195", text, START, help="the source uses something it does not expect; simplify it")


def leads_outside(path: str, span: Span, source: Source, is_script: bool) -> Diagnostic:
    """An import of a file outside of the program's folder."""
    return Diagnostic(
        "A301",
        f"the import {shown(path)!r} leads out of the program's folder",
        span,
        help="move the file into the folder, or give a folder that holds both with --path",
        kind="denied",
        source=None if is_script else source,
    )


def not_exported(name: str, why: str, span: Span, source: Source | None) -> Diagnostic:
    """An exported function that cannot be fired."""
    return Diagnostic(
        "A401",
        f"{shown(name)} cannot be fired: {why}",
        span,
        Severity.WARNING,
        help="export a function whose types cross: see docs/assemblyscript.md, Values",
        source=source,
    )


def not_declared(what: str, capability: str, span: Span, source: Source | None) -> Diagnostic:
    """Use of a capability that was not declared."""
    form = NAMES[capability].form
    flag = f"{capability}:{form}" if form else capability
    return Diagnostic(
        "C101",
        f"the script uses {shown(what)}, which needs the capability '{capability}'",
        span,
        help=f"add it with --caps {flag}, or remove the use",
        capability=capability,
        kind="denied",
        source=source,
    )


def foreign_import(item: str, why: str, span: Span, source: Source | None) -> Diagnostic:
    """An import no capability gives."""
    return Diagnostic(
        "C102",
        f"the script declares the import {shown(item)}: {why}",
        span,
        help='import what the host offers from "munition"; nothing else can be linked',
        capability="opaque",
        kind="denied",
        source=source,
    )


def too_much_to_declare(message: str) -> Diagnostic:
    """More than a manifest holds."""
    return Diagnostic("A196", f"the module cannot be described: {message}", START, kind="limit")
