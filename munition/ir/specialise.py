# SPDX-License-Identifier: MIT
"""From what the inference found to typed registers and direct calls.

A register that can hold values of one type only becomes a register of that type. A function that is called by name gets an
*entry*: parameters and result of their own types, no count of arguments, no closure unless it captures something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes, falls_off, numeric_loops
from munition.ir.effects import calls_out
from munition.ir.facts import Entry, Facts, Known
from munition.ir.infer import TooMuchError, infer
from munition.ir.infer_calls import only_integers
from munition.ir.infer_state import FunctionFacts, LibraryFunction, constant_name
from munition.ir.inline import inline_calls
from munition.ir.lattice import (
    FUNCTION,
    INTEGER,
    OTHER,
    STRING,
    TYPES,
    UNKNOWN,
    Mask,
    objects_of,
    unboxed_type,
)
from munition.ir.nodes import Const, Function, Node, Register
from munition.ir.program import Program
from munition.ir.switches import ALL, Switches
from munition.ir.types import Type
from munition.ir.uses import constants, writes
from munition.ir.versions import MAX_PARAMETERS, add_versions
from munition.ir.yields import suspendable_functions

MAX_NODES: Final = 25_000
"""Nodes from which on a program is left as it is: it would take too long."""


def specialise(program: Program, switches: Switches = ALL) -> Program:
    """The program with types; the same program if it is too large, or if types are switched off."""
    if not switches.types or sum(1 for f in program.functions for _ in all_nodes(f.body)) > MAX_NODES:
        return program
    whole = add_versions(program) if switches.versions and switches.entries else program
    try:
        typed = _Specialiser(whole, entries=switches.entries).run()
    except TooMuchError:
        return program
    return inline_calls(typed) if switches.inline else typed


class _Uses(Struct):
    """How a function of the program is used: called by name, called in place of another, or as a value."""

    direct: bool = False
    other: bool = False


class _Specialiser:
    def __init__(self, program: Program, *, entries: bool) -> None:
        self.program = program
        self.with_entries = entries
        self.inference = infer(program)
        self.index = self.inference.number
        self.uses = {f.symbol: _Uses() for f in program.functions}
        self.suspendable = suspendable_functions(program)
        self.calls: list[dict[int, Known]] = []
        self.entries: dict[str, Entry] = {}
        self.single: dict[str, Type] = {}

    def run(self) -> Program:
        """All steps."""
        for function, facts in zip(self.program.functions, self.inference.facts, strict=True):
            self.calls.append(self._known_calls(function, facts))
        self._find_single_results()
        self._choose_entries()
        self._drop_unused_entries()
        for function, calls in zip(self.program.functions, self.calls, strict=True):
            self._note_uses(function, calls)
        typed = [self._typed(function, i) for i, function in enumerate(self.program.functions)]
        return replace(self.program, functions=tuple(self._with_purity(self._without_unused(typed))))

    # ---- calls

    def _known_calls(self, function: Function, facts: FunctionFacts) -> dict[int, Known]:
        out: dict[int, Known] = {}
        for node in all_nodes(function.body):
            if isinstance(node, n.Call | n.TailCall):
                known = self._known(facts.callees.get(id(node), 0))
                if known is not None:
                    out[id(node)] = self._by_type(known, node, facts)
        return out

    def _by_type(self, known: Known, node: n.Call | n.TailCall, facts: FunctionFacts) -> Known:
        """Whether a call goes to the version of its function, to the function, or to one of them by its arguments."""
        version = None if known.library else self.program.functions[self.index[known.symbol]].version
        if version is None or not self.inference.facts[self.index[version.symbol]].called:
            return known
        if len(node.args) <= max(version.integers):
            return known if node.open is None else replace(known, by_type=True)
        arguments = [node.args[i] for i in version.integers]
        masks = [
            self.inference.mask_of_const(o) if isinstance(o, Const) else facts.registers[o] for o in arguments
        ]
        if only_integers(masks):
            return replace(known, symbol=version.symbol)
        return replace(known, by_type=all(mask & INTEGER for mask in masks))

    def _known(self, mask: Mask) -> Known | None:
        if not mask & FUNCTION or mask & (UNKNOWN | OTHER):
            return None
        callables = [
            o
            for o in map(self.inference.objects.__getitem__, objects_of(mask))
            if isinstance(o, str | LibraryFunction)
        ]
        if len(callables) != 1:
            return None
        found, certain = callables[0], mask & TYPES == FUNCTION
        if isinstance(found, str):
            return Known(found, False, certain)
        return Known(found.symbol, True, certain)

    def passes_exactly(self, node: n.Call | n.TailCall, symbol: str) -> bool:
        """Whether the arguments of a call are known one by one, as far as the callee has parameters."""
        parameters = self.program.functions[self.index[symbol]].parameters
        return node.open is None or len(node.args) >= parameters

    def _constants(self, function: Function, facts: FunctionFacts) -> dict[int, tuple[str, ...]]:
        out: dict[int, tuple[str, ...]] = {}
        for node in all_nodes(function.body):
            if isinstance(node, n.Index):
                path = self.inference.constant(node, facts.registers)
                if path is not None and path != ("_G",):
                    out[id(node)] = path
        return out

    def _texts(self, function: Function, facts: FunctionFacts) -> dict[int, tuple[str, ...]]:
        """Methods of what may be a string."""
        strings = self.inference.string_site
        out: dict[int, tuple[str, ...]] = {}
        for node in all_nodes(function.body):
            if isinstance(node, n.Index) and node.method and strings is not None:
                name, mask = constant_name(node.key), _object_mask(node, facts)
                if name is not None and strings.is_steady(name) and mask & (STRING | UNKNOWN):
                    out[id(node)] = ("string", name.decode("latin-1"))
        return out

    # ---- results

    def _find_single_results(self) -> None:
        """The functions that always return one value, and its type: the largest such set."""
        single: dict[str, Type] = {}
        for function, facts in zip(self.program.functions, self.inference.facts, strict=True):
            if facts.called and not falls_off(function.body) and _returns_one(function.body):
                single[function.symbol] = unboxed_type(facts.results[0])
        changed = True
        while changed:
            lost = [s for s in single if not self._tail_calls_agree(s, single)]
            for symbol in lost:
                del single[symbol]
            changed = bool(lost)
        self.single = single

    def _tail_calls_agree(self, symbol: str, single: dict[str, Type]) -> bool:
        number = self.index[symbol]
        function, calls = self.program.functions[number], self.calls[number]
        for node in all_nodes(function.body):
            if isinstance(node, n.TailCall):
                known = calls.get(id(node))
                if (
                    known is None
                    or known.library
                    or not known.certain
                    or not self.may_have_entry(known.symbol)
                ):
                    return False
                if single.get(known.symbol) is not single[symbol] or not self.passes_exactly(
                    node, known.symbol
                ):
                    return False
        return True

    # ---- entries

    def may_have_entry(self, symbol: str) -> bool:
        """Whether a function can be called by its entry."""
        function = self.program.functions[self.index[symbol]]
        return (
            self.with_entries
            and not function.vararg
            and not function.is_chunk
            and symbol not in self.suspendable
            and function.parameters <= MAX_PARAMETERS
            and self.inference.facts[self.index[symbol]].called
        )

    def _choose_entries(self) -> None:
        wanted = {
            known.symbol
            for calls in self.calls
            for known in calls.values()
            if not known.library and self.may_have_entry(known.symbol)
        } | self._versions()
        for symbol in wanted:
            number = self.index[symbol]
            function, facts = self.program.functions[number], self.inference.facts[number]
            self.entries[symbol] = Entry(
                tuple(unboxed_type(m) for m in facts.registers[: function.parameters]),
                self.single.get(symbol),
                any(isinstance(node, n.LoadUpvalue) for node in all_nodes(function.body)),
            )

    def _versions(self) -> set[str]:
        """The versions that run: they have nothing but their entries."""
        return {
            f.symbol
            for f, facts in zip(self.program.functions, self.inference.facts, strict=True)
            if f.general is not None and facts.called
        }

    def _drop_unused_entries(self) -> None:
        """Keep the entries that some call really goes to; a tail call goes to one only from a function that keeps its own."""
        while True:
            reached = {
                known.symbol
                for function, calls in zip(self.program.functions, self.calls, strict=True)
                for node in all_nodes(function.body)
                if isinstance(node, n.Call | n.TailCall)
                and (known := calls.get(id(node))) is not None
                and not known.library
                and self.is_direct(node, known, function)
            } | self._versions()
            if len(reached) == len(self.entries):
                return
            self.entries = {symbol: entry for symbol, entry in self.entries.items() if symbol in reached}

    def is_direct(self, node: n.Call | n.TailCall, known: Known, caller: Function) -> bool:
        """Whether a call goes to the entry of its callee."""
        entry = self.entries.get(known.symbol)
        if entry is None or not self.passes_exactly(node, known.symbol):
            return False
        if isinstance(node, n.TailCall):
            if node.stays:
                return False
            own = self.entries.get(caller.symbol)
            mine = None if own is None else own.result
            return known.certain and mine is entry.result
        return True

    def _note_uses(self, function: Function, calls: dict[int, Known]) -> None:
        for node in all_nodes(function.body):
            known = calls.get(id(node))
            if isinstance(node, n.Call | n.TailCall) and known is not None and not known.library:
                direct = self.is_direct(node, known, function)
                self.uses[known.symbol].direct |= direct
                if (
                    not direct
                ):  # it is then called as a value, which is the general function and chooses the version
                    del calls[id(node)]
                general = self.program.functions[self.index[known.symbol]].general
                self._note_values(node.args, () if direct else (general or known.symbol,))
            elif isinstance(node, n.MakeClosure):
                self._note_values(node.captures, (node.symbol,))
            else:
                self._note_values(constants(node), ())

    def _note_values(self, operands: Iterable[object], symbols: tuple[str, ...]) -> None:
        """The functions among constant operands are used as values; so are these."""
        for operand in operands:
            if isinstance(operand, Const) and operand.type is Type.FUNCTION:
                assert isinstance(operand.value, str)
                self.uses[operand.value].other = True
        for symbol in symbols:
            self.uses[symbol].other = True

    # ---- the result

    def _typed(self, function: Function, number: int) -> Function:
        facts = self.inference.facts[number]
        uses = self.uses[function.symbol]
        is_version = function.general is not None
        entry = self.entries.get(function.symbol) if uses.direct or is_version else None
        types = [
            unboxed_type(mask) if declared is Type.VALUE else declared
            for declared, mask in zip(function.registers, facts.registers, strict=True)
        ]
        types[: function.parameters] = entry.parameters if entry else [Type.VALUE] * function.parameters
        return replace(
            function,
            registers=tuple(types),
            facts=Facts(
                masks=tuple(facts.registers),
                calls=self.calls[number],
                constants=self._constants(function, facts),
                texts=self._texts(function, facts),
                always=_always_true(function, facts),
                entry=entry,
                listed=not is_version and (entry is None or uses.other or facts.escaped),
                pure=False,
                called=facts.called,
            ),
        )

    def _without_unused(self, functions: list[Function]) -> list[Function]:
        """Without versions that never run, and without the code of functions of which only the version does."""
        running = self._versions()
        out: list[Function] = []
        for f in functions:
            assert f.facts is not None
            if f.version is not None and f.version.symbol not in running:
                out.append(replace(f, version=None))
            elif f.version is not None and not f.facts.called:
                out.append(replace(f, body=()))
            elif f.general is None or f.symbol in running:
                out.append(f)
        return out

    def _with_purity(self, functions: list[Function]) -> list[Function]:
        """Find the functions whose code calls nothing that may fail; calls of them are harmless.

        From the leaves up, so that no function that may call itself is among them: a recursion may use up the
        stack, which is an error.
        """
        candidates = {
            f.symbol for f in functions if f.facts is not None and f.facts.entry is not None and not f.vararg
        }
        versions = {f.symbol: f.version.symbol for f in functions if f.version is not None}
        pure: set[str] = set()
        changed = True
        while changed:
            functions = [_mark(f, pure, versions) for f in functions]
            found = {
                f.symbol
                for f in functions
                if f.symbol in candidates - pure and not any(calls_out(node, f) for node in all_nodes(f.body))
            }
            pure |= found
            changed = bool(found)
        return functions


def _object_mask(node: n.Index, facts: FunctionFacts) -> Mask:
    return 0 if isinstance(node.object, Const) else facts.registers[node.object]


def _mark(function: Function, pure: set[str], versions: Mapping[str, str]) -> Function:
    assert function.facts is not None

    def is_pure(known: Known) -> bool:
        symbol = versions.get(known.symbol, known.symbol) if known.by_type else known.symbol
        return known.certain and not known.library and known.symbol in pure and symbol in pure

    calls = {node: replace(known, harmless=is_pure(known)) for node, known in function.facts.calls.items()}
    return replace(function, facts=replace(function.facts, calls=calls, pure=function.symbol in pure))


def _returns_one(body: tuple[Node, ...]) -> bool:
    return all(
        len(node.values) == 1 and node.open is None for node in all_nodes(body) if isinstance(node, n.Return)
    )


def _always_true(function: Function, facts: FunctionFacts) -> frozenset[Register]:
    """The registers that say whether a loop counts in integers, for loops that always do.

    Large functions use registers again, so all that writes one has to agree.
    """
    heads = [node.loop for node in numeric_loops(function.body)]
    mixed = {loop.kind for loop in heads if facts.registers[loop.float_counter] != 0}
    kinds = {loop.kind for loop in heads} - mixed
    found: set[Register] = set()
    others: set[Register] = set(range(function.parameters))
    for node in all_nodes(function.body):
        written = writes(node)
        if (
            isinstance(node, n.Numeric)
            and node.op == "i32.eq"
            and node.args[0] in kinds
            and node.args[1] == Const(Type.I32, 1)
        ):
            found.update(written)
        else:
            others.update(written)
    return frozenset(found - others)
