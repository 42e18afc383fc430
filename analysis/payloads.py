# SPDX-License-Identifier: MIT
"""Programs carried as data: interpreters, which do whatever the data they are given says, and containers of other code.

Found by strings in the data section. Finding one never takes anything away; not finding one proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.analysis.model import Payload
from munition.analysis.naming import shown

if TYPE_CHECKING:
    from munition.wasm.module import Section

_DATA: Final = 11


@dataclass(frozen=True, slots=True)
class Mark:
    """How a payload is recognised: all strings of one of the groups are in the data section."""

    name: str
    kind: str
    title: str
    groups: tuple[tuple[bytes, ...], ...]


MARKS: Final = (
    Mark("webcil", "container", "a .NET assembly (webcil)", ((b"WbIL\0\0\0\0", b"BSJB"),)),
    Mark(
        "quickjs",
        "interpreter",
        "the QuickJS JavaScript engine",
        ((b"JSFunctionBytecode",), (b"quickjs.c",), (b"QuickJS", b"bytecode")),
    ),
    Mark(
        "spidermonkey",
        "interpreter",
        "the SpiderMonkey JavaScript engine",
        ((b"SpiderMonkey",), (b"JSFunction", b"self-hosted")),
    ),
    Mark("duktape", "interpreter", "the Duktape JavaScript engine", ((b"Duktape", b"duk_"),)),
    Mark("boa", "interpreter", "the Boa JavaScript engine", ((b"boa_engine",),)),
    Mark("micropython", "interpreter", "MicroPython", ((b"MicroPython v",), (b"micropython decorator",))),
    Mark("cpython", "interpreter", "CPython", ((b"PYTHONHOME", b"importlib"),)),
    Mark("ruby", "interpreter", "Ruby", ((b"RUBYOPT", b"undefined method"), (b"mruby ",))),
    Mark(
        "lua", "interpreter", "Lua", ((b"$LuaVersion: ",), (b"_LOADED", b"attempt to %s"), (b"lua_debug> ",))
    ),
    Mark("php", "interpreter", "PHP", ((b"PHP_INI_SCAN_DIR",),)),
    Mark("perl", "interpreter", "Perl", ((b"PERL5LIB",),)),
    Mark("dotnet-mono", "interpreter", "the Mono runtime of .NET", ((b"System.Private.CoreLib", b"mono"),)),
    Mark("sqlite", "interpreter", "SQLite, which runs SQL", ((b"SQLite format 3\0", b"sqlite_master"),)),
    Mark("rhai", "interpreter", "the Rhai scripting engine", ((b"rhai::",),)),
    Mark(
        "wasm-interpreter",
        "interpreter",
        "an interpreter of WebAssembly",
        ((b"wasm3 v",), (b"wasmi::",), (b"wamr",)),
    ),
)


def find_payloads(data: bytes, sections: tuple[Section, ...], code_bytes: int) -> tuple[Payload, ...]:
    """What the data section carries, in the order of the table.

    Args:
        data: the file.
        sections: where its sections are.
        code_bytes: how much code there is; a container has next to none.
    """
    section = next((s for s in sections if s.id == _DATA), None)
    if section is None:
        return ()
    found: list[Payload] = []
    # Most of a large data section is tables: what is printable in it is searched, and only what is found there is looked up.
    text = data[section.start : section.end].translate(None, _UNPRINTABLE)
    for mark in MARKS:
        if mark.kind == "container" and code_bytes > _CONTAINER_CODE:
            continue
        for group in mark.groups:
            if all(part.translate(None, _UNPRINTABLE) in text for part in group) and all(
                data.find(part, section.start, section.end) >= 0 for part in group
            ):
                evidence = tuple(shown(part.decode("latin-1").rstrip("\0")) for part in group)
                found.append(Payload(mark.name, mark.kind, _MESSAGES[mark.kind].format(mark.title), evidence))
                break
    return tuple(found)


_UNPRINTABLE: Final = bytes({*range(256)} - {*range(32, 127)})
_CONTAINER_CODE: Final = 4096
_MESSAGES: Final = {
    "interpreter": "carries {}: with the powers listed here it does whatever the program it is given says",
    "container": "holds {}: code for another module, which runs it with its own powers",
}
