# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
from typing import Any

import pytest

from munition.capability import Manifest, ManifestExport, parse
from munition.capability.manifest import read, write
from munition.errors import InvalidModuleError

SAMPLE = Manifest(
    attenuator="lua",
    attenuator_version="1",
    source_name="pricing.lua",
    source_sha256="0" * 64,
    capabilities=parse(r"log,filesystem_read:a\,b"),
    exports=(
        ManifestExport("process", "process", ("order",), vararg=True),
        ManifestExport("memory", "lua:memory"),
    ),
    sections=("munition:lines",),
)


def changed(**changes: object) -> bytes:
    data: dict[str, Any] = json.loads(write(SAMPLE))
    data.update(changes)
    return json.dumps({k: v for k, v in data.items() if v is not ...}).encode()


def test_a_manifest_reads_back_and_is_written_the_same_twice() -> None:
    assert read(write(SAMPLE)) == SAMPLE
    assert write(SAMPLE) == write(read(write(SAMPLE)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        write(SAMPLE)[:-1],
        write(SAMPLE) + b"x",
        write(SAMPLE).replace(b'"abi"', b'"version"'),
        write(SAMPLE)[:-1] + b',"version":1}',
        b" " * ((1 << 20) + 1),
        changed(version=2),
        changed(version=True),
        changed(version=1.5),
        changed(version="1"),
        changed(extra=1),
        changed(abi=...),
        changed(abi=None),
        changed(abi="x" * 5000),
        changed(source_sha256="0" * 63),
        changed(source_sha256="G" * 64),
        changed(capabilities="log"),
        changed(capabilities=["logs"]),
        changed(capabilities=["process"]),
        changed(capabilities=["log:x"]),
        changed(capabilities=[1]),
        changed(capabilities={"log": 1}),
        changed(capabilities=["log"] * 300),
        changed(exports=[1]),
        changed(exports=[{}]),
        changed(exports=[{"name": "a", "export": "a", "parameters": [], "vararg": 0}]),
        changed(exports=[{"name": "a", "export": "a", "parameters": [], "vararg": False}] * 2),
        changed(exports=[0] * 10_001),
        changed(sections=[None]),
        changed(source_name=float("nan")),
        b'{"version": NaN}',
    ],
)
def test_whatever_is_not_exactly_a_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidModuleError) as caught:
        read(content)
    assert caught.value.code == "E240"
