# SPDX-License-Identifier: MIT
"""What reaches the log: text written by io, and records of the module munition.log."""

from __future__ import annotations

import pytest

import munition
from munition.engine.outcome import Outcome
from munition.host.log import Record


def run(source: str) -> Outcome:
    module = munition.compile(source.encode(), "log", name="s")
    outcome = munition.fire(module, capabilities="log")
    assert outcome.ok, outcome.crash
    return outcome


def records(outcome: Outcome) -> list[tuple[str, str, object]]:
    return [(e.level, e.message, e.fields) for e in outcome.log if isinstance(e, Record)]


def test_write_takes_strings_and_numbers() -> None:
    outcome = run(
        'io.write("a", 1, " ", 2.5, " ", 1.0, " ", -0.0, " ", 2^53, " ", 1/0, "\\n", "b") io.write() io.write("c")'
    )
    assert outcome.text() == b"a1 2.5 1 -0 9.007199254741e+15 inf\nbc"


def test_long_texts_arrive_whole() -> None:
    outcome = run('io.write(("x"):rep(3000), 1, ("y"):rep(1024), ("z"):rep(5)) io.write(("w"):rep(5000))')
    assert outcome.text() == b"x" * 3000 + b"1" + b"y" * 1024 + b"z" * 5 + b"w" * 5000


def test_what_stands_before_a_wrong_argument_is_written() -> None:
    outcome = run('return select(2, pcall(function() io.write("a", {}, "b") end))')
    assert outcome.text() == b"a"
    assert outcome.values == ("s:1: bad argument #2 to 'write' (string expected, got table)",)


def test_files_chain_and_have_their_streams() -> None:
    outcome = run(
        'io.stdout:write("out "):write(1, "\\n") io.stderr:write("err\\n") return io.write("") == io.stdout'
    )
    assert outcome.text(1) == b"out 1\n"
    assert outcome.text(2) == b"err\n"
    assert outcome.values == (True,)


FILES = {
    "io.type(io.stdout), io.type(io.stderr)": ("file", "file"),
    "io.type(5), io.type({})": (None, None),
    "tostring(io.stdout), type(io.stdout)": ("file (stdout)", "userdata"),
    "io.stdout:flush()": (True,),
    "io.stdout:setvbuf('no')": (True,),
    "io.stdout:close()": (None, "cannot close standard file"),
    "io.stderr:seek()": (None, "Illegal seek"),
    "io.stdout.nothing": (None,),
    "select(2, pcall(io.type))": ("bad argument #1 to 'io.type' (value expected)",),
    "select(2, pcall(function() io.stdout.write() end))": (
        "s:1: bad argument #1 to 'write' (FILE* expected, got no value)",
    ),
    "select(2, pcall(function() io.stdout:write({}) end))": (
        "s:1: bad argument #1 to 'write' (string expected, got table)",
    ),
    "select(2, pcall(function() io.stdout:setvbuf('x') end))": (
        "s:1: bad argument #1 to 'setvbuf' (invalid option 'x')",
    ),
}


@pytest.mark.parametrize("expression", FILES)
def test_file_objects(expression: str) -> None:
    assert run(f"return {expression}").values == FILES[expression]


def test_records_have_levels_messages_and_fields() -> None:
    outcome = run(
        'local log = require "munition.log" '
        'log.debug("plain") log.info("order", {id = 7, total = 2.5, paid = true, lines = {1, "two", {x = false}}}) '
        'log.warn(12) log.error("bytes \\255", {})'
    )
    assert records(outcome) == [
        ("debug", "plain", {}),
        ("info", "order", {"id": 7, "total": 2.5, "paid": True, "lines": [1, "two", {"x": False}]}),
        ("warning", "12", {}),
        ("error", "bytes \ufffd", {}),
    ]


REFUSED = {
    "": "#1 to 'info' (string expected, got no value)",
    "{}": "#1 to 'info' (string expected, got table)",
    "'x', 5": "#2 to 'info' (table expected, got number)",
    "'x', {1, 2}": "#2 to 'info' (the names of fields must be strings of UTF-8)",
    "'x', {[1.5] = 1}": "#2 to 'info' (the names of fields must be strings of UTF-8)",
    "'x', {a = 1, [true] = 1}": "#2 to 'info' (the names of fields must be strings of UTF-8)",
    "'x', {['\\255'] = 1}": "#2 to 'info' (the names of fields must be strings of UTF-8)",
    "'x', {f = print}": "#2 to 'info' (fields[\"f\"]: a function)",
    "'x', {a = {b = {print}}}": '#2 to \'info\' (fields["a"]["b"][1]: a function)',
    "'x', cycle": "#2 to 'info' (fields[\"self\"]: a table that contains itself)",
    "'x', {big = ('x'):rep(70000)}": "#2 to 'info' (the fields are longer than 64 KiB)",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_refuses_what_is_no_record(arguments: str) -> None:
    outcome = run(
        'local log = require "munition.log" local cycle = {} cycle.self = cycle '
        f"local ok, message = pcall(function() log.info({arguments}) end) return message"
    )
    assert outcome.values == (f"s:1: bad argument {REFUSED[arguments]}",)
    assert records(outcome) == []


def test_a_long_message_is_cut_by_the_host() -> None:
    outcome = run('require("munition.log").info(("x"):rep(1000000))')
    ((_, message, _),) = records(outcome)
    assert message.startswith("xxx")
    assert len(message) < 70000
