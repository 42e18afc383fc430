# SPDX-License-Identifier: MIT
"""The first eight bytes: is this a core module, and if not, what is it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from munition.wasm.faults import invalid

if TYPE_CHECKING:
    from munition.errors import InvalidModuleError

MAGIC: Final = b"\0asm"
VERSION: Final = b"\1\0\0\0"
HEADER: Final = MAGIC + VERSION

_SIGNATURES: Final = (
    (b"\x1f\x8b", "gzip-compressed data; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data; decompress it first"),
    (b"BZh", "bzip2-compressed data; decompress it first"),
    (b"\xfd7zXZ\0", "xz-compressed data; decompress it first"),
    (b"PK\3\4", "a zip archive; extract the module first"),
    (
        b"\x7fELF",
        "a native ELF file (an engine's precompiled modules are such files too); give the WebAssembly module",
    ),
    (b"\xcf\xfa\xed\xfe", "a native Mach-O file"),
    (b"\xca\xfe\xba\xbe", "a Java class or universal Mach-O file"),
    (b"MZ", "a native Windows executable"),
    (b"BC\xc0\xde", "LLVM bitcode; link it to a module first"),
    (b"!<arch>\n", "an archive of object files; link it to a module first"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\x1bLua", "precompiled Lua; give the Lua source instead"),
    (b"#!", "a script; give a WebAssembly module, or compile the script first"),
    (b"<", "a page of HTML or XML, perhaps a failed download"),
    (b"version https://git-lfs", "a Git LFS pointer; fetch the file it stands for"),
)

# White space, line comments and one level of block comments, then "(module" or another top-level form. Possessive,
# so that no input makes the matcher backtrack.
_TEXT: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?+(?:[ \t\r\n]++|;;[^\n]*+|\(;(?:[^;]|;(?!\)))*+;\))*+"
    rb"\((?:module|component|type|import|func|memory|table|global|export|start|data|elem|rec|tag|@)",
)


def check_header(data: bytes) -> None:
    """Return if `data` starts as a core module of version 1 does.

    Raises:
        InvalidModuleError: E201 to E204, saying what the bytes look like instead.
    """
    if data.startswith(HEADER):
        return
    raise _diagnose(data)


def _diagnose(data: bytes) -> InvalidModuleError:
    if not data.startswith(MAGIC):
        return _not_wasm(data)
    if len(data) < 8:
        return invalid("E210", "the file ends within the eight bytes of the WebAssembly header", len(data))
    version, layer = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
    if layer == 1:
        return invalid("E203", "this is a WebAssembly component; a core module is needed", 4)
    return invalid("E204", f"unknown WebAssembly version {version} (layer {layer})", 4)


def _not_wasm(data: bytes) -> InvalidModuleError:
    if not data:
        return invalid("E201", "the file is empty")
    if MAGIC.startswith(data[:4]):
        return invalid("E210", "the file ends within the eight bytes of the WebAssembly header", len(data))
    if _TEXT.match(data, 0, 4096):
        return invalid("E202", "this is WebAssembly text; a binary is needed")
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            return invalid("E201", f"not a WebAssembly binary: it looks like {what}", 0)
    if b"\0" not in data[:512]:
        return invalid("E201", "not a WebAssembly binary: it looks like plain text", 0)
    return invalid("E201", f"not a WebAssembly binary: it starts with {data[:4].hex(' ')}", 0)
