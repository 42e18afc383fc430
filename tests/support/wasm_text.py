# SPDX-License-Identifier: MIT
"""Modules written as text, for tests of the engine."""

from __future__ import annotations

import wasmtime

from munition.capability import Manifest, ManifestExport, parse
from munition.capability.manifest import write


def _leb(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def custom(name: str, content: bytes) -> bytes:
    body = _leb(len(name)) + name.encode() + content
    return b"\0" + _leb(len(body)) + body


def wat(text: str) -> bytes:
    """Text format to bytes."""
    return bytes(wasmtime.wat2wasm(text))


VALUES = """(module {imports}
  (memory (export "memory") 2 {max})
  (data (i32.const 64) "\\00\\00\\00\\00\\00")
  (func (export "munition:input") (param i32) (result i32)
    (if (result i32) (i32.gt_u (local.get 0) (i32.const 100000)) (then (i32.const 0)) (else (i32.const 1024))))
  (func $echo (param i32 i32) (result i64)
    (if (result i64) (i32.eqz (local.get 1))
      (then (i64.or (i64.const 64) (i64.shl (i64.const 5) (i64.const 32))))
      (else
        (i32.store8 (i32.const 1023) (i32.const 0))
        (i64.or (i64.const 1023)
          (i64.shl (i64.extend_i32_u (i32.add (local.get 1) (i32.const 1))) (i64.const 32))))))
  (func (export "munition:run") (param i32 i32) (result i64) {run})
  (export "echo" (func $echo))
  {more})"""


def guest(
    run: str = "(call $echo (local.get 0) (local.get 1))",
    more: str = "",
    imports: str = "",
    caps: str = "",
    exports: tuple[str, ...] = ("echo",),
    maximum: str = "",
) -> bytes:
    """A module of the value ABI: `echo` gives back its arguments, the rest is up to the test."""
    manifest = Manifest(
        attenuator="test",
        attenuator_version="1",
        source_name="test.lua",
        source_sha256="0" * 64,
        capabilities=parse(caps),
        exports=tuple(ManifestExport(name, name) for name in exports),
    )
    text = VALUES.format(run=run, more=more, imports=imports, max=maximum)
    return wat(text) + custom("munition", write(manifest))
