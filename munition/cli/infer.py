# SPDX-License-Identifier: MIT
"""`munition infer`: which capabilities a module needs, read from its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from munition.capability.imports import required, rule_of
from munition.capability.manifest import SECTION, Manifest, read
from munition.capability.names import NAMES
from munition.cli import options
from munition.cli.inputs import read_module
from munition.cli.json_values import dumps
from munition.cli.modules import imported
from munition.cli.show import SCHEMA
from munition.cli.terminal import harmless, put_line
from munition.wasm.reader import read_module as decode

if TYPE_CHECKING:
    from munition.capability.imports import Imported


@click.command("infer")
@click.argument("module")
@options.as_json
def command(module: str, as_json: bool) -> None:
    """Say which capabilities MODULE needs.

    The import section alone is believed. What the module says of itself (its manifest) is shown beside it as a claim.
    """
    found = read_module(module)
    decoded = decode(found.data)
    imports = imported(decoded)
    names = sorted(required(imports), key=lambda name: (NAMES[name].risk, name))
    section = decoded.custom(SECTION)
    manifest = read(section.content) if section else None
    if as_json:
        put_line(dumps(_object(names, imports, manifest)))
    else:
        put_line(harmless(_report(found.name, names, imports, manifest)))


def _needs(item: Imported) -> list[str]:
    rule = rule_of(item)
    return sorted(rule.always | rule.opened)


def _object(names: list[str], imports: tuple[Imported, ...], manifest: Manifest | None) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kind": "ok",
        "reason": "",
        "required": names,
        "declared": None if manifest is None else list(manifest.capabilities.spellings()),
        "imports": [
            {"module": item.module, "name": item.name, "kind": item.kind, "needs": _needs(item)}
            for item in imports
        ],
    }


def _report(name: str, names: list[str], imports: tuple[Imported, ...], manifest: Manifest | None) -> str:
    lines = [f"{name} needs {', '.join(names) or 'no capability'}"]
    for capability in names:
        entry = NAMES[capability]
        lines.append(f"\n{capability} ({entry.risk.name.lower()}): {entry.summary}")
        lines += [f"  {_shown(i.module)} {_shown(i.name)}" for i in imports if capability in _needs(i)]
    if manifest is not None:
        claim = ", ".join(manifest.capabilities.spellings()) or "none"
        lines.append(
            f"\nIts manifest declares: {claim} ({_shown(manifest.attenuator)}, {_shown(manifest.source_name)})"
        )
    return "\n".join(lines)


def _shown(text: str) -> str:
    one_line = text.replace("\n", "\\n").replace("\t", "\\t")
    return one_line if len(one_line) <= 80 else one_line[:80] + "..."
