# SPDX-License-Identifier: MIT
"""What to write instead, for what people used to JavaScript and TypeScript write.

A table: code, a pattern of the message, a pattern of the line from the place on (or, with `whole`, of the whole line), the
hint. The first row that fits counts. The compiler's code alone often means many things; the source tells them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from munition.source import Span


@dataclass(frozen=True, slots=True)
class Hint:
    """One row.

    Attributes:
        code: of the compiler.
        message: what its message must hold.
        line: what the text from the place to the end of the line must begin with, or what the whole line must hold.
        text: the hint.
        whole: whether `line` is about the whole line.
    """

    code: str
    message: str
    line: str
    text: str
    whole: bool = False


def hint_for(code: str, message: str, text: bytes, span: Span) -> str | None:
    """A hint for one diagnostic, if there is one."""
    start = text.rfind(b"\n", 0, span.start) + 1
    end = text.find(b"\n", span.start)
    line = text[start : end if end >= 0 else len(text)][:2000].decode("utf-8", "replace")
    rest = text[span.start : end if end >= 0 else len(text)][:400].decode("utf-8", "replace")
    for hint in HINTS:
        if hint.code != code or not re.search(hint.message, message):
            continue
        if re.search(hint.line, line) if hint.whole else re.match(hint.line, rest):
            return hint.text
    return _named(code, message)


def _named(code: str, message: str) -> str | None:
    if code == "TS2304" and (found := re.match(r"Cannot find name '(\w+)'", message)):
        return NAMES.get(found[1])
    if code == "TS2339" and (found := re.match(r"Property '(\w+)' does not exist on type '(.*)'", message)):
        return PROPERTIES.get(found[1])
    return None


_ANY: Final = ""
_TYPES: Final = "write the types of parameters and of the result: function f(a: i32, b: string): f64"
_CLASS: Final = (
    "declare a class with these fields: class Point { constructor(public x: f64, public y: f64) {} }"
)

HINTS: Final = (
    # --- AS100: not implemented
    Hint("AS100", "Closures", _ANY, "an inner function sees no variables around it: pass them as parameters, or use a "
         "variable of the file or a field of a class"),
    Hint("AS100", "Exceptions", _ANY, "there is no try: return null or a result object where something can fail; a throw "
         "ends the run and its message is reported"),
    Hint("AS100", "Iterators", _ANY, "write `for (const x of list)` without a type, or a loop over an index"),
    Hint("AS100", "Regular expressions", _ANY, "there are no regular expressions: use indexOf, includes, split, startsWith, "
         "charCodeAt"),
    Hint("AS100", "Spread operator", _ANY, "write a.concat(b), or a.slice() for a copy"),
    Hint("AS100", "union types", r".*undefined", "there is no undefined: use T | null"),
    Hint("AS100", "union types", _ANY, "the only union is T | null: use a base class, an enum, or two functions"),
    Hint("AS100", "[Ii]nterface hidden classes", _ANY, _CLASS),
    Hint("AS100", "Const assertion", _ANY, "leave out `as const`"),
    Hint("AS100", "Generators|Async", _ANY, "calls of the host are plain calls that wait: leave out async and await"),
    # --- parse errors, told apart by the source
    Hint("TS1109", _ANY, r"\?\.|.*\?\.", "there is no `?.`: write x ? x.y : z", whole=True),
    Hint("TS1109", _ANY, r"\?\?", "there is no `??`: write x !== null ? x : y, or x || y for strings", whole=True),
    Hint("TS1109", _ANY, r"\b\w+\s*:\s*(for|while|do)\b", "there are no labels: use a flag, or a function and return", whole=True),
    Hint("TS1109", _ANY, r"\bextends\b.*\?", "there are no conditional types: use isString<T>(), isInteger<T>() and the like in "
         "generic code", whole=True),
    Hint("TS1003", _ANY, r"\bfunction\s*\*", "there are no generators: fill an array, or call a function for each item", whole=True),
    Hint("TS1003", _ANY, r"\b(let|const|var)\s*[\[{]", "there is no destructuring: write const a = p[0]; const b = p[1];", whole=True),
    Hint("TS1003", _ANY, r"\bstatic\s*\{", "there are no static blocks: give static fields their values where they are declared",
         whole=True),
    Hint("TS1003", _ANY, r"\(\s*[\[{]", "parameters cannot be destructured: take the object and read its fields", whole=True),
    Hint("TS1110", _ANY, r"(\{|\[)", "there are no object, tuple or mapped types here: " + _CLASS),
    Hint("TS1110", _ANY, r"\bfunction\b|=>|\)", _TYPES, whole=True),
    Hint("TS1110", _ANY, _ANY, _TYPES),
    Hint("TS1155", _ANY, r"\bfor\s*\(.*\bin\b", "there is no for-in: objects have no keys at run time; walk over map.keys()",
         whole=True),
    Hint("TS1005", _ANY, r"\basync\b", "calls of the host are plain calls that wait: leave out async and await", whole=True),
    Hint("TS1005", _ANY, r"\bawait\b", "calls of the host are plain calls that wait: leave out async and await", whole=True),
    Hint("TS1005", _ANY, r"\bfor\s*\(.*\bin\b", "there is no for-in: walk over map.keys()", whole=True),
    Hint("TS1005", _ANY, r"\[Symbol\.", "there are no iterators of one's own: give the class a method that returns an array",
         whole=True),
    Hint("TS1005", _ANY, r"\b(get|set)\s+\w+\s*\(", "object literals hold values only: declare a class with get and set",
         whole=True),
    Hint("TS1127", _ANY, r"#", "write `private x` for `#x`", whole=True),
    Hint("TS1351", _ANY, r"\d+n\b", "write the number without n and give it the type i64 or u64", whole=True),
    Hint("TS1140", _ANY, _ANY, "say what the callback returns: list.map<i32>(x => x + 1)"),
    # --- types
    Hint("AS200", _ANY, r".*\breduce\b", "the type of the start value is the type of the sum: write 0.0 or <f64>0", whole=True),
    Hint("AS200", _ANY, _ANY, "convert on purpose: <i32>x, <f64>x (a fraction is cut off)"),
    Hint("AS103", _ANY, _ANY, "this instruction set is not enabled"),
    Hint("AS215", _ANY, _ANY, "give the parameter a default: x: i32 = 0"),
    Hint("TS2322", r"\| null", _ANY, "the value may be null: test it first, or write value! where it cannot be"),
    Hint("TS2322", "<object>", _ANY, _CLASS),
    Hint("TS2322", _ANY, r"\benum\b|^\s*\w+\s*=\s*[\"']", "enums are numbers: use constants for strings", whole=True),
    Hint("TS2322", _ANY, r".*\[", "all elements of an array have one type: use a class for mixed data", whole=True),
    Hint("TS2322", "'~lib/string/String'|String", _ANY, "convert with x.toString(), parseInt(text), parseFloat(text)"),
    Hint("TS2531", _ANY, _ANY, "the value may be null: test it first, or write value! where it cannot be"),
    Hint("TS2554", _ANY, r"new\s+Date\s*\(\s*\)|.*new\s+Date\s*\(\s*\)", "write new Date(Date.now()); it needs --caps time", whole=True),
    Hint("TS2554", _ANY, r"\.\.\.", "arguments cannot be spread: pass the array itself, or loop", whole=True),
    Hint("TS2454", _ANY, _ANY, "an inner function sees no variables around it, and a variable must have a value before it is "
         "used"),
    Hint("TS2339", "<\\w+>|'this'", r"this\b", "functions have no this: use a class and its methods", whole=True),
    Hint("TS6054", r"~lib/", _ANY, 'there are no packages: only "munition" and relative files can be imported'),
    Hint("TS6054", _ANY, _ANY, "give the folder it lies in with --path DIR; a file is `./name` or `./folder/name`"),
    Hint("TS2305", "bindings/", _ANY, 'what the host offers is imported from "munition": fs, http, log, random, time, JSON, format'),
    Hint("TS2305", "munition", _ANY, '"munition" exports fs, http, log, random, time, JSON, format and Response'),
)  # fmt: skip

_HOST: Final = 'import { fs, http, log, random, time } from "munition"'
NAMES: Final = {
    "JSON": 'import { JSON } from "munition": JSON.stringify(value), JSON.parse<T>(text) for a class, map or array T',
    "any": "every value has a type: use a class, or a generic function <T>",
    "unknown": "every value has a type: use a class, or a generic function <T>",
    "object": "declare a class",
    "undefined": "use null, and T | null as the type",
    "Record": "use Map<K, V>",
    "Partial": "declare a class with fields of type T | null",
    "Promise": "calls of the host are plain calls that wait: leave out async, await and Promise",
    "fetch": f"{_HOST}: http.get(url).text(); it needs --caps http:HOST",
    "require": 'use import; only relative files and "munition" can be imported',
    "setTimeout": "there is no event loop: call the function",
    "setInterval": "there is no event loop: use a loop",
    "eval": "code cannot be made at run time",
    "Function": "write the type of the function: (x: i32) => i32",
    "arguments": "name the parameters, or take an array",
    "structuredClone": "copy the fields by hand, or JSON.parse<T>(JSON.stringify(value))",
    "Buffer": "use Uint8Array, and String.UTF8.encode and decode",
    "TextEncoder": "use String.UTF8.encode(text)",
    "TextDecoder": "use String.UTF8.decode(buffer)",
    "BigInt": "use i64 or u64",
    "bigint": "use i64 or u64",
    "Intl": 'use format from "munition"',
    "WeakMap": "use Map",
    "Proxy": "use a class with get and set",
    "Reflect": "there is no reflection",
    "globalThis": "there is no global object: use variables of the file",
    "window": "there is no browser",
    "document": "there is no browser",
    "module": "use export",
    "exports": "use export",
    "delete": "use map.delete(key)",
    "Iterable": "use an array",
    "Readonly": "mark the fields readonly",
    "ReadonlyArray": "use Array",
    "Object": "objects have no keys at run time: use Map, whose keys() and values() are arrays",
}
PROPERTIES: Final = {
    "forEach": "a map has no forEach: for (const [k, v] of map) works, and so does map.keys()",
    "find": "use findIndex, and then the element",
    "findLast": "use a loop from the end",
    "flatMap": "use map and flat",
    "entries": "for (const [k, v] of map) works, and so do keys() and values()",
    "from": "use a loop, or slice() of an array",
    "of": "write a literal: [a, b]",
    "match": "there are no regular expressions: use indexOf, split",
    "matchAll": "there are no regular expressions: use indexOf, split",
    "search": "use indexOf",
    "test": "there are no regular expressions: use indexOf, startsWith",
    "toFixed": 'import { format } from "munition": format("{:.2}", x)',
    "toPrecision": 'import { format } from "munition": format("{:.2}", x)',
    "toLocaleString": 'import { format } from "munition"',
    "localeCompare": "compare with < and >",
    "keys": "objects have no keys at run time: use Map, whose keys() is an array",
    "values": "objects have no keys at run time: use Map, whose values() is an array",
    "assign": "copy the fields by hand",
    "freeze": "mark the fields readonly",
    "isArray": "types are known when the program is compiled: isArray<T>()",
    "isInteger": "types are known when the program is compiled: isInteger<T>(); for a value: Math.floor(x) == x",
    "apply": "call the function",
    "bind": "an inner function sees no variables around it: use a class with a method",
    "then": "calls of the host are plain calls that wait",
    "toSorted": "write list.slice().sort()",
    "toReversed": "write list.slice().reverse()",
    "sin": "JavaScript's Math is not here; AssemblyScript's own is called Math",
}  # fmt: skip
