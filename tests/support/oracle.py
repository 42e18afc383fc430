# SPDX-License-Identifier: MIT
"""The reference implementation as an oracle: PUC-Lua 5.4 (inside lupa), in a child process that can be killed.

Run as a program it is that child: it reads length-prefixed scripts from standard input and answers with JSON lines.
"""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Behaviour:
    """What a program does, as far as two implementations must agree.

    Attributes:
        status: `ok`, `error` (uncaught), `refused` (does not compile) or `timeout`.
        values: results, or the one error value; tables as nested tuples, other objects by type name.
        output: what was printed.
    """

    status: str
    values: tuple[Any, ...]
    output: bytes


_HARNESS = r"""
local out, tos, concat, pack, mtype, ty = {}, tostring, table.concat, table.pack, math.type, type
local function show(v, depth)
  local t = ty(v)
  if t == "number" then return mtype(v) == "float" and {"f", string.format("%.17g", v)} or {"i", string.format("%d", v)} end
  if t == "string" then return {"s", v} end
  if t == "nil" or t == "boolean" then return {t, tos(v)} end
  return {"o", t}
end
local emit = function(s) out[#out + 1] = s end
print = function(...) local a = pack(...)
  for i = 1, a.n do a[i] = tos(a[i]) end emit(concat(a, "\t", 1, a.n) .. "\n") end
io = {write = function(...)
  for _, v in ipairs({...}) do emit(mtype(v) == "float" and string.format("%.14g", v) or tos(v)) end
end}
local hook = debug.sethook
debug = {traceback = debug.traceback, getinfo = debug.getinfo}
os = {time = os.time, date = os.date, difftime = os.difftime, clock = os.clock}
return function(src, name, steps, which)
  local f, e = load(src, "@" .. name, "t")
  if not f then return "refused", {{"s", e}}, "" end
  hook(function() hook() error("step limit of the oracle", 0) end, "", steps)
  local r = which == 0 and pack(pcall(f)) or pack(pcall(f, which))
  hook()
  local s = {}
  for i = 2, r.n do s[#s + 1] = show(r[i], 0) end
  return r[1] and "ok" or "error", s, concat(out)
end
"""


def _child() -> None:
    from lupa import lua54

    stdin, stdout = sys.stdin.buffer, sys.stdout
    while head := stdin.read(12):
        size, steps, which = struct.unpack("<III", head)
        source = stdin.read(size)
        runtime = lua54.LuaRuntime(
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            encoding=None,
            max_memory=256 << 20,
        )
        for name in (b"python", b"package", b"require", b"dofile", b"loadfile"):
            runtime.globals()[name] = None
        status, values, output = runtime.execute(_HARNESS.encode())(source, b"script", steps, which)
        shown = [[_text(item[1]), _text(item[2])] for item in values.values()]
        stdout.write(json.dumps([_text(status), shown, _text(output)]) + "\n")
        stdout.flush()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Oracle:
    """A child process that runs scripts, started on demand and killed when one takes too long."""

    def __init__(self, seconds: float = 60.0) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, source: bytes, which: int = 0, steps: int = 50_000_000) -> Behaviour:
        """What the reference implementation does with `source`; `which` is the chunk's argument unless it is 0."""
        process = self._start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(struct.pack("<III", len(source), steps, which) + source)
        process.stdin.flush()
        timer = threading.Timer(self._seconds, process.kill)
        timer.start()
        line = process.stdout.readline()
        timer.cancel()
        if not line:
            self.close()
            return Behaviour("timeout", (), b"")
        status, values, output = json.loads(line)
        decoded = tuple(_value(base64.b64decode(k).decode(), base64.b64decode(v)) for k, v in values)
        return Behaviour(base64.b64decode(status).decode(), decoded, base64.b64decode(output))

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None


def _value(kind: str, text: bytes) -> Any:
    match kind:
        case "i":
            return int(text)
        case "f":
            return ("float", canonical_float(text.decode()))
        case "s":
            return text
        case "nil" | "boolean":
            return text.decode()
        case _:
            return ("object", text.decode())


def canonical_float(text: str) -> str:
    """NaN has no sign that anyone promises."""
    return "nan" if "nan" in text else text


if __name__ == "__main__":
    _child()
