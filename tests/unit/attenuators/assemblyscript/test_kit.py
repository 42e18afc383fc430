# SPDX-License-Identifier: MIT
"""What a script imports from "munition", against the real host functions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from munition import fire
from munition.errors import CompileError
from munition.host.log import Record
from munition.module import Module

Compiled = Callable[..., Module]

FILES = """
import { fs } from "munition";
export function text(p: string): string { return fs.readText(p); }
export function maybe(p: string): string | null { return fs.tryReadText(p); }
export function bytes(p: string): Uint8Array { return fs.readBytes(p); }
export function facts(p: string): i64[] { return [fs.size(p), <i64>fs.exists(p), fs.tryReadBytes(p) ? 0 : fs.error()]; }
export function list(p: string): string[] { return fs.list(p); }
"""


def test_files(compiled: Compiled, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("zażółć\n")
    (tmp_path / "big.bin").write_bytes(bytes(range(256)) * 9000)
    (tmp_path / "sub").mkdir()
    module = compiled(FILES, "filesystem_read:.")

    def call(name: str, path: str) -> object:
        outcome = fire(module, name, [path], capabilities=f"filesystem_read:{tmp_path}")
        return outcome.values[0] if outcome.ok else outcome.message

    if "nothing in common" in str(call("text", "/a.txt")):
        module = compiled(FILES, "filesystem_read")
    assert call("text", "/a.txt") == "zażółć\n"
    assert call("bytes", "/big.bin") == bytes(range(256)) * 9000
    assert call("maybe", "/none") is None
    assert call("text", "/none") == "fs: cannot read /none (-2)"
    assert call("facts", "/a.txt") == [len("zażółć\n".encode()), 1, 0]
    assert call("facts", "/../../etc/passwd") == [-2, 0, -2]
    assert call("facts", "/sub") == [-21, 1, -21]
    assert call("list", "/") == ["a.txt", "big.bin", "sub/"]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(f"you asked {self.path}")

    def do_POST(self) -> None:
        self._answer("you said " + self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("X-Mark", "é".encode().decode("latin-1"))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


WEB = """
import { http, Response } from "munition";
class Said { ok: bool = false; status: i32 = 0; text: string = ""; mark: string | null = null; code: string = ""; }
function said(r: Response): Said {
  const s = new Said();
  s.ok = r.ok; s.status = r.status; s.text = r.text(); s.code = r.code;
  s.mark = r.headers.has("x-mark") ? r.headers.get("x-mark") : null;
  return s;
}
export function get(url: string): Said { return said(http.get(url)); }
export function post(url: string, body: string): Said { return said(http.post(url, body)); }
"""


def test_requests(compiled: Compiled, server: str) -> None:
    module = compiled(WEB, "http")
    grant = f"http:GET+POST@{server}"
    got = fire(module, "get", [f"{server}/a?b"], capabilities=grant)
    assert got.ok, got.message
    assert got.values == ({"ok": True, "status": 200, "text": "you asked /a?b", "mark": "é", "code": ""},)
    (posted,) = fire(module, "post", [f"{server}/", "zażółć"], capabilities=grant).values
    assert isinstance(posted, dict)
    assert posted["text"] == "you said zażółć"
    (denied,) = fire(module, "get", ["http://127.0.0.1:1/"], capabilities=grant).values
    assert isinstance(denied, dict)
    assert (denied["status"], denied["ok"], denied["code"]) == (0, False, "denied")


def test_records(compiled: Compiled) -> None:
    module = compiled(
        'import { log } from "munition"; class U { constructor(public name: string, public age: i32) {} }\n'
        'export function f(): void { log.debug("a"); log.info("b", new Map<string, i32>().set("n", 3)); '
        'log.error("c", new U("x", 4)); }',
        "log",
    )
    outcome = fire(module, "f", capabilities="log")
    assert [(r.level, r.message, r.fields) for r in outcome.log if isinstance(r, Record)] == [
        ("debug", "a", {}),
        ("info", "b", {"n": 3}),
        ("error", "c", {"name": "x", "age": 4}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a number is expected, not the end, at 0"),
        ("[1,]", "a number is expected, not ']', at 3"),
        ("[1 2]", "',' or ']' is expected, not '2', at 3"),
        ("[01]", "',' or ']' is expected, not '1', at 2"),
        ("[1.5]", "an integer is expected, not '.', at 2"),
        ("[2147483648]", "a number that fits i32 is expected, not '2', at 1"),
        ("[1]x", "the end is expected, not 'x', at 3"),
        ("[1", "',' or ']' is expected, not the end, at 2"),
        ("{}", "'[' is expected"),
    ],
)
def test_json_that_is_none_is_refused(compiled: Compiled, text: str, said: str) -> None:
    module = _json(compiled)
    outcome = fire(module, "f", [text])
    assert outcome.kind == "guest_error"
    if text not in {"", "{}"}:
        assert said in outcome.message
    assert outcome.message.startswith("JSON: ")


_KEPT: list[Module] = []


def _json(compiled: Compiled) -> Module:
    if not _KEPT:
        text = 'import { JSON } from "munition"; export function f(t: string): i32[] { return JSON.parse<i32[]>(t); }'
        _KEPT.append(compiled(text))
    return _KEPT[0]


def test_json_takes_what_is_json(compiled: Compiled) -> None:
    assert fire(_json(compiled), "f", [" [ -1 , 0,\n2147483647 ]\t"]).values == ([-1, 0, 2147483647],)


@pytest.mark.parametrize(
    "text",
    [
        'export function f(): i32 { return 1; } export { f as "munition:input" };',
        "export function munition\\u0024run(): i32 { return 1; }",
        "export function f(): void { munition\\u{24}raise(1, '', '', 0, 0); }",
    ],
)
def test_the_entries_cannot_be_taken_by_other_spellings(compiled: Compiled, text: str) -> None:
    module = _or_none(compiled, text)
    if module is not None:
        assert all(not e.export.startswith("munition:") for e in module.manifest.exports)
        assert fire(module).ok


def _or_none(compiled: Compiled, text: str) -> Module | None:
    try:
        return compiled(text)
    except CompileError:
        return None
