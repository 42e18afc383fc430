# SPDX-License-Identifier: MIT
"""What the C sources repeat of layout.py, and the names laid out for the linker."""

from __future__ import annotations

import pytest

from munition.codegen.prebuilt import load_runtime
from munition.runtime import layout
from munition.runtime.build import SOURCES
from munition.runtime.headers import GENERATED, name_constant


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_files_are_up_to_date(name: str) -> None:
    assert (SOURCES / name).read_text() == GENERATED[name]()


def test_every_name_has_its_own_constant() -> None:
    constants = [name_constant(name) for name in layout.RUNTIME_NAMES]
    assert len(set(constants)) == len(constants)


def test_names_lie_one_after_the_other() -> None:
    runtime = load_runtime()
    at = runtime.address("rt_name_strings")
    content = runtime.read("rt_name_strings")
    addresses = runtime.read("rt_names")
    offset = 0
    for i, name in enumerate(layout.RUNTIME_NAMES):
        data = name.encode()
        assert int.from_bytes(addresses[4 * i : 4 * i + 4], "little") == at + offset
        head = content[offset : offset + layout.STRING_BYTES]
        assert head[0] == layout.STRING
        assert head[2] == layout.STRING_INTERNED
        assert int.from_bytes(head[layout.STRING_LENGTH : layout.STRING_LENGTH + 4], "little") == len(data)
        assert int.from_bytes(
            head[layout.STRING_HASH : layout.STRING_HASH + 4], "little"
        ) == layout.string_hash(data)
        assert content[offset + layout.STRING_BYTES :].startswith(data + b"\0")
        offset += layout.string_size(len(data))
    assert offset == len(content)
