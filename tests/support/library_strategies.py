# SPDX-License-Identifier: MIT
"""Strategies for calls of library functions, as Lua expressions in text."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

_PLAIN: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 %.-*+?[]()^$,:;=_!#&'/<>@`{|}~"
)
_CLASSES: Final = [f"%{c}" for c in "adlswupcxgADLSWUPCXGz"]
_REPLACEMENTS: Final = ["x", "%0", "%1", "%2", "%%", "-", "%", "%y", ""]
_PACK_OPTIONS: Final = (
    "b", "B", "h", "H", "i", "I", "i3", "I5", "i7", "i8", "I16", "i9", "l", "j", "J", "T",
    "f", "d", "n", "s", "s1", "s2", "z", "x", "Xi4", "Xd", "!", "!2", "!4", "!16", "<", ">",
    "=", "c5", "c0", "c", "i17", "q",
)  # fmt: skip


def quoted(data: bytes) -> str:
    """A Lua string literal for `data`."""
    return '"' + "".join(chr(b) if b in _PLAIN else f"\\{b:03d}" for b in data) + '"'


def texts(alphabet: bytes, longest: int) -> st.SearchStrategy[str]:
    """Literals of strings over an alphabet."""
    return st.lists(st.sampled_from(alphabet), max_size=longest).map(lambda b: quoted(bytes(b)))


subjects = texts(b"ab1 .%-xA(", 14)
integers = st.integers(-(2**63) + 1, 2**63 - 1).map(str)
floats = st.floats(allow_nan=False, allow_infinity=False).map(repr)
numbers = st.one_of(
    integers,
    floats,
    st.integers(-20, 300).map(str),
    st.sampled_from(
        ["1/0", "-1/0", "0/0", "-0.0", "2^53", "2^63", "-2^63", "1e15", "1e14", "123456789012345.0"]
    ),
    st.sampled_from(['"10"', '"0x10"', '"1e2"', '" 5 "', '"abc"', '"5.5"', "nil", "true", "{}"]),
)


def _joined(parts: list[str]) -> str:
    return "".join(parts)


_set_items = st.lists(
    st.sampled_from(["a", "b", "1", "a-b", "0-9", "%w", "%s", "%-", "-", "]", "x", "%]", "^"]),
    min_size=1,
    max_size=4,
)
_sets = st.tuples(
    st.sampled_from(["[", "[^"]), _set_items.map(_joined), st.sampled_from(["]", "]", "]", ""])
).map("".join)
_single = st.one_of(st.sampled_from(["a", "b", "1", " ", "x", ".", "%.", "%%", *_CLASSES]), _sets)
_repeated = st.tuples(_single, st.sampled_from(["", "", "*", "+", "-", "?"])).map("".join)
_odd = st.sampled_from(
    ["%1", "%2", "%b()", "%bab", "%f[%w]", "%f[^a]", "%0", "%f", "%b", "%", "^", "$", ")", "()", "*"]
)
_items = st.recursive(
    st.one_of(_repeated, _repeated, _odd),
    lambda inner: st.tuples(
        st.just("("), st.lists(inner, min_size=1, max_size=3).map(_joined), st.sampled_from([")", ")", ""])
    ).map("".join),
    max_leaves=6,
)
patterns = st.tuples(
    st.sampled_from(["", "", "^"]), st.lists(_items, max_size=5).map(_joined), st.sampled_from(["", "", "$"])
).map(lambda parts: quoted("".join(parts).encode()))
_templates = st.lists(st.sampled_from(_REPLACEMENTS), max_size=3).map(
    lambda parts: quoted("".join(parts).encode())
)

_gmatch = (
    "(function() local t = {{}} for a, b in string.gmatch({0}, {1}) do t[#t + 1] = tostring(a) .. '/' .. tostring(b) "
    "if #t > 50 then break end end return table.concat(t, ',') end)()"
)
matches = st.one_of(
    st.builds("string.find({}, {}, {})".format, subjects, patterns, st.integers(-5, 8)),
    st.builds("string.match({}, {})".format, subjects, patterns),
    st.builds("string.gsub({}, {}, {})".format, subjects, patterns, _templates),
    st.builds(
        "string.gsub({}, {}, function(...) return select('#', ...) .. (...) end, {})".format,
        subjects, patterns, st.integers(0, 5),
    ),
    st.builds(_gmatch.format, subjects, patterns),
)  # fmt: skip

_specifications = st.tuples(
    st.just("%"),
    st.lists(st.sampled_from("-+ #0"), max_size=2).map(_joined),
    st.sampled_from(["", "", "5", "12", "30", "99", "100", "03"]),
    st.sampled_from(["", "", ".", ".0", ".1", ".3", ".10", ".20", ".99", ".100"]),
    st.sampled_from("diuoxXcsqaAeEfgGfgdsFy%"),
).map(lambda parts: quoted(f"<{''.join(parts)}>".encode()))
# not NaN: padding would show its sign, which nobody promises
formats = st.builds(
    "string.format({}, {})".format, _specifications, numbers.filter(lambda text: text != "0/0")
)

_pack_arguments = st.one_of(st.integers(-130, 70000).map(str), integers, texts(b"ab\0x", 7), st.just("1.5"))
_pack_formats = st.lists(st.sampled_from(_PACK_OPTIONS), min_size=1, max_size=6).map(
    lambda o: quoted("".join(o).encode())
)
_packed = st.tuples(_pack_formats, st.lists(_pack_arguments, max_size=5)).map(
    lambda t: ", ".join((t[0], *t[1]))
)
packs = st.one_of(
    _packed.map("string.pack({})".format),
    _pack_formats.map("string.packsize({})".format),
    st.tuples(_pack_formats, texts(bytes(range(256)), 24), st.integers(-3, 9)).map(
        lambda t: f"string.unpack({t[0]}, {t[1]}, {t[2]})"
    ),
)

_utf8_bytes = bytes(
    [
        0x41,
        0x7F,
        0x80,
        0xBF,
        0xC2,
        0xC3,
        0xE0,
        0xA0,
        0xED,
        0x9F,
        0xF0,
        0x90,
        0xF4,
        0x8F,
        0xF8,
        0xFC,
        0xFF,
        0xE2,
        0x82,
        0xAC,
    ]
)
_encoded = st.one_of(
    texts(_utf8_bytes, 8), st.text(max_size=6).map(lambda s: quoted(s.encode("utf-8", "surrogatepass")))
)
_position = st.integers(-4, 9)
utf8_calls = st.one_of(
    st.builds("utf8.len({}, {}, {}, {})".format, _encoded, _position, _position, st.sampled_from(["nil", "true"])),
    st.builds("utf8.codepoint({}, {}, {}, {})".format, _encoded, _position, _position, st.sampled_from(["nil", "true"])),
    st.builds("utf8.offset({}, {})".format, _encoded, _position),
    st.builds("utf8.offset({}, {}, {})".format, _encoded, _position, _position),
    st.builds(
        "(function() local t = {{}} for p, c in utf8.codes({}, {}) do t[#t + 1] = p .. ':' .. c end "
        "return table.concat(t, ' ') end)()".format,
        _encoded, st.sampled_from(["nil", "true"]),
    ),
)  # fmt: skip

_lists = st.lists(st.one_of(st.integers(0, 5), st.integers(-1000, 1000)).map(str), max_size=140).map(
    ", ".join
)
_sort_pairs = (
    "(function() local t = {{{0}}} for i = 1, #t do t[i] = {{t[i], i}} end "
    "table.sort(t, function(a, b) return a[1] {1} b[1] end) "
    "for i = 1, #t do t[i] = t[i][1] .. '/' .. t[i][2] end return table.concat(t, ',') end)()"
)
_edit = st.one_of(
    st.builds("pcall(table.insert, t, {})".format, _position),
    st.builds("pcall(table.insert, t, {}, {})".format, _position, _position),
    st.builds("pcall(table.remove, t, {})".format, _position),
    st.just("table.remove(t)"),
)
# Shown element by element: the length of a list with holes is nothing to agree on.
_move = (
    "(function() local t, s = table.move({{1, 2, 3, 4, 5}}, {}, {}, {}), {{}} "
    "for i = -4, 16 do s[#s + 1] = tostring(t[i]) end return table.concat(s, ',') end)()"
)
table_calls = st.one_of(
    st.builds(_move.format, st.integers(-4, 9), st.integers(-4, 9), st.integers(-4, 9)),
    st.builds(_sort_pairs.format, _lists, st.sampled_from("<>")),
    _lists.map("(function() local t = {{{0}}} table.sort(t) return table.concat(t, ',') end)()".format),
    st.builds("table.concat({{{}}}, '-', {}, {})".format, _lists, _position, _position),
    st.builds("table.unpack({{1, 2, 3, 4, 5}}, {}, {})".format, _position, _position),
    st.lists(_edit, max_size=8).map(
        lambda edits: (
            "(function() local t = {1, 2, 3, 4, 5} local r = {"
            + ", ".join(
                f"tostring((select(2, {e})))"
                if e.startswith("pcall(table.remove")
                else f"tostring((select('#', {e})))"
                for e in edits
            )
            + "} return table.concat(t, ',', 1, #t), table.concat(r, ' ') end)()"
        )
    ),
)
