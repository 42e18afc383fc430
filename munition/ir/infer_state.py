# SPDX-License-Identifier: MIT
"""What the inference knows while it runs, and at its end: sets of types and objects, and what has escaped.

Objects are numbered. What reads a set that is shared between functions is remembered, and looked at again when it grows.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes, falls_off, numeric_loops
from munition.ir.heap_model import Site
from munition.ir.lattice import (
    ANY,
    FIRST_OBJECT,
    FUNCTION,
    OTHER,
    STRING,
    TABLE,
    TYPES,
    UNKNOWN,
    Mask,
    mask_of_constant,
    mask_of_type,
    objects_of,
)
from munition.ir.nodes import Const, Node, Operand, Register
from munition.ir.program import LibraryConstant, LibraryEntry, LibraryTable, Program, RuntimeTable
from munition.ir.types import Type
from munition.ir.uses import subregions

RESULTS: Final = 4
"""Results of a function that are told apart; the last one stands for all further ones."""

PATIENCE: Final = 40
"""How often, on average, an instruction may be looked at: no program is worth more time."""


class FunctionFacts(Struct):
    """What is known of one function.

    Attributes:
        registers: the set of each register (parameters first).
        extra: of the extra arguments.
        results: of the results.
        fewest: number of results that there always are.
        captures: of the captured values; for boxes, which boxes.
        escaped: it may be called by code that is not accounted for.
        called: something calls it.
        callees: identity of a call -> what it may call.
    """

    registers: list[Mask]
    extra: Mask
    results: list[Mask]
    fewest: int
    captures: dict[int, Mask]
    escaped: bool
    called: bool
    callees: dict[int, Mask]


class LibraryFunction(Struct, frozen=True):
    """An object of the program text: a function of the library."""

    symbol: str


Object = Site | LibraryFunction | str | None
"""A table site, a function of the library, the symbol of a function, or (None) a box."""


class Inference:
    """The state of the fixpoint, and at its end the result.

    Attributes:
        facts: by function number.
        objects: what the bits stand for.
        statics: the sets of the program variables.
    """

    def __init__(self, program: Program) -> None:
        """Number the functions and the objects of `program`."""
        self.program = program
        self.functions = program.functions
        self.number = {f.symbol: i for i, f in enumerate(program.functions)}
        self.objects: list[Object] = [f.symbol for f in program.functions]
        self.facts = [_empty_facts(f) for f in program.functions]
        for function, facts in zip(program.functions, self.facts, strict=True):
            if function.general is not None:  # a version captures what its function does
                facts.captures = self.facts[self.number[function.general]].captures
        self.statics: list[Mask] = [0] * program.statics
        self.static_readers: list[set[int]] = [set() for _ in range(program.statics)]
        self.callers: list[set[int]] = [set() for _ in program.functions]
        self.boxes: dict[int, Mask] = {}
        self.box_readers: dict[int, set[int]] = {}
        self.sites: dict[int, int] = {}
        self.current = 0
        self.facts_now = self.facts[0] if self.facts else _empty_facts(program.functions[0])
        self.registers: list[Mask] = []
        self.escaped: Mask = 0
        self.pending: set[int] = set()
        self.weights = [sum(1 for _ in all_nodes(f.body)) for f in program.functions]
        self.budget = PATIENCE * sum(self.weights)
        self.changed = False
        self.library: dict[str, int] = {}
        self.string_site: Site | None = None
        self.globals_number = self.new_object(Site(library=()))
        self.exported = {item.name for item in program.exports}
        entries = {item.symbol for item in program.library if isinstance(item, LibraryEntry)}
        self.has_open_strings = "lua_base_getmetatable" in entries
        self.has_metatables = self.has_open_strings or "lua_base_setmetatable" in entries
        self._lay_out_library()

    def new_object(self, what: Object) -> int:
        """A new bit."""
        self.objects.append(what)
        return len(self.objects) - 1

    def bit(self, number: int) -> Mask:
        """The bit of an object."""
        return 1 << (FIRST_OBJECT + number)

    def function_mask(self, symbol: str) -> Mask:
        """The function, as a value."""
        return FUNCTION | self.bit(self.number[symbol])

    def library_mask(self, symbol: str) -> Mask:
        """A function of the library, as a value."""
        number = self.library.get(symbol)
        if number is None:
            number = self.library[symbol] = self.new_object(LibraryFunction(symbol))
        return FUNCTION | self.bit(number)

    @property
    def globals_mask(self) -> Mask:
        """The table of globals, as a value."""
        return TABLE | self.bit(self.globals_number)

    def _lay_out_library(self) -> None:
        top = self.objects[self.globals_number]
        assert isinstance(top, Site)
        tables: dict[str, Site] = {}

        def table(name: str) -> Site:
            if name not in tables:
                site = tables[name] = Site(library=(name,))
                top.fields[name.encode()] = TABLE | self.bit(self.new_object(site))
            return tables[name]

        for item in self.program.library:
            if isinstance(item, LibraryTable):
                table(item.name)
                continue
            holder = top if len(item.path) == 1 else table(item.path[0])
            if isinstance(item, LibraryEntry):
                mask = self.library_mask(item.symbol)
            elif isinstance(item, LibraryConstant):
                mask = mask_of_constant(item.value)
            else:
                mask = ANY
            holder.fields[item.path[-1].encode()] = mask
        if (
            any(isinstance(i, RuntimeTable) for i in self.program.library)
            or "lua_base_require" in self.library
        ):
            for site in (top, *tables.values()):
                self.escape_site(site)  # they can be had from package.loaded
        top.fields[b"_G"] = self.globals_mask
        top.fields[b"arg"] = ANY
        top.stored.add(b"arg")
        self.string_site = tables.get("string")

    def mask(self, operand: Operand) -> Mask:
        """The set of an operand."""
        return self.registers[operand] if not isinstance(operand, Const) else self.mask_of_const(operand)

    def mask_of_const(self, operand: Const) -> Mask:
        """The set of a constant."""
        if operand.type is Type.FUNCTION:
            assert isinstance(operand.value, str)
            return self.function_mask(operand.value)
        if operand.type is Type.TABLE:
            return self.globals_mask
        if isinstance(operand.value, str):
            return ANY
        return mask_of_constant(operand.value)

    def grow(self, register: Register, mask: Mask) -> None:
        """The register can hold this, too."""
        before = self.registers[register]
        if mask & ~before:
            self.registers[register] = before | mask
            self.changed = True

    def with_version(self, number: int) -> set[int]:
        """A function and its version."""
        version = self.functions[number].version
        return {number} if version is None else {number, self.number[version.symbol]}

    def wake(self, readers: set[int]) -> None:
        """What these functions read has grown."""
        self.pending |= readers
        if self.current in readers:
            self.changed = True

    def wake_named(self, site: Site, name: bytes) -> None:
        """A field of a site has grown."""
        self.wake(site.readers)
        self.wake(site.named_readers.get(name, set()))

    def sites_of(self, mask: Mask, name: bytes | None = None) -> list[Site]:
        """The sites in a mask; the current function will hear of their changes, or of those of the field `name`."""
        out: list[Site] = []
        for number in objects_of(mask):
            found = self.objects[number]
            if isinstance(found, Site):
                (found.readers if name is None else found.named_readers.setdefault(name, set())).add(
                    self.current
                )
                out.append(found)
        return out

    def constant(self, node: n.Index, registers: list[Mask]) -> tuple[str, ...] | None:
        """The path to the value of the library that an index always gives."""
        name = constant_name(node.key)
        if name is None:
            return None
        mask = self.mask(node.object) if isinstance(node.object, Const) else registers[node.object]
        if mask & (TYPES | UNKNOWN) == STRING and self.string_site is not None:
            return ("string", name.decode("latin-1")) if self.string_site.is_steady(name) else None
        numbers = objects_of(mask)
        if len(numbers) != 1 or mask & (TYPES | UNKNOWN) != TABLE:
            return None
        site = self.objects[numbers[0]]
        if not isinstance(site, Site) or site.library is None or not site.is_steady(name):
            return None
        return (*site.library, name.decode("latin-1"))

    def escape(self, mask: Mask) -> None:
        """Code that is not accounted for gets hold of a value."""
        fresh = mask & ~self.escaped
        if fresh >> FIRST_OBJECT == 0:
            return
        self.escaped |= fresh
        for number in objects_of(fresh):
            found = self.objects[number]
            if isinstance(found, Site):
                self.escape_site(found)
            elif isinstance(found, str):
                self.escape_function(self.number[found])

    def escape_site(self, site: Site) -> None:
        """Tables may be read and written by code that is not accounted for."""
        if site.escaped:
            return
        site.escaped = True
        self.wake(site.all_readers())
        self.escape(site.contents() | site.keys | site.meta)

    def escape_function(self, number: int) -> None:
        """A function may be called with anything."""
        facts = self.facts[number]
        if facts.escaped:
            return
        facts.escaped = facts.called = True
        for i in range(self.functions[number].parameters):
            facts.registers[i] |= ANY
        facts.extra |= ANY
        self.pending.add(number)
        for mask in facts.results:
            self.escape(mask)

    def is_foreign(self, mask: Mask) -> bool:
        """Whether operators on such a value may run code that is not accounted for."""
        if not self.has_metatables:
            return False
        if mask & (UNKNOWN | OTHER):
            return True
        return bool(mask & TABLE) and any(site.escaped for site in self.sites_of(mask))

    def is_open_string(self, mask: Mask) -> bool:
        """Whether the value may be a string whose metatable the program can have got hold of."""
        return self.has_open_strings and bool(mask & STRING)


def _empty_facts(function: n.Function) -> FunctionFacts:
    masks = [0 if t is Type.VALUE or t in _OPAQUE else mask_of_type(t) for t in function.registers]
    for loop in numeric_loops(function.body):
        masks[loop.loop.float_counter] = 0  # until the loop is seen to count in floats
    return FunctionFacts(masks, 0, [0] * RESULTS, _fewest_results(function.body), {}, False, False, {})


# Sets of these are filled by what makes them: they are told apart by object, or stand for an open list.
_OPAQUE: Final = frozenset({Type.TABLE, Type.FUNCTION, Type.BOX, Type.I32, Type.BOOL})


def _fewest_results(body: tuple[Node, ...]) -> int:
    """How many results there always are, tail calls not counted."""
    fewest = 0 if falls_off(body) else RESULTS
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, n.Return):
            fewest = min(fewest, len(node.values))
        for inner in subregions(node):
            pending.extend(inner)
    return fewest


def constant_name(key: Operand) -> bytes | None:
    """The name that a key always is."""
    return key.value if isinstance(key, Const) and isinstance(key.value, bytes) else None
