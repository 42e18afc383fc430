# SPDX-License-Identifier: MIT
"""How error messages call what went wrong: every way to use an operand with every way to write one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from munition.module import Module
from tests.support import subject
from tests.support.oracle import Oracle

OPERANDS = (
    "L", "U", "G", "P", "C", "t.f", "t.a.b", "t[1]", "t[300]", "t[i]", "t[L]", "t['x y']", "t[1.5]", "t[true]", "u.f", "G.f", "_ENV.G", "_ENV['G']", "_ENV.t.f",
    "('s')", "(L)", "(t.f)", "f()", "(f())", "s:upper()", "t.f()", "(...)", "select('#')", "(-n)", "(#t)", "(n + 1)", "(s .. n)", "({})", "(function() end)",
    "(1)", "(1.5)", "(nil)", "(true)", "(L or U)", "(L and U)", "(not L)", "(nil or L)", "(1 and t.f)", "math.pi", "string.nope", "tostring(L)", "(t == u)", "t.f.g", "U.x", "P[1]", "t[(1)]", "t[('f')]", "t[C]", "t[K]", "D", "t[D]", "_ENV[C]", "_ENV['x y']",
)  # fmt: skip
USES = (
    "return {} + 1", "return 1 + {}", "return {} + n", "return {} - s", "return {} * L", "return {} // 0", "return {} % 0", "return {} ^ 'x'", "return {} .. 'a'", "return 'a' .. {}", "return n .. {} .. s",
    "return -{}", "return #{}", "return ~{}", "return {}()", "return ({}())", "return {}.y", "return {}[1]", "return {}[nil]", "({}).y = 1", "({})[1] = 1", "({})[nil] = 1", "return {}:m()", "return ({}:m(1))",
    "return {}.y()", "return {}.y.z", "return {} < 1", "return 1 <= {}", "return {} < {}", "return {} & 1", "return 1.5 | {}", "return {} << s", "for i = {}, 1 do end", "for i = 1, {} do end",
    "for i = 1, 2, {} do end", "for k in {} do end", "for k in pairs({}) do end", "local c <close> = {}", "return {}'s'", "return {}{1}", "t[{}] = 1", "return t[{}].x", "return setmetatable({}, 1)",
    "return ('x'):rep({})", "return math.floor({})", "return t.f({})", "error({})", "error({}, 2)", "return tostring({}) + {}", "return {} == {} and {}.x",
)  # fmt: skip
VALUES = ("nil", "true", "{}", "'s'", "1.5", "'7'", "function() end")


def program(uses: tuple[str, ...]) -> bytes:
    """One function for every pair; the argument of the chunk chooses what the variables hold."""
    head = [
        "local which = ...",
        f"local V = ({{{', '.join(f'function() return {v} end' for v in VALUES)}}})[which]()",
        "local U, u, t, s, n, i = V, {f = V}, {f = V, a = {b = V}, V, [300] = V, ['x y'] = V, [1.5] = V, [true] = V}, 'text', 3, 1",
        "G = V",
        "local C <const> = 'constant'",
        "local D <const>, K <const> = 'second', 1",
        "local function f() return V end",
        "local function tell(k, ok, e) print(k, ok, ok and '' or (tostring(e):gsub('0x%x+', 'ADDRESS'))) end",
    ]
    body = [
        f"tell({a * 1000 + b}, pcall(function(P, ...) local L = V; {use.replace('{}', operand)} end, V, V))"
        for a, use in enumerate(uses)
        for b, operand in enumerate(OPERANDS)
    ]
    # Chunks of fewer lines than the limit of constants and upvalues of a function.
    lines = [*head]
    for at in range(0, len(body), 50):
        lines += ["do", *body[at : at + 50], "end"]
    return "\n".join(lines).encode()


CHUNKS = [USES[at : at + 5] for at in range(0, len(USES), 5)]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    made = Oracle()
    yield made
    made.close()


@pytest.mark.parametrize("chunk", range(len(CHUNKS)))
def test_messages_name_what_the_reference_names(chunk: int, oracle: Oracle) -> None:
    source = program(CHUNKS[chunk])
    module = subject.compiled(source)
    assert isinstance(module, Module), module
    wrong: list[tuple[str, str, bytes, bytes]] = []
    for which in range(1, len(VALUES) + 1):
        expected, actual = oracle.run(source, which), subject.fired(module, which)
        assert (expected.status, actual.status) == ("ok", "ok"), (expected.values, actual.values)
        for one, other in zip(expected.output.split(b"\n"), actual.output.split(b"\n"), strict=True):
            if one != other:
                a, b = divmod(int(one.split(b"\t")[0]), 1000)
                wrong.append((VALUES[which - 1], CHUNKS[chunk][a].replace("{}", OPERANDS[b]), one, other))
    assert wrong == []
