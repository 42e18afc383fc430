# SPDX-License-Identifier: MIT
"""PUC-Lua 5.4 judges: what it compiles we accept, what it refuses we refuse, with its message on its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from munition.attenuators.lua.lexer import tokenize
from munition.diagnostics import Diagnostic
from munition.source import Source

Refuse: TypeAlias = Callable[[bytes], tuple[Diagnostic, ...]]
Judge: TypeAlias = Callable[[bytes], str | None]

EXAMPLES: Final = Path(__file__).parents[4] / "examples"
STATEMENTS: Final = """\
local a <const>, b <close>, c = 1, nil
local function f(x, ...) local n = select("#", ...) return n, ... end
function t.u:v(w) self.w = w or -2 ^ 3 .. "s" return self:v(w)(1)[2].z end
for i = #t, 1, -1 do if i % 2 == 0 then goto continue elseif not i then break else f(i) end ::continue:: end
for k, v in pairs { 1, x = 2; [3] = f, } do t[k], v = v, k end
while a < b and c >= 1 or a ~= b do a, b = b, a end
repeat local done = a // 1 | b & c ~ 1 << 2 >> 3 until done == nil
do local x <const> = [[long]] goto out end ::out::
f"str" f{...} f'x':y() (f or g)(...)
x = function(...) return (...) end
y = a .. b .. "c" .. 1.5e3 .. 0x.8p1
return true, false, nil
""".splitlines()
PIECES: Final = [
    "and",
    "break",
    "do",
    "else",
    "elseif",
    "end",
    "false",
    "for",
    "function",
    "goto",
    "if",
    "in",
    "local",
    "nil",
    "not",
    "or",
    "repeat",
    "return",
    "then",
    "true",
    "until",
    "while",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "#",
    "&",
    "~",
    "|",
    "<<",
    ">>",
    "//",
    "==",
    "~=",
    "<=",
    ">=",
    "<",
    ">",
    "=",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "::",
    ";",
    ":",
    ",",
    ".",
    "..",
    "...",
    "x",
    "y",
    "1",
    "2.5",
    "'s'",
    "<const>",
    "<close>",
    "::l::",
]
programs = st.lists(st.sampled_from(STATEMENTS[:-1]), min_size=1, max_size=4).map(
    lambda lines: "\n".join(lines).encode()
)


@st.composite
def edited(draw: st.DrawFn, texts: st.SearchStrategy[bytes]) -> bytes:
    """A program with one or two tokens inserted, removed, replaced or doubled."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 2))):
        tokens = tokenize(Source("test", text))
        at = draw(st.integers(0, len(tokens.kinds) - 1))
        start, end = tokens.starts[at], tokens.ends[at]
        piece = f" {draw(st.sampled_from(PIECES))} ".encode()
        text = draw(
            st.sampled_from(
                [
                    text[:start] + piece + text[start:],
                    text[:start] + text[end:],
                    text[:start] + piece + text[end:],
                    text[:end] + b" " + text[start:],
                ]
            )
        )
    return text


SYNTAX: Final = ("expected", "unexpected symbol", "syntax error", "unfinished")


def agree(text: bytes, refuse: Refuse, judge: Judge) -> None:
    text = b" " + text  # a first line that begins with # is skipped in files, which is what we compile
    verdict, diagnostics = judge(text), refuse(text)
    assert (verdict is None) == (diagnostics == ()), (verdict, diagnostics)
    if verdict is None:
        return
    line, _, message = verdict.partition(": ")
    ours = diagnostics[0]
    if any(
        phrase in message for phrase in SYNTAX
    ):  # PUC-Lua finds faults of scope on its way, before later ones of syntax
        assert Source("test", text).line_of(ours.span.start) == int(line)
        assert _plain(ours.message) == _plain(message)


def _plain(message: str) -> str:
    """Without what we say in addition, and without the text of the token, of which we show less."""
    return message.partition(" (to close")[0].partition(" near")[0]


@given(text=edited(programs))
def test_edited_programs_are_judged_alike(text: bytes, refuse: Refuse, judge: Judge) -> None:
    agree(text, refuse, judge)


@given(tokens=st.lists(st.sampled_from(PIECES), max_size=12))
def test_token_soup_is_judged_alike(tokens: list[str], refuse: Refuse, judge: Judge) -> None:
    agree(" ".join(tokens).encode(), refuse, judge)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.lua")), ids=lambda path: path.name)
def test_the_examples_are_accepted(path: Path, refuse: Refuse, judge: Judge) -> None:
    text = path.read_bytes()
    assert judge(text) is None
    assert refuse(text) == ()


@given(data=st.data())
def test_edited_examples_are_judged_alike(data: st.DataObject, refuse: Refuse, judge: Judge) -> None:
    path = data.draw(st.sampled_from(sorted(EXAMPLES.glob("*.lua"))))
    agree(data.draw(edited(st.just(path.read_bytes()))), refuse, judge)
