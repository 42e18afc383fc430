# SPDX-License-Identifier: MIT
"""`munition diff`: what changed in what a module can do."""

from __future__ import annotations

import click

from munition.cli import options
from munition.cli.analyzing import Task, analyse_file, options_of, overrides_of
from munition.cli.exits import EXITS
from munition.cli.json_values import dumps
from munition.cli.show import SCHEMA
from munition.cli.terminal import harmless, put_line


@click.command("diff")
@click.argument("old")
@click.argument("new")
@options.as_json
@options.own_map
@options.overrides
def command(old: str, new: str, as_json: bool, own_map: str | None, overrides: tuple[str, ...]) -> int:
    """Say which capabilities NEW has gained, lost or moved to other exports, compared with OLD.

    Ends with 0 if the two can do the same, with 10 if not. Imports and exports that changed without a change of capabilities
    are listed and do not count.
    """
    from munition.analysis.as_json import difference_object
    from munition.analysis.as_text import difference_text
    from munition.analysis.compare import compare

    task = Task(options_of(None, own_map, exports=True), overrides_of(overrides))
    found = compare(analyse_file(old, task), analyse_file(new, task))
    kind = "differs" if found.capabilities_differ else "ok"
    if as_json:
        put_line(
            dumps(
                {"schema": SCHEMA, "kind": kind, "reason": "", "old": old, "new": new}
                | difference_object(found)
            )
        )
    else:
        put_line(harmless(difference_text(old, new, found)))
    return EXITS[kind].code
