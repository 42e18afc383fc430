# SPDX-License-Identifier: MIT
"""What a script gets of the outside: output, warnings, its own end; and nil for what it does not get."""

from __future__ import annotations

import pytest

import munition
from munition.engine.outcome import Outcome
from munition.errors import CompileError
from munition.host.log import Text

REFUSED = [
    "load",
    "loadstring",
    "loadfile",
    "dofile",
    "os.execute",
    "os.getenv",
    "os.remove",
    "os.rename",
    "os.tmpname",
    "os.setlocale",
    "io.popen",
    "io.read",
    "io.tmpfile",
    "io.output",
    "io.input",
    "io.stdin",
    "package.loadlib",
    "package.searchers",
    "package.searchpath",
    "string.dump",
    "debug.sethook",
    "debug.getlocal",
]


def run(text: str, caps: str = "", **options: str) -> Outcome:
    module = munition.compile(text.encode(), caps, **options)  # type: ignore[arg-type]
    return munition.fire(module, capabilities=caps)


def streams(outcome: Outcome) -> tuple[bytes, bytes]:
    """Standard output and standard error."""
    texts = [entry for entry in outcome.log if isinstance(entry, Text)]
    return tuple(b"".join(t.data for t in texts if t.stream == stream) for stream in (1, 2))  # type: ignore[return-value]


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_name_reads_as_nil(name: str) -> None:
    assert run(f"return {name}, {name} == nil, type({name}), not {name}", "log,time,random").values == (
        None,
        True,
        "nil",
        True,
    )


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize(
    "form",
    [
        "if {n} then {n}('x') end return 1",
        "return {n} and {n}('x') or 1",
        "if not {n} then return 1 end {n}('x')",
        "if type({n}) == 'function' then {n}('x') end return 1",
        "local f = {n} if f then f('x') end return 1",
        "if {n} ~= nil then return {n}('x') else return 1 end",
    ],
)
def test_a_guarded_call_is_accepted_and_skipped(name: str, form: str) -> None:
    assert run(form.replace("{n}", name), "log").values == (1,)


def test_a_guard_vouches_for_its_own_name_only() -> None:
    for text in (
        "if os.getenv then os.execute('x') end",
        "if os then os.execute('x') end",
        "if io.popen then end io.popen('x')",
    ):
        with pytest.raises(CompileError):
            munition.compile(text.encode())


@pytest.mark.parametrize(
    "call", ["os.execute('x')", "load('x')", "os.time()", "io.popen('ls'):read('a')", "io.open('x', 'w')"]
)
def test_at_run_time_a_refused_call_is_an_error_that_can_be_caught(call: str) -> None:
    outcome = run(f"local ok, e = pcall(function() {call} end) return ok, e", denied="runtime")
    ok, message = outcome.values
    assert ok is False
    assert str(message).startswith("script:1: ")
    assert call.partition("(")[0] in str(message)


@pytest.mark.parametrize(
    ("call", "kind", "reason"),
    [
        ("os.exit()", "ok", None),
        ("os.exit(true)", "ok", None),
        ("os.exit(0)", "ok", None),
        ("os.exit(0.0)", "ok", None),
        ("os.exit(false)", "guest_error", "exit:1"),
        ("os.exit(3)", "guest_error", "exit:3"),
        ("os.exit('4')", "guest_error", "exit:4"),
        ("os.exit(-1)", "guest_error", "exit:-1"),
        ("pcall(os.exit, 5)", "guest_error", "exit:5"),
        ("xpcall(os.exit, tostring, 6)", "guest_error", "exit:6"),
        ("coroutine.wrap(function() os.exit(7) end)()", "guest_error", "exit:7"),
        ("table.sort({2, 1}, function() os.exit(8) end)", "guest_error", "exit:8"),
        (
            "local x <close> = setmetatable({}, {__close = function() error('no') end}) os.exit(9)",
            "guest_error",
            "exit:9",
        ),
    ],
)
def test_exit_ends_the_fire_whatever_is_under_way(call: str, kind: str, reason: str | None) -> None:
    outcome = run(f"local print = nil {call} error('still here')")
    assert (outcome.kind, outcome.crash and outcome.crash.reason) == (kind, reason)


def test_exit_with_something_odd_is_an_error() -> None:
    outcome = run("return pcall(os.exit, {})")
    assert outcome.values == (False, "bad argument #1 to 'os.exit' (number expected, got table)")


def test_warnings_are_off_until_they_are_switched_on() -> None:
    text = "warn('a') warn('@on') warn('b', 1, 2.5) warn('@odd') warn('@', 'c') warn('@off') warn('d') print('out')"
    assert streams(run(text, "log")) == (b"out\n", b"Lua warning: b12.5\nLua warning: @c\n")


@pytest.mark.parametrize("arguments", ["", "nil", "'a', {}", "'a', 'b', nil"])
def test_a_warning_is_made_of_strings(arguments: str) -> None:
    outcome = run(f"return pcall(warn, {arguments or 'nil'})", "log")
    assert outcome.values[0] is False
    assert "to 'warn' (string expected, got " in str(outcome.values[1])


def test_files_write_to_their_streams() -> None:
    text = (
        "io.stdout:write('a', 1, 2.5):write('b\\n') io.stderr:write('e\\n') io.write('c'):write('d\\n') "
        "return io.type(io.stdout), tostring(io.stderr), io.flush(), io.stdout:flush(), io.stdout:setvbuf('no'), io.type(1)"
    )
    outcome = run(text, "log")
    assert streams(outcome) == (b"a12.5b\ncd\n", b"e\n")
    assert outcome.values[2:] == (True, True, True, None)
    assert outcome.values[0] == "file"


@pytest.mark.parametrize(
    "text",
    [
        "io.stderr:write('x')",
        "io.write('x')",
        "io.stdout:flush()",
        "warn('x')",
        "io.flush()",
        "print(1)",
        "require('munition.log').info('x')",
    ],
)
def test_output_needs_the_capability_log(text: str) -> None:
    with pytest.raises(CompileError) as caught:
        munition.compile(text.encode(), "time,random")
    assert {d.capability for d in caught.value.diagnostics} == {"log"}


@pytest.mark.parametrize("text", ["io.stdout.write(1, 'x')", "io.stdout:write({})", "io.stdout:write(nil)"])
def test_misuse_of_a_file_is_an_error(text: str) -> None:
    assert run(f"return pcall(function() {text} end)", "log").values[0] is False
