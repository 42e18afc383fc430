# SPDX-License-Identifier: MIT
"""What a module says of itself: names, producers, manifest, and the extensions its types show. Hints for readers, never evidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from munition.capability.manifest import SECTION, Manifest, read
from munition.capability.taxonomy import FAMILIES
from munition.errors import InvalidModuleError
from munition.wasm.cursor import Cursor
from munition.wasm.module import Kind
from munition.wasm.names import NO_NAMES, Names, read_names
from munition.wasm.types import FUNCREF, ArrayType, ContType, MemoryType, StructType, TableType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.analysis.model import ImportReport
    from munition.wasm.module import Custom, Module

_MAX_PRODUCERS: Final = 200
_TITLES: Final = {family.key: family.title for family in reversed(FAMILIES)}
_GENERIC: Final = frozenset({"unknown", "user", "wasi-preview1", "wasi-components", "component-shim"})


def function_names(module: Module) -> Names:
    """What the name section says; `NO_NAMES` when there is none or it cannot be read."""
    section = module.custom("name")
    if section is None:
        return NO_NAMES
    try:
        return read_names(section.content)
    except InvalidModuleError:
        return NO_NAMES


def manifest_of(module: Module) -> Manifest | None:
    """The claim of one of our compilers; one that cannot be read says nothing (and the engine refuses the module)."""
    section = module.custom(SECTION)
    if section is None:
        return None
    try:
        return read(section.content)
    except InvalidModuleError:
        return None


def toolchain(customs: Sequence[Custom], imports: tuple[ImportReport, ...]) -> str:
    """What seems to have made a module: the family most imports belong to, and what the first producers section says."""
    families = Counter(item.family for item in imports)
    special = [(count, key) for key, count in families.items() if key not in _GENERIC]
    plain = [(count, key) for key, count in families.items() if key not in {"unknown", "user"}]
    best = max(special, default=None) or max(plain, default=None)
    title = _TITLES.get(best[1], "") if best else ""
    said = ", ".join(_producers(customs))
    return f"{title} ({said})" if title and said else title or said


def _producers(customs: Sequence[Custom]) -> list[str]:
    """Languages and compilers of the producers section (tool conventions), as `Rust`, `rustc 1.80`."""
    section = next((custom for custom in customs if custom.name == "producers"), None)
    if section is None:
        return []
    found: list[str] = []
    try:
        cursor = Cursor(section.content, 0, min(len(section.content), 65_536))
        for _ in range(cursor.count("fields", 10, smallest=2)):
            field = cursor.name(64)
            for _ in range(cursor.count("values", _MAX_PRODUCERS, smallest=2)):
                name, version = cursor.name(256), cursor.name(256)
                if field != "sdk":
                    found.append(f"{name} {version.split(' ')[0]}".strip())
    except InvalidModuleError:
        return found[:4]
    return found[:4]


def features(module: Module) -> tuple[str, ...]:
    """Extensions of WebAssembly that types, sections and imports show, sorted."""
    found: set[str] = set()
    if any(isinstance(t.composite, (StructType, ArrayType)) or t.supertypes for t in module.types):
        found.add("gc")
    if any(isinstance(t.composite, ContType) for t in module.types):
        found.add("stack_switching")
    imported = {kind: [i.type for i in module.imported(kind)] for kind in Kind}
    if module.tags or imported[Kind.TAG]:
        found.add("exceptions")
    memories = [t for t in [*imported[Kind.MEMORY], *module.memories] if isinstance(t, MemoryType)]
    tables = [
        t for t in [*imported[Kind.TABLE], *(t.type for t in module.tables)] if isinstance(t, TableType)
    ]
    bounds = [t.bounds for t in memories] + [t.bounds for t in tables]
    for name, present in (
        ("multi_memory", len(memories) > 1),
        ("multi_table", len(tables) > 1),
        ("memory64", any(b.is_64 for b in bounds)),
        ("threads", any(b.shared for b in bounds)),
        ("custom_page_sizes", any(m.page_size_log2 != 16 for m in memories)),
        ("reference_types", any(t.element.heap != FUNCREF.heap for t in tables)),
    ):
        if present:
            found.add(name)
    return tuple(sorted(found))
