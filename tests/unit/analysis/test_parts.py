# SPDX-License-Identifier: MIT
from __future__ import annotations

import itertools
import re

import pytest
from wasmtime import wat2wasm

from munition.analysis import Options, analyze, infer_capabilities
from munition.analysis.compare import compare
from munition.analysis.glue import read_glue
from munition.analysis.naming import shown, skeleton
from munition.analysis.overriding import with_overrides
from munition.analysis.settings import Override
from munition.capability.imports import WASI, WASI_RULES, Imported, required
from munition.capability.names import NAMES
from munition.capability.taxonomy import FAMILIES, Signature, classify, labels_of
from munition.capability.taxonomy_labels import LABELS, by_risk, catalogue_names, label_of


def module(*imports: str, rest: str = "") -> bytes:
    return bytes(wat2wasm(f"(module {' '.join(f'(import {item})' for item in imports)} {rest})"))


def labels(
    *pairs: tuple[str, str], sections: tuple[str, ...] = (), type: str = "() -> ()"
) -> tuple[str, ...]:
    found = labels_of(classify([Signature(Imported(*pair), type) for pair in pairs], sections))
    return by_risk(label for own in found for label in own)


def test_every_label_stands_for_a_name_of_the_catalogue_or_for_none() -> None:
    for label in LABELS.values():
        assert label.catalogue is None or label.catalogue in NAMES
        assert label.summary
        assert label.hostile.endswith(".")
    assert set(NAMES) == {label.catalogue for label in LABELS.values()} - {None}


def test_every_row_speaks_in_known_labels_and_every_expression_compiles() -> None:
    for family in FAMILIES:
        re.compile(family.modules)
        re.compile(family.needs)
        meanings = [row.meaning for row in family.rows] + ([family.rest] if family.rest else [])
        for meaning in meanings:
            for label in meaning.labels + meaning.opened:
                assert label_of(label).name == label
        for row in family.rows:
            assert bool(row.names) != bool(row.pattern)
            re.compile(row.pattern)


@pytest.mark.parametrize("count", [1, 2])
def test_the_taxonomy_and_the_linker_agree_on_wasi(count: int) -> None:
    for names in itertools.combinations(WASI_RULES, count):
        items = [Imported(WASI, name) for name in names]
        found = labels_of(classify([Signature(item) for item in items]))
        assert catalogue_names(label for own in found for label in own) == required(items), names


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("wasi:http/outgoing-handler@0.2.3", "handle")], {"net.http"}),
        ([("wasi:filesystem/types@0.2.0", "[method]descriptor.write")], {"fs.write"}),
        ([("wasi:filesystem/types@0.2.0", "[method]descriptor.new-method")], {"fs.read", "fs.write"}),
        ([("wasi:filesystem/types@0.2.0", "[resource-drop]descriptor")], set()),
        ([("wasi:made-up/thing@0.2.0", "f")], {"opaque"}),
        ([("wasi", "thread-spawn")], {"thread"}),
        ([("wasi", "thread-spawned")], {"opaque"}),
        ([("env", "__syscall_openat")], {"fs.read", "fs.write"}),
        ([("env", "__syscall_new_one")], {"opaque"}),
        ([("env", "emscripten_asm_const_int")], {"js.any"}),
        ([("env", "system")], {"proc.exec"}),
        ([("a", "b")], {"opaque"}),
        ([("gojs", "syscall/js.valueCall")], {"js.any"}),
        ([("gojs", "runtime.walltime")], {"time"}),
        ([("wbg", "__wbg_fetch_0123456789abcdef")], {"net.http"}),
        ([("wbg", "__wbg_fetch")], {"opaque"}),
        ([("wbg", "__wbg_new_0123456789abcdef")], {"opaque"}),
        ([("./x_bg.js", "__wbindgen_throw")], set()),
        ([("./x_bg.js.evil", "__wbindgen_throw")], {"opaque"}),
        ([("env", "mono_wasm_invoke_js_function")], {"js.any"}),
        ([("js_code", "anything")], {"js.any"}),
        ([("javascript_kit", "swjs_call_function")], {"js.any"}),
        ([("env", "napi_create_object")], {"host:napi"}),
        ([("env", "proxy_log"), ("env", "proxy_http_call")], {"log", "net.http"}),
        ([("extism:host/env", "http_request")], {"net.http"}),
        ([("extism:host/user", "kv_read")], {"host:extism.user.kv_read"}),
        ([("env", "opa_abort"), ("env", "opa_builtin1")], {"host:opa.builtin"}),
        ([("env", "db_read"), ("env", "query_chain")], {"storage", "host:cosmwasm.query"}),
        ([("dprint", "host_write_buffer")], {"host:dprint.host_write_buffer"}),
        ([("munition:filesystem_read", "open")], {"fs.read"}),
        ([("munition:nothing", "open")], {"opaque"}),
        ([("wasm:js-string", "concat")], set()),
        ([("rb-js-abi-host", "eval-js: func")], {"js.any"}),
    ],
)
def test_what_imports_of_each_family_mean(pairs: list[tuple[str, str]], expected: set[str]) -> None:
    assert set(labels(*pairs)) == expected


def test_libc_names_are_harmless_in_side_modules_only() -> None:
    assert labels(("env", "malloc"), sections=("dylink.0",)) == ()
    assert labels(("env", "malloc")) == ("opaque",)


def test_assemblyscript_is_recognised_by_the_type_of_abort() -> None:
    four = Signature(Imported("env", "abort"), "(i32, i32, i32, i32) -> ()")
    none = Signature(Imported("env", "abort"), "() -> ()")
    seed = Signature(Imported("env", "console.log"), "(i32) -> ()")
    assert labels_of(classify([four, seed]))[1] == ("log",)
    assert labels_of(classify([four]))[0] == labels_of(classify([none]))[0] == ()


def test_files_count_only_where_something_opens_them() -> None:
    assert labels((WASI, "fd_write")) == ("stdio.out",)
    for opener in (
        (WASI, "path_open"),
        ("env", "mystery"),
        ("gojs", "syscall/js.valueCall"),
        ("dprint", "host_format"),
    ):
        assert "fs.write" in labels((WASI, "fd_write"), opener)


FD_WRITE = f'"{WASI}" "fd_write" (func $w (param i32 i32 i32 i32) (result i32))'
PATH_OPEN = f'"{WASI}" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))'
WRAPPER = (
    "(func $say (param i32) (drop (call $w (local.get 0) (i32.const 0) (i32.const 0) (i32.const 0))))"
    ' (func (export "r") (call $say (i32.const 1)) (call $say (i32.const 2)))'
)


def test_constants_are_followed_through_wrappers_and_narrow_the_labels() -> None:
    report = analyze(module(FD_WRITE, PATH_OPEN, rest=WRAPPER))
    assert report.imports[0].arguments[0].values == (1, 2)
    assert report.imports[0].labels == ("stdio.out",)


@pytest.mark.parametrize(
    "rest",
    [
        WRAPPER.replace("(func $say", '(func $say (export "say")'),
        WRAPPER + "(table 1 funcref) (elem (i32.const 0) $say)",
        WRAPPER.replace("(drop", "(local.set 0 (i32.const 5)) (drop"),
        WRAPPER.replace("(call $say (i32.const 1))", "(call $say (block (result i32) (i32.const 1)))"),
        WRAPPER.replace("(i32.const 2)", "(i32.add (i32.const 2) (i32.const 1))"),
    ],
    ids=["exported wrapper", "wrapper in a table", "changed parameter", "value of a block", "computed"],
)
def test_a_value_that_is_not_proved_is_unknown(rest: str) -> None:
    report = analyze(module(FD_WRITE, PATH_OPEN, rest=rest))
    assert report.imports[0].arguments[0].values is None
    assert "fs.write" in report.imports[0].labels


def test_renumbering_or_closing_descriptors_undoes_the_narrowing() -> None:
    renumber = f'"{WASI}" "fd_renumber" (func (param i32 i32) (result i32))'
    close = f'"{WASI}" "fd_close" (func $c (param i32) (result i32))'
    closing = WRAPPER + ' (func (export "close") (param i32) (drop (call $c (local.get 0))))'
    closing_seven = WRAPPER + ' (func (export "close") (drop (call $c (i32.const 7))))'
    assert "fs.write" in analyze(module(FD_WRITE, PATH_OPEN, renumber, rest=WRAPPER)).imports[0].labels
    assert "fs.write" in analyze(module(FD_WRITE, PATH_OPEN, close, rest=closing)).imports[0].labels
    assert "fs.write" not in analyze(module(FD_WRITE, PATH_OPEN, close, rest=closing_seven)).imports[0].labels


MINIFIED = module('"a" "a" (func)', '"a" "b" (func)', '"a" "c" (func)')
GLUE = "var x={z:1};/* {a:_no} */function f(){return /[{]/.test('{a:_bad')}var imports={a:_fd_write,b:function(q){return{a:1,b:2}},\"c\":___syscall_openat};"


def test_glue_gives_hints_and_changes_no_label() -> None:
    plain, hinted = analyze(MINIFIED), analyze(MINIFIED, Options(glue=GLUE))
    assert hinted.labels == plain.labels == ("opaque",)
    texts = [item.hints[0].text for item in hinted.imports]
    assert texts == ["_fd_write", "function(q){return{a:1,b:2}}", "___syscall_openat"]
    assert hinted.imports[0].hints[0].labels == ("stdio.out",)
    assert hinted.imports[2].hints[0].labels == ("fs.read", "fs.write")


@pytest.mark.parametrize(
    "text",
    ["", "{a:1}", "({a:1,b:2", "`${`", "'" * 1001, "{" * 5000, "/" * 5000, "}})]" * 100, "{a:b,b:{a:c}}"],
)
def test_glue_that_does_not_fit_says_nothing(text: str) -> None:
    assert read_glue(text, ("a", "b", "c")) == {}


def test_payloads_are_reported_and_containers_are_not_pure() -> None:
    engine = analyze(module(rest='(memory 1) (data (i32.const 0) "xx $LuaVersion: Lua 5.4.6 $")'))
    assert [p.name for p in engine.payloads] == ["lua"]
    assert engine.required == frozenset()
    container = analyze(module(rest='(memory 1) (data "WbIL\\00\\00\\00\\00 BSJB")'))
    assert container.labels == ("payload",)
    assert container.required == {"opaque"}


def test_overrides_change_labels_visibly_and_only_for_their_module() -> None:
    report = analyze(module('"game" "score" (func $f)', rest='(func (export "r") call $f)'))
    judged = with_overrides(report, [Override("game", "score", (), "it only counts")])
    assert (judged.labels, judged.required, judged.exports[0].labels) == ((), frozenset(), ())
    assert judged.notes[-1].code == "N20"
    other = with_overrides(report, [Override("game", "score", (), "it only counts", sha256="0" * 64)])
    assert other.labels == ("opaque",)


def test_comparison_is_symmetric() -> None:
    old, new = analyze(module(FD_WRITE)), analyze(module(PATH_OPEN, FD_WRITE))
    there, back = compare(old, new), compare(new, old)
    assert (there.gained, there.lost) == (back.lost, back.gained) == (("fs.read", "fs.write"), ())
    assert [i.name for i in there.imports_added] == ["path_open"]
    assert not compare(old, old).capabilities_differ


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("a\nb", "a\\nb"),
        ("\x1b[0m", "\\x1b[0m"),
        ("\u202e", "\\u202e"),
        ("x" * 200, "x" * 120 + "..."),
    ],
)
def test_names_are_shown_on_one_line_in_ascii(text: str, safe: str) -> None:
    assert shown(text) == safe


def test_doubles_have_one_skeleton() -> None:
    assert (
        len(
            {
                skeleton(t)
                for t in (
                    "time",
                    "TIME",
                    "t\u0131me",
                    "\u0442\u0456me".replace("\u0442", "t"),
                    "ti\u200bme",
                    "\uff54ime",
                )
            }
        )
        == 1
    )


def test_the_report_and_the_quick_answer_agree() -> None:
    for data in (MINIFIED, module(FD_WRITE), module(FD_WRITE, '"env" "memory" (memory 1)'), module()):
        assert analyze(data).required == infer_capabilities(data)
