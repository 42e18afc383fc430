# SPDX-License-Identifier: MIT
"""`munition infer`: which capabilities a module needs, read from its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from munition.analysis.infer import infer
from munition.capability.names import NAMES
from munition.cli import options
from munition.cli.inputs import read_module
from munition.cli.json_values import dumps
from munition.cli.show import SCHEMA
from munition.cli.terminal import harmless, put_line

if TYPE_CHECKING:
    from munition.analysis.infer import Inference

_MAX_NAME = 80


@click.command("infer")
@click.argument("module")
@options.as_json
def command(module: str, as_json: bool) -> None:
    """Say which capabilities MODULE needs.

    The import section alone is believed. What the module says of itself (its manifest) is shown beside it as a claim.
    """
    found = read_module(module)
    inference = infer(found.data)
    put_line(dumps(_object(inference)) if as_json else harmless(_report(found.name, inference)))


def _by_risk(inference: Inference) -> list[str]:
    return sorted(inference.required, key=lambda name: (NAMES[name].risk, name))


def _object(inference: Inference) -> dict[str, Any]:
    claim = inference.manifest
    return {
        "schema": SCHEMA,
        "kind": "ok",
        "reason": "",
        "required": _by_risk(inference),
        "declared": None if claim is None else list(claim.capabilities.spellings()),
        "imports": [
            {"module": n.item.module, "name": n.item.name, "kind": n.item.kind, "needs": list(n.names)}
            for n in inference.needs
        ],
    }


def _report(name: str, inference: Inference) -> str:
    lines = [f"{name} needs {', '.join(_by_risk(inference)) or 'no capability'}"]
    for capability in _by_risk(inference):
        entry = NAMES[capability]
        lines.append(f"\n{capability} ({entry.risk.name.lower()}): {entry.summary}")
        lines += [
            f"  {_shown(n.item.module)} {_shown(n.item.name)}"
            for n in inference.needs
            if capability in n.names
        ]
    claim = inference.manifest
    if claim is not None:
        declared = ", ".join(claim.capabilities.spellings()) or "none"
        lines.append(
            f"\nIts manifest declares: {declared} ({_shown(claim.attenuator)}, {_shown(claim.source_name)})"
        )
    return "\n".join(lines)


def _shown(text: str) -> str:
    one_line = text.replace("\n", "\\n").replace("\t", "\\t")
    return one_line if len(one_line) <= _MAX_NAME else one_line[:_MAX_NAME] + "..."
