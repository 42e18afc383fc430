# SPDX-License-Identifier: MIT
"""`munition explain`: what a code, an exit or a capability means."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

import click

from munition.attenuator import languages, load
from munition.capability.names import NAMES
from munition.capability.taxonomy_labels import LABELS
from munition.cli import options
from munition.cli.exits import EXITS
from munition.cli.json_values import dumps
from munition.cli.show import SCHEMA
from munition.cli.terminal import put_line
from munition.errors import MunitionError, UsageError
from munition.wasm.faults import FAULTS

if TYPE_CHECKING:
    from munition.capability.names import Name
    from munition.capability.taxonomy_labels import Label
    from munition.cli.exits import Exit

# Codes that belong to no compiler and no reader. The first line is the title.
_GENERAL: Final = {
    "E000": "an error of munition\n\nThe root of every exception munition raises on purpose; always raised as a kind of its own.",
    "E100": "wrong use\n\nAn option, argument or value can never be right: an unknown capability, fuel of zero, a file that"
    " cannot be read. The message names it.",
    "E101": "wrong type\n\nA value passed to the Python API has a type that is not accepted, such as True for a number.",
    "E300": "a source was refused\n\nThe diagnostics say where and why; each carries its own code.",
    "E400": "a tool is missing\n\nThe message says which, and what to install.",
    "E900": "a bug in munition\n\nSomething happened that should not be possible; no fault of the program that was compiled or"
    " fired. Please report it with the command and the input. With MUNITION_DEBUG=1 in the environment the traceback is"
    " shown.",
}


@click.command("explain")
@click.argument("code", required=False)
@options.as_json
def command(code: str | None, as_json: bool) -> None:
    """Explain CODE: a code such as E201, an exit such as denied or 3, or a capability such as time.

    Without CODE, list everything there is an explanation for.
    """
    topics = _topics()
    if code is None:
        _list(topics, as_json=as_json)
        return
    key = _key(code, topics)
    if as_json:
        put_line(dumps({"schema": SCHEMA, "kind": "ok", "reason": "", "code": key, "text": topics[key]}))
        return
    title, _, body = topics[key].partition("\n")
    put_line(f"{key}: {title}")
    if body.strip():
        put_line("\n" + body.strip())


def _list(topics: dict[str, str], *, as_json: bool) -> None:
    titles = {key: text.partition("\n")[0] for key, text in topics.items()}
    if as_json:
        put_line(dumps({"schema": SCHEMA, "kind": "ok", "reason": "", "codes": titles}))
        return
    width = max(map(len, titles))
    for key, title in titles.items():
        put_line(f"{key:<{width}}  {title}")


def _key(code: str, topics: dict[str, str]) -> str:
    by_number = {str(entry.code): entry.kind for entry in EXITS.values()}
    wanted = by_number.get(code, code)
    for key in (wanted, wanted.upper(), wanted.lower()):
        if key in topics:
            return key
    folded = {key.casefold(): key for key in topics}
    near = difflib.get_close_matches(wanted[:64].casefold(), folded, n=1, cutoff=0.6)
    hint = f"; did you mean {folded[near[0]]}?" if near else "; `munition explain` lists what there is"
    raise UsageError(f"no explanation for {code[:64]!r}{hint}")


def _topics() -> dict[str, str]:
    found = dict(_GENERAL)
    found |= {code: f"{fault.title}\n\n{fault.explanation}" for code, fault in FAULTS.items()}
    for language in languages():
        try:
            found |= load(language).explanations
        except (
            MunitionError,
            ImportError,
        ):  # a front end that is announced but cannot be loaded explains nothing
            continue
    codes = dict(sorted(found.items()))
    codes |= {kind: _exit_text(entry) for kind, entry in EXITS.items()}
    labels = {name: _label_text(label) for name, label in LABELS.items() if name not in NAMES}
    names = {name: _capability_text(entry) for name, entry in NAMES.items()}
    return codes | names | labels


def _exit_text(entry: Exit) -> str:
    return f"{entry.summary} (exit code {entry.code})\n\n{entry.remedy}"


def _label_text(label: Label) -> str:
    stands = (
        f"Stands for the capability {label.catalogue}." if label.catalogue else "Stands for no capability."
    )
    return (
        f"a label of `munition infer`: the module can {label.summary}\n\nA hostile module would: {label.hostile}\n\n"
        f"Risk: {label.risk.name.lower()}. {stands}"
    )


def _capability_text(entry: Name) -> str:
    form = f"{entry.name}:{entry.form}" if entry.form else entry.name
    how = (
        f"Granted with --caps {form}."
        if entry.grantable
        else "It cannot be granted: nothing stands behind it."
    )
    return (
        f"the capability to {entry.summary}\n\n{entry.implications}\n\nRisk: {entry.risk.name.lower()}. {how}"
    )
