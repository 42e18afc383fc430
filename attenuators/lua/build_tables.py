# SPDX-License-Identifier: MIT
"""Turn grammar.lark into tables.json: run when the grammar changes, never when a script is compiled.

    python -m munition.attenuators.lua.build_tables

Lark computes the LALR(1) automaton; this file writes it as plain JSON with canonical state numbers, so that equal
grammars give equal bytes. A test rebuilds it and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from munition.attenuators.lua.tables import TABLES_PATH

GRAMMAR_PATH: Final = Path(__file__).with_name("grammar.lark")
START: Final = "chunk"
END: Final = "$END"
FAULT: Final = "$FAULT"  # what the lexer could not read: no state accepts it

# Each of these, while it waits for the rest of its rule, is one level of nesting; a function counts for itself and for
# the parenthesis of its parameters. See `syntax` for what later passes conclude from it.
LEVELS: Final = frozenset(
    [
        "LPAREN",
        "LBRACE",
        "LSQUARE",
        "DO",
        "THEN",
        "ELSE",
        "REPEAT",
        "FUNCTION",
        "CARET",
        "NOT",
        "HASH",
        "MINUS",
        "TILDE",
    ]
)


class Automaton(Struct, frozen=True):
    """Lark's result with names for numbers: per state, `("shift", state)` or `("reduce", rule)` by symbol name."""

    rules: tuple[dict[str, Any], ...]
    states: dict[int, dict[str, tuple[str, int]]]
    start: int
    accept: int


def build() -> str:
    """The text of tables.json for the grammar as it is now."""
    automaton = _renumbered(_generate(GRAMMAR_PATH.read_text(encoding="utf-8")))
    rules = automaton.rules
    nonterminals = sorted({rule["origin"]["name"] for rule in rules})
    symbols = {name for row in automaton.states.values() for name in row}
    terminals = [END, FAULT, *sorted(symbols - set(nonterminals) - {END})]
    rows = [_row(automaton.states[state], terminals) for state in sorted(automaton.states)]
    gotos = [_gotos(automaton, state, nonterminals) for state in sorted(automaton.states)]
    parts: dict[str, list[Any]] = {
        "terminals": terminals,
        "nonterminals": nonterminals,
        "levels": [int(name in LEVELS) for name in terminals],
        "rules": [[nonterminals.index(r["origin"]["name"]), *_shape(r)] for r in rules],
        "symbols": _accessing_symbols(automaton),
        "rows": rows,
        "gotos": gotos,
    }
    body = ",\n".join(f'"{name}": {_lines(part)}' for name, part in parts.items())
    return f'{{\n"accept": {automaton.accept},\n{body}\n}}\n'


def _generate(grammar: str) -> Automaton:
    # Only here is Lark needed, so that importing the compiler does not import it.
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    lark: Any = Lark(grammar, parser="lalr", lexer="basic", start=START)  # its annotations are partial
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    table = data["parser"]["parser"]
    rule_ids = [key for key, item in memo.items() if item["__type__"] == "Rule"]
    number = {key: at for at, key in enumerate(rule_ids)}
    states = {
        state: {
            table["tokens"][symbol]: ("reduce", number[target["@"]]) if action else ("shift", target)
            for symbol, (action, target) in row.items()
        }
        for state, row in table["states"].items()
    }
    rules = tuple(memo[key] for key in rule_ids)
    return Automaton(rules, states, table["start_states"][START], table["end_states"][START])


def _renumbered(automaton: Automaton) -> Automaton:
    """The same automaton with rules in the order of their text and states in the order a breadth-first walk meets them."""
    order = sorted(range(len(automaton.rules)), key=lambda at: _rule_key(automaton.rules[at]))
    rule_number = {old: new for new, old in enumerate(order)}
    queue = [automaton.start]
    number = {automaton.start: 0}
    for state in queue:  # grows while it is walked
        for _, (action, target) in sorted(automaton.states[state].items()):
            if action == "shift" and target not in number:
                number[target] = len(number)
                queue.append(target)
    states = {
        number[state]: {
            symbol: (action, number[target] if action == "shift" else rule_number[target])
            for symbol, (action, target) in automaton.states[state].items()
        }
        for state in queue
    }
    rules = tuple(automaton.rules[at] for at in order)
    return Automaton(rules, states, 0, number[automaton.accept])


def _rule_key(rule: dict[str, Any]) -> tuple[str, list[str]]:
    return rule["origin"]["name"], [symbol["name"] for symbol in rule["expansion"]]


def _shape(rule: dict[str, Any]) -> tuple[int, str | None, int]:
    """Length, action name, and the levels of nesting that end with the rule."""
    names = [symbol["name"] for symbol in rule["expansion"]]
    return len(names), rule["alias"], sum(name in LEVELS for name in names)


def _row(actions: dict[str, tuple[str, int]], terminals: list[str]) -> list[int]:
    """What to do per terminal: 0 is an error, `s > 0` shifts to state `s`, `-r - 1` reduces by rule `r`."""
    row = [0] * len(terminals)
    for at, name in enumerate(terminals):
        match actions.get(name):
            case ("shift", target):
                row[at] = target
            case ("reduce", rule):
                row[at] = -rule - 1
            case _:
                pass
    return row


def _gotos(automaton: Automaton, state: int, nonterminals: list[str]) -> list[int]:
    """The state after a nonterminal, past every state that could only pass its value on to another nonterminal."""
    row: list[int] = []
    for name in nonterminals:
        _, target = automaton.states[state].get(name, ("shift", 0))
        symbol = name
        while target and (rule := _only_passes_on(automaton, target)) is not None:
            symbol = rule["origin"]["name"]
            _, target = automaton.states[state][symbol]
        row.append(target)
    return row


def _only_passes_on(automaton: Automaton, state: int) -> dict[str, Any] | None:
    actions = set(automaton.states[state].values())
    if len(actions) != 1:
        return None
    kind, target = next(iter(actions))
    rule = automaton.rules[target] if kind == "reduce" else None
    return rule if rule and rule["alias"] is None and len(rule["expansion"]) == 1 else None


def _accessing_symbols(automaton: Automaton) -> list[str]:
    """The one symbol that leads into each state; error messages read the stack through it."""
    names = [""] * len(automaton.states)
    for row in automaton.states.values():
        for symbol, (action, target) in row.items():
            if action == "shift":
                names[target] = symbol
    return names


def _lines(items: list[Any]) -> str:
    return "[\n" + ",\n".join(_compact(items)) + "\n]"


def _compact(items: list[Any]) -> Iterator[str]:
    return (json.dumps(item, separators=(",", ":")) for item in items)


if __name__ == "__main__":
    TABLES_PATH.write_text(build(), encoding="utf-8")
