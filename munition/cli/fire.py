# SPDX-License-Identifier: MIT
"""`munition fire`: call one function of a module."""

from __future__ import annotations

import os
from typing import Any

import click

from munition.cli import options
from munition.cli.firing import Manner, Shot, fire_and_show
from munition.cli.inputs import MAX_JSON, read, read_module
from munition.cli.json_values import Value, loads
from munition.errors import UsageError


@click.command("fire", context_settings=options.NEGATIVE_ARGUMENTS)
@click.argument("module")
@click.argument("function", required=False)
@click.argument("arguments", nargs=-1, metavar="[JSON]...")
@options.caps
@options.hosting
@options.limits
@options.raw
@options.as_json
@options.loudness
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    module: str,
    function: str | None,
    arguments: tuple[str, ...],
    caps: tuple[str, ...],
    fuel: int,
    memory: int,
    timeout: float,
    limit: tuple[str, ...],
    raw: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **hosting: Any,
) -> int:
    """Call FUNCTION of MODULE in a fresh instance; without FUNCTION only run its chunk.

    Each argument is one JSON value, or @FILE for a file that holds one. What it prints goes
    to standard output as it comes, then its results as one line of JSON.
    """
    options.refuse_unknown(ctx, arguments)
    granted = options.granted(caps)
    host = options.host_options(hosting)
    limits = options.limits_of(fuel, memory, timeout, limit)
    values = [_value(number, text) for number, text in enumerate(arguments, 1)]
    found = read_module(module)
    shot = Shot(found.data, function, values, granted, limits, host=host)
    return fire_and_show(shot, Manner(as_json, raw, verbose, quiet))


def _value(number: int, word: str) -> Value:
    text = word
    try:
        text = _typed(word)
        if text.startswith("@"):
            return loads(read(text[1:], MAX_JSON).data.decode("utf-8"))
        return loads(text)
    except UnicodeDecodeError:
        what = text[1:] if text.startswith("@") else "it"
        raise UsageError(f"argument {number}: {what} is not UTF-8 text") from None
    except UsageError as error:
        hint = "" if text.startswith("@") else _hint(text)
        raise UsageError(f"argument {number}: {error}{hint}") from None


def _typed(word: str) -> str:
    """What was typed: where the locale has another encoding, Python leaves the bytes of UTF-8 as they are."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return os.fsencode(word).decode("utf-8")
    return word


def _hint(text: str) -> str:
    plain = text[:1].isalpha() and len(text) <= 40 and text.isprintable()
    return f"; a string is written '\"{text}\"'" if plain else ""
