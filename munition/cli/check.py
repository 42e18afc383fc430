# SPDX-License-Identifier: MIT
"""`munition check`: do modules keep within a policy?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from munition.cli import options
from munition.cli.analyzing import (
    Task,
    analyse_all,
    default_workers,
    find_modules,
    first_error,
    options_of,
    overrides_of,
    settings_text,
)
from munition.cli.exits import EXITS
from munition.cli.json_values import dumps
from munition.cli.show import SCHEMA, show_failure
from munition.cli.terminal import harmless, put_line
from munition.errors import UsageError

if TYPE_CHECKING:
    from munition.analysis.policy import Violation
    from munition.analysis.settings import Policy


@click.command("check")
@click.argument("modules", nargs=-1, required=True, metavar="FILE...")
@click.option("--policy", "policy_file", metavar="FILE", help="What is allowed (TOML).")
@click.option(
    "--allow",
    multiple=True,
    metavar="LIST",
    help="Labels or capabilities allowed, separated by commas; may be repeated.",
)
@click.option("--reachable", is_flag=True, help="Leave out imports that nothing leads to.")
@options.as_json
@options.own_map
@options.overrides
@options.workers
def command(
    modules: tuple[str, ...],
    policy_file: str | None,
    allow: tuple[str, ...],
    reachable: bool,
    as_json: bool,
    own_map: str | None,
    overrides: tuple[str, ...],
    workers: int | None,
) -> int:
    """Check that modules can do no more than a policy allows. Ends with 0 if so, with 3 if not.

    Without --policy and --allow nothing is allowed. A family such as `fs` or `net` allows all of it; what is opaque is allowed
    only by that name.
    """
    from munition.analysis.policy import violations

    policy = _policy(policy_file, allow, reachable=reachable)
    task = Task(options_of(None, own_map, exports=policy.exports is not None), overrides_of(overrides))
    results = analyse_all(find_modules(modules), task, workers or default_workers())
    failed = first_error(results)
    if len(results) == 1 and failed is not None:
        raise failed
    found = {r.name: violations(r.report, policy) for r in results if r.report is not None}
    kind = failed.kind if failed else "denied" if any(found.values()) else "ok"
    if as_json:
        put_line(dumps({"schema": SCHEMA, "kind": kind, "reason": "", "files": _objects(found)}))
    else:
        put_line(harmless("\n".join(_text(name, items) for name, items in found.items())))
        for result in results:
            if result.error is not None:
                show_failure(result.error)
    return EXITS[kind].code


def _policy(policy_file: str | None, allow: tuple[str, ...], *, reachable: bool) -> Policy:
    """The policy of the file, with what the command line adds to it.

    Raises:
        UsageError: the file or a name is wrong.
    """
    from munition.analysis.settings import Policy, read_policy, terms

    policy = Policy() if policy_file is None else read_policy(settings_text(policy_file), policy_file)
    items = tuple(item.strip() for text in allow for item in text.split(",") if item.strip())
    if any(item.startswith("-") for item in items):
        raise UsageError("--allow takes a list of names")
    more = terms(items, "--allow")
    return replace(policy, allow=policy.allow | more, reachable_only=policy.reachable_only or reachable)


def _objects(found: dict[str, tuple[Violation, ...]]) -> list[dict[str, Any]]:
    from munition.analysis.as_json import violation_object

    return [
        {"file": name, "violations": [violation_object(v) for v in items]} for name, items in found.items()
    ]


def _text(name: str, items: tuple[Violation, ...]) -> str:
    from munition.analysis.as_text import import_text, path_text
    from munition.analysis.naming import shown
    from munition.capability.taxonomy_labels import label_of

    if not items:
        return f"{shown(name)}: within the policy"
    lines = [f"{shown(name)}: {len(items)} violation{'s' if len(items) > 1 else ''}"]
    for item in items:
        export = f" (export {shown(item.export)})" if item.export else ""
        what = (
            f"{shown(item.label)}{export}: {item.message}; it can {label_of(item.label).summary}"
            if item.label
            else f"{item.message}{export}"
        )
        lines.append(f"  {what}")
        for carrier in item.imports[:3]:
            way = f"; way: {path_text(carrier.path)}" if carrier.path else ""
            lines.append(f"    {import_text(carrier)}{way}")
        if len(item.imports) > 3:
            lines.append(f"    and {len(item.imports) - 3} more imports")
    return "\n".join(lines)
