# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from munition.analysis import Report, analyze, infer_capabilities
from munition.analysis.as_html import report_page
from munition.analysis.as_json import report_object
from munition.analysis.as_text import report_text
from munition.analysis.model import Edge, Entry, Form
from munition.capability.taxonomy import Signature, classify
from munition.errors import InvalidModuleError
from tests.unit.analysis.component_shapes import COMPONENT_SHAPES as SHAPES

FUNCTIONS = {"a", "b", "c"}


def report_of(text: str) -> Report:
    return analyze(bytes(wat2wasm(text)))


@pytest.mark.parametrize("shape", SHAPES, ids=[s.title for s in SHAPES])
def test_what_each_export_leads_to(shape: object) -> None:
    report = report_of(shape.text)  # type: ignore[attr-defined]
    names = {i.index: i.name for i in report.imports}
    found = {e.name: {names[i] for i in e.imports} & FUNCTIONS for e in report.exports}
    if not report.shape.bodies_read:
        found = {e.name: {n for n in names.values() if n in FUNCTIONS} for e in report.exports}
    assert found == {name: set(truth.split()) for name, truth in shape.exports.items()}  # type: ignore[attr-defined]
    idle = {i.name for i in report.imports if not i.reachable}
    assert idle == set(shape.unused.split())  # type: ignore[attr-defined]
    assert report.form is Form.COMPONENT
    assert "opaque" in report.required


def test_the_world_counts_whatever_happens_inside() -> None:
    report = report_of(
        '(component (import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64))))))'
    )
    assert report.required == {"random"}
    assert report.labels_reachable == ()
    assert [(i.module, i.name, i.kind) for i in report.imports] == [
        ("wasi:random/random@0.2.0", "get-random-u64", "func")
    ]


def test_an_import_answered_inside_is_not_asked_of_the_world() -> None:
    text = """(component
      (component $fake (core module $m (func (export "f") (result i64) i64.const 4)) (core instance $i (instantiate $m))
        (func $f (result u64) (canon lift (core func $i "f"))) (instance $e (export "get-random-u64" (func $f)))
        (export "wasi:random/random@0.2.0" (instance $e)))
      (component $user (import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64)))))
        (export "run" (func $r "get-random-u64")))
      (instance $f (instantiate $fake))
      (instance $u (instantiate $user (with "wasi:random/random@0.2.0" (instance $f "wasi:random/random@0.2.0"))))
      (export "run" (func $u "run")))"""
    report = report_of(text)
    assert (report.imports, report.required) == ((), frozenset())
    assert infer_capabilities(bytes(wat2wasm(text))) == frozenset()
    assert [e.name for e in report.embedded] == ["component 0 / module 0"]


def test_the_way_goes_through_the_modules_inside() -> None:
    report = report_of(SHAPES[1].text)
    path = report.imports[0].path
    assert path is not None
    assert (path.entry, path.export) == (Entry.EXPORT, "x")
    assert [(s.name, s.edge) for s in path.steps] == [
        ("module 1: f2", Edge.ROOT),
        ("module 0: f0", Edge.DIRECT),
        ("$root.a", Edge.INDIRECT),
    ]
    data = bytes(wat2wasm(SHAPES[1].text))
    offsets = [step.offset for step in path.steps[1:]]
    assert [data[offset] for offset in offsets if offset is not None] == [0x10, 0x11]


def test_modules_inside_say_what_their_imports_lead_to() -> None:
    shape = next(s for s in SHAPES if s.title == "direct")
    (embedded,) = report_of(
        shape.text.replace('"a"', '"wasi:cli/exit@0.2.0"', 1).replace(
            '(import "wasi:cli/exit@0.2.0" (func $a))',
            '(import "wasi:cli/exit@0.2.0" (instance $e (export "exit" (func)))) (alias export $e "exit" (func $a))',
        )
    ).embedded
    assert [(i.name, i.labels) for i in embedded.report.imports] == [
        ("a", ("proc.exit",)),
        ("b", ("opaque",)),
    ]
    assert embedded.report.required == {"opaque"}


@pytest.mark.parametrize(
    ("interface", "function", "labels"),
    [
        ("wasi:cli/environment@0.2.3", "get-environment", {"env.vars"}),
        ("wasi:cli/environment@0.3.0", "get-arguments", {"env.args"}),
        ("wasi:cli/stdin@0.3.0", "read-via-stream", {"stdio.in"}),
        ("wasi:clocks/system-clock@0.3.0", "now", {"time"}),
        ("wasi:clocks/monotonic-clock@0.3.0", "wait-for", {"time", "time.sleep"}),
        ("wasi:filesystem/types@0.2.0", "[method]descriptor.read", {"fs.read"}),
        ("wasi:filesystem/types@0.2.0", "[method]descriptor.write", {"fs.write"}),
        ("wasi:filesystem/types@0.3.0", "[method]descriptor.open-at", {"fs.read", "fs.write"}),
        ("wasi:filesystem/types@0.2.0", "[method]descriptor.new-in-a-later-version", {"fs.read", "fs.write"}),
        ("wasi:sockets/tcp@0.2.0", "[method]tcp-socket.start-connect", {"net.socket"}),
        ("wasi:sockets/types@0.3.0", "[method]tcp-socket.connect", {"net.socket"}),
        ("wasi:http/outgoing-handler@0.2.0", "handle", {"net.http"}),
        ("wasi:http/client@0.3.0", "send", {"net.http"}),
        ("wasi:random/insecure-seed@0.2.0", "insecure-seed", {"random"}),
        ("wasi:sockets/tcp2@0.2.0", "connect", {"opaque"}),
        ("wasi:sockets", "connect", {"opaque"}),
        ("evil:cli/exit@0.2.0", "exit", {"opaque"}),
        ("wasi:cli/exit@0.2.0/x", "exit", {"opaque"}),
        ("exit", "exit", {"opaque"}),
    ],
)
def test_interfaces_of_the_world(interface: str, function: str, labels: set[str]) -> None:
    from munition.capability.imports import Imported

    (found,) = classify([Signature(Imported(interface, function))])
    assert set(found.meaning.labels) == labels


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ('(import "x" (component))', "dyn.link", "component"),
        ('(import "x" (core module))', "dyn.link", "module"),
        ('(import "x" (type (sub resource)))', None, "type"),
        (
            '(import "wasi:io/error@0.2.0" (instance (export "error" (type (sub resource)))))',
            None,
            "instance",
        ),
        ('(component $c) (export "c" (component $c))', "payload", None),
        ('(core module $m) (export "m" (core module $m))', "payload", None),
    ],
)
def test_what_is_no_function(text: str, label: str | None, kind: str | None) -> None:
    report = report_of(f"(component {text})")
    assert report.labels == (() if label is None else (label,))
    assert report.required == (frozenset() if label is None else {"opaque"})
    assert [i.kind for i in report.imports] == ([] if kind is None else [kind])


def test_a_claimed_interface_is_a_hint_and_lowers_nothing() -> None:
    plain = bytes(wat2wasm('(component (import "store" (instance (export "get" (func)))))'))
    attribute = b"\x02\x05store\x01\x00\x12wasi:keyvalue/stor"
    data = plain.replace(b"\x00\x05store", attribute)
    at = data.index(attribute) - 2
    data = data[:at] + bytes((data[at] + len(attribute) - 7,)) + data[at + 1 :]
    report = analyze(data)
    assert report.required == {"opaque"}
    assert report.imports[0].hints[0].text == "wasi:keyvalue/stor"


def test_reports_of_components_can_be_shown() -> None:
    data = SHAPES[1].text
    report = report_of(data)
    assert "inside it: module 1" in report_text("x.wasm", report, per_export=True)
    assert "module 0" in report_page([("x.wasm", report)])
    assert len(report_object(report)["embedded"]) == 3


def test_a_broken_module_inside_is_refused() -> None:
    data = bytearray(wat2wasm('(component (core module (func (export "f"))))'))
    at = data.index(b"\x0b", 20)
    data[at] = 0x05
    with pytest.raises(InvalidModuleError):
        analyze(bytes(data))
