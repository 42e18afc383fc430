# SPDX-License-Identifier: MIT
"""How large a module may be in each respect."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Upper bounds the reader checks before it allocates anything.

    The defaults are the limits engines share (WebAssembly JavaScript Interface, "Implementation-defined Limits"); for
    element segments, custom sections and names, where that page says nothing, what engines enforce or less. Counts include
    imports where the index space does. Of components: how deep they and their types nest, entries of one index space (fewer for
    instances), and modules and components embedded in all.
    """

    module_bytes: int = 1 << 30
    types: int = 1_000_000
    functions: int = 1_000_000
    imports: int = 1_000_000
    exports: int = 1_000_000
    globals: int = 1_000_000
    tags: int = 1_000_000
    tables: int = 100_000
    memories: int = 100
    table_elements: int = 10_000_000
    element_segments: int = 100_000
    data_segments: int = 100_000
    parameters: int = 1_000
    results: int = 1_000
    struct_fields: int = 10_000
    body_bytes: int = 7_654_321
    locals: int = 50_000
    custom_sections: int = 100_000
    name_bytes: int = 100_000
    component_depth: int = 100
    component_items: int = 100_000
    component_instances: int = 1_000
    component_parts: int = 1_000


DEFAULT_LIMITS: Final = Limits()
