# SPDX-License-Identifier: MIT
"""What the JavaScript beside a module calls its minified imports.

Glue is written by whoever wrote the module and says nothing about what another host supplies: hints only. One pass over the
text finds the object literal whose keys are the import names; nothing is run, nothing recurses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from munition.analysis.model import Hint
from munition.analysis.naming import shown
from munition.capability.imports import Imported
from munition.capability.taxonomy import Signature, classify, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_GLUE: Final = 32 << 20
_MAX_VALUE: Final = 100
_MAX_DEPTH: Final = 10_000

# What can be skipped as a whole: strings, templates without nesting, comments, numbers and words; then one character.
_TOKEN: Final = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`)"""
    r"""|(?P<comment>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)"""
    r"""|(?P<word>[A-Za-z_$][\w$]*+)|(?P<space>\s++)|(?P<mark>.)""",
    re.DOTALL,
)
_REGEX: Final = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++/[a-z]*")
_BEFORE_REGEX: Final = frozenset("(,=:[!&|?{};~+-*%<>^\n")
_PLAIN: Final = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(slots=True)
class _Frame:
    """One open bracket, and what it holds if it is an object literal."""

    opener: str
    keys: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    key: str | None = None
    value: int = 0
    fresh: bool = True


def read_glue(text: str, wanted: Iterable[str]) -> Mapping[str, str]:
    """Import name -> source text of the value that the one fitting object literal gives it; empty if none fits.

    Args:
        text: JavaScript.
        wanted: the import names of one import module. A literal fits when it has nine in ten of them.
    """
    names = frozenset(wanted)
    if not names or len(text) > MAX_GLUE:
        return {}
    best: dict[str, tuple[int, int]] = {}
    for frame in _literals(text):
        if len(names & frame.keys()) > len(names & best.keys()):
            best = frame
    if len(names & best.keys()) * 10 < len(names) * 9:
        return {}
    return {name: text[slice(*best[name])][:_MAX_VALUE].strip() for name in sorted(names & best.keys())}


def _literals(text: str) -> Iterable[dict[str, tuple[int, int]]]:
    """The keys, with the extents of their values, of every object literal."""
    stack: list[_Frame] = []
    position, before = 0, "\n"
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return
        if match.lastgroup == "mark" and match.group() == "/" and before in _BEFORE_REGEX:
            match = _REGEX.match(text, position) or match
        start, position = position, match.end()
        kind, piece = match.lastgroup, match.group()
        if kind in {"space", "comment"}:
            continue
        frame = stack[-1] if stack else None
        if piece in _OPEN and kind == "mark":
            if frame is not None:
                _note(frame, piece, start)
            if len(stack) >= _MAX_DEPTH:
                return
            stack.append(_Frame(piece))
        elif piece in _CLOSE and kind == "mark":
            if stack:
                closed = stack.pop()
                _finish(closed, start)
                if closed.opener == "{" and closed.keys:
                    yield closed.keys
        elif frame is not None and frame.opener == "{":
            _inside(frame, kind or "", piece, start, position)
        before = piece[-1] if kind != "word" else "a"


_OPEN: Final = frozenset("({[")
_CLOSE: Final = frozenset(")}]")


def _note(frame: _Frame, piece: str, start: int) -> None:
    """A bracket opens inside `frame`: the key of a method stands before it."""
    if frame.opener == "{" and frame.key is not None and frame.value == 0 and piece == "(":
        frame.value = start


def _inside(frame: _Frame, kind: str, piece: str, start: int, end: int) -> None:
    """One piece directly inside an object literal (or a block, whose keys come to nothing)."""
    if piece == "," and kind == "mark":
        _finish(frame, start)
        frame.fresh = True
    elif frame.fresh and kind in {"word", "string"}:
        frame.key = piece if kind == "word" else piece[1:-1]
        frame.fresh, frame.value = False, 0
    elif piece == ":" and kind == "mark" and frame.key is not None and frame.value == 0:
        frame.value = end
    elif piece == ";" and kind == "mark":
        frame.key, frame.fresh = None, True


def _finish(frame: _Frame, end: int) -> None:
    """The property that was being read is over."""
    if frame.key is not None and frame.value and len(frame.keys) < _MAX_DEPTH:
        frame.keys.setdefault(frame.key, (frame.value, end))
    frame.key = None


def hint_of(source: str, text: str) -> Hint:
    """What the piece of code `text` says about an import; with labels when it is the readable name of a known function."""
    if source == "glue" and not _PLAIN.fullmatch(text):
        return Hint(source, shown(text), ())
    return Hint(source, shown(text), readable_labels(text))


def readable_labels(text: str) -> tuple[str, ...]:
    """The labels of a function that Emscripten would call `text` (one underscore before the C name)."""
    for name in (text[1:] if text.startswith("_") else text, text):
        for module in ("wasi_snapshot_preview1", "env"):
            found = classify([Signature(Imported(module, name))])
            if found[0].family != "unknown":
                return labels_of(found)[0]
    return ()
