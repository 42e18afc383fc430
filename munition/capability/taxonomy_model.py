# SPDX-License-Identifier: MIT
"""The shape of the taxonomy: a family is an interface that modules import, a row says what some of its functions mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an import means.

    Attributes:
        labels: labels it carries in any module; none means that it needs nothing.
        opened: labels it carries besides in a module that can open files or sockets.
        opener: whether it can open them.
        callback: whether it calls functions of the module's tables.
        note: an assumption the meaning rests on; one sentence, or empty.
    """

    labels: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    opener: bool = False
    callback: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a family's table.

    Attributes:
        meaning: of all functions in this row.
        names: exact names.
        pattern: an expression for names, matched whole, for those that are not listed; empty for none.
    """

    meaning: Meaning
    names: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """An interface.

    Attributes:
        key: stable short name, such as `wasi-preview1`.
        title: for readers.
        modules: an expression for import modules, matched whole (of a `@version` at the end nothing is left).
        rows: exact names first, in any row; then the patterns in order.
        rest: what other names of these modules mean; None leaves them to the next family, and in the end to `opaque`.
        host: label other names `host:PREFIX.NAME` with this prefix (`{module}` stands for the module); empty for no such rule.
        needs: an expression for `MODULE.NAME:TYPE`, such as `env.abort:(i32) -> ()`, matched from its beginning; the family
            applies only to a module with an imported function that it matches.
        section: the family applies only to a module with one of these custom sections.
    """

    key: str
    title: str
    modules: str
    rows: tuple[Row, ...] = ()
    rest: Meaning | None = None
    host: str = ""
    needs: str = ""
    section: tuple[str, ...] = ()


def row(
    labels: str,
    names: str = "",
    *,
    opened: str = "",
    opener: bool = False,
    callback: bool = False,
    note: str = "",
) -> Row:
    """A row of exact names, separated by blanks."""
    return Row(_meaning(labels, opened, opener, callback, note), tuple(names.split()))


def matching(
    labels: str,
    pattern: str,
    *,
    opened: str = "",
    opener: bool = False,
    callback: bool = False,
    note: str = "",
) -> Row:
    """A row of all names that match an expression."""
    return Row(_meaning(labels, opened, opener, callback, note), (), pattern)


def _meaning(labels: str, opened: str, opener: bool, callback: bool, note: str) -> Meaning:
    return Meaning(tuple(labels.split()), tuple(opened.split()), opener, callback, note)


OPAQUE: Final = Meaning(("opaque",), opener=True)
"""Of whatever is not known."""

VERSION: Final = re.compile(r"@[0-9][0-9A-Za-z.+-]*\Z")
