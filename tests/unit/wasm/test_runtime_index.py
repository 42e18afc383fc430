# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.errors import InvalidModuleError
from munition.wasm.runtime_object import RuntimeObject, read_runtime, runtime_index


def test_an_indexed_runtime_is_the_same_runtime(guest_bytes: bytes, guest: RuntimeObject) -> None:
    index = runtime_index(guest_bytes)
    assert read_runtime(guest_bytes, index) == guest
    assert runtime_index(guest_bytes) == index


@pytest.mark.parametrize(
    "damage",
    [
        lambda index: b"",
        lambda index: index[:-1],
        lambda index: index + b"\0",
        lambda index: index[: len(index) // 2],
        lambda index: b"x" + index[1:],
        lambda index: index[:30] + bytes((index[30] ^ 1,)) + index[31:],
    ],
)
def test_a_damaged_index_is_refused(guest_bytes: bytes, damage: object) -> None:
    assert callable(damage)
    with pytest.raises(InvalidModuleError) as caught:
        read_runtime(guest_bytes, damage(runtime_index(guest_bytes)))
    assert caught.value.code == "E250"


def test_the_index_of_another_runtime_is_refused(guest_bytes: bytes) -> None:
    with pytest.raises(InvalidModuleError, match="another one"):
        read_runtime(guest_bytes + b"\0\x01\0", runtime_index(guest_bytes))
