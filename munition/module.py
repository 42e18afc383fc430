# SPDX-License-Identifier: MIT
"""What a compiler hands over: the bytes of a module, the claims made about it, and what was found on the way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from munition.capability.manifest import Manifest
    from munition.diagnostics import Diagnostic
    from munition.source import Source


@dataclass(frozen=True)
class Module:
    """A compiled module.

    Attributes:
        wasm: the bytes of the module; they carry the manifest too.
        manifest: what the compiler claims: what was declared, what can be fired.
        source: the text it was compiled from, for showing diagnostics and crash lines.
        diagnostics: warnings and notes; a module with errors does not exist.
        modules: the texts of what it requires, which are part of it.
        compiled_here: whether `munition.compile` of this process made it; such a module may be fired in this process.
    """

    wasm: bytes
    manifest: Manifest
    source: Source
    diagnostics: tuple[Diagnostic, ...] = ()
    modules: tuple[Source, ...] = ()
    compiled_here: bool = field(default=False, compare=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        """Without the claim of origin, which is worth nothing elsewhere."""
        return {**self.__dict__, "compiled_here": False}

    @property
    def sha256(self) -> str:
        """The hash of the bytes, in hexadecimal."""
        return hashlib.sha256(self.wasm).hexdigest()

    def write(self, path: str | Path) -> None:
        """Write the bytes to `path`.

        Raises:
            OSError: what the file system says.
        """
        Path(path).write_bytes(self.wasm)
