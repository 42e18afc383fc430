# SPDX-License-Identifier: MIT
"""Which types the registers of a whole program can have: a fixpoint over all functions at once.

Every register, program variable, captured variable, parameter, result, field and list item has a set of types and objects
(`ir.lattice`). An instruction adds to the set of what it writes whatever the sets of what it reads allow. Sets only grow, so
this ends; at the end each of them covers everything that can happen at run time. Tables are told apart by the place that
makes them. What is passed to code that is not accounted for (the host, most library functions, metamethods) *escapes*: from
then on its fields can be anything, or, for a function, its parameters.

The method is Andersen's analysis of pointers (1994) with types carried along, and calls resolved while it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from munition.ir import nodes as n
from munition.ir.heap_model import Site
from munition.ir.infer_library import MODELS
from munition.ir.lattice import (
    ANY,
    BOOLEAN,
    FALSY,
    FIRST_OBJECT,
    FLOAT,
    FUNCTION,
    INTEGER,
    NIL,
    OTHER,
    STRING,
    TABLE,
    TYPES,
    UNKNOWN,
    Mask,
    arithmetic,
    mask_of_constant,
    mask_of_type,
    objects_of,
)
from munition.ir.nodes import Const, Node, Operand, Program, Register
from munition.ir.types import Type
from munition.ir.uses import subregions

RESULTS: Final = 4
"""Results of a function that are told apart; the last one stands for all further ones."""


PATIENCE: Final = 40
"""How often, on average, an instruction may be looked at: no program is worth more time."""


class TooMuchError(Exception):
    """The program takes too long to infer."""


def all_nodes(body: tuple[Node, ...]) -> Iterable[Node]:
    """Every node of a body, in no particular order."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        for inner in subregions(node):
            pending.extend(inner)


@dataclass(slots=True)
class FunctionFacts:
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


@dataclass(frozen=True, slots=True)
class LibraryFunction:
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
        entries = {item.symbol for item in program.library if isinstance(item, n.LibraryEntry)}
        self.has_metatables = "lua_base_setmetatable" in entries
        self._lay_out_library()

    # ---- objects

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
            if isinstance(item, n.LibraryTable):
                table(item.name)
                continue
            holder = top if len(item.path) == 1 else table(item.path[0])
            if isinstance(item, n.LibraryEntry):
                mask = self.library_mask(item.symbol)
            elif isinstance(item, n.LibraryConstant):
                mask = mask_of_constant(item.value)
            else:
                mask = ANY
            holder.fields[item.path[-1].encode()] = mask
        if (
            any(isinstance(i, n.RuntimeTable) for i in self.program.library)
            or "lua_base_require" in self.library
        ):
            for site in (top, *tables.values()):
                self.escape_site(site)  # they can be had from package.loaded
        top.fields[b"_G"] = self.globals_mask
        top.fields[b"arg"] = ANY
        top.stored.add(b"arg")
        self.string_site = tables.get("string")

    # ---- the fixpoint

    def solve(self) -> Inference:
        """Run to the end."""
        entries = {self.program.main, *(m.symbol for m in self.program.modules)}
        for i, function in enumerate(self.functions):
            if function.symbol in entries:
                self.escape_function(i)
        self.pending = set(range(len(self.functions)))
        while self.pending:
            for i in sorted(self.pending):
                if i in self.pending:
                    self.pending.discard(i)
                    self._run(i)
        return self

    def _run(self, number: int) -> None:
        self.current = number
        function = self.functions[number]
        self.facts_now = self.facts[number]
        if not self.facts_now.called:
            return
        self.registers = self.facts_now.registers
        self.changed = True
        while self.changed:
            self.changed = False
            self.budget -= self.weights[number]
            if self.budget < 0:
                raise TooMuchError
            self._body(function.body, -1)

    def _body(self, body: tuple[Node, ...], true: Register) -> None:
        """Apply the nodes of a body.

        `true`: a register that is known to be true (or, as -2 - register, false) during the moves the body begins with.
        """
        transfer = _TRANSFER
        tested: n.Compare | None = None
        present = -1
        for node in body:
            kind = type(node)
            if kind is n.Move:
                assert isinstance(node, n.Move)
                mask = self.mask(node.src)
                if present >= 0 and node.src == present:
                    mask &= ~NIL
                if true >= 0 and node.src == true:
                    mask &= ~FALSY
                elif true < -1 and node.src == -2 - true:
                    mask &= FALSY
                self.grow(node.dst, mask)
                if node.dst in (true, -2 - true):
                    true = -1
                if node.dst == present:
                    present = -1
                tested = None
                continue
            if kind is n.Line:
                continue
            apply = transfer.get(kind)
            present = true = -1
            if apply is not None:
                apply(self, node)
                tested = node if isinstance(node, n.Compare) else None
            elif kind is n.If:
                assert isinstance(node, n.If)
                present, tested = _present_after(tested, node), None
                condition = node.condition if isinstance(node.condition, int) else -1
                self._body(node.then, condition)
                self._body(node.otherwise, -2 - condition if condition >= 0 else -1)
            else:
                for inner in subregions(node):
                    self._body(inner, -1)

    # ---- sets

    def mask(self, operand: Operand) -> Mask:
        """The set of an operand."""
        if not isinstance(operand, Const):
            return self.registers[operand]
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
        name = _constant_name(node.key)
        if name is None or (isinstance(node.object, Const) and node.object.type is not Type.TABLE):
            return None
        mask = self.globals_mask if isinstance(node.object, Const) else registers[node.object]
        if mask & (TYPES | UNKNOWN) == STRING and self.string_site is not None:
            return ("string", name.decode("latin-1")) if self.string_site.is_steady(name) else None
        numbers = objects_of(mask)
        if len(numbers) != 1 or mask & (TYPES | UNKNOWN) != TABLE:
            return None
        site = self.objects[numbers[0]]
        if not isinstance(site, Site) or site.library is None or not site.is_steady(name):
            return None
        return (*site.library, name.decode("latin-1"))

    # ---- escape

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

    # ---- tables

    def load_named(self, mask: Mask, name: bytes) -> Mask:
        """What `value.name` can be."""
        out = 0
        if mask & (UNKNOWN | OTHER):
            out |= ANY
        if mask & STRING and self.string_site is not None:
            self.string_site.named_readers.setdefault(name, set()).add(self.current)
            out |= ANY if self.string_site.escaped else self.string_site.named(name)
        seen: set[int] = set()
        queue = self.sites_of(mask, name)
        while queue:
            site = queue.pop()
            if id(site) in seen:
                continue
            seen.add(id(site))
            out |= ANY if site.escaped else site.named(name)
            queue += self._inherited(site, name)
        return out

    def load_any(self, mask: Mask, key: Mask) -> Mask:
        """What `value[key]` can be."""
        out = ANY if mask & (UNKNOWN | OTHER | STRING) else 0
        seen: set[int] = set()
        queue = self.sites_of(mask)
        while queue:
            site = queue.pop()
            if id(site) in seen:
                continue
            seen.add(id(site))
            if site.escaped:
                out |= ANY
            elif key & STRING:
                out |= site.contents() | NIL
            else:
                out |= site.items | site.loose | NIL
            queue += self._inherited(site)
        return out

    def _inherited(self, site: Site, name: bytes | None = None) -> list[Site]:
        """The tables a site's metatables name as `__index`. Other kinds of `__index` make the site escape."""
        out: list[Site] = []
        for meta in self.sites_of(site.meta, b"__index"):
            out += self.sites_of(meta.named(b"__index"), name)
        return out

    def store(self, mask: Mask, key: Mask, value: Mask) -> None:
        """`table[key] = value` for a key that is no constant name."""
        if mask & (UNKNOWN | OTHER):
            self.escape(value)
            self.escape(key)
        for site in self.sites_of(mask):
            if site.escaped:
                self.escape(value)
                self.escape(key)
            before = site.items, site.loose, site.keys
            if key & STRING:
                site.loose |= value
            if key & ~STRING:
                site.items |= value
            site.keys |= key
            if before != (site.items, site.loose, site.keys):
                self.wake(site.readers if before[1] == site.loose else site.all_readers())
                if site.is_meta and key & STRING:
                    self.escape_site(site)

    def store_named(self, mask: Mask, name: bytes, value: Mask) -> None:
        """`table.name = value`."""
        if mask & (UNKNOWN | OTHER):
            self.escape(value)
        if name.startswith(b"__") and value & FUNCTION:
            self.escape(value)
        for site in self.sites_of(mask, name):
            if site.escaped:
                self.escape(value)
            before = site.fields.get(name, 0)
            if site.library is not None and name not in site.stored:
                site.stored.add(name)
                self.wake_named(site, name)
            if value & ~before:
                site.fields[name] = before | value
                self.wake_named(site, name)
                if site is self.objects[self.globals_number] and name in self.exported:
                    self.escape(value)

    def set_metatable(self, mask: Mask, meta: Mask) -> None:
        """`setmetatable(table, meta)`. Only metatables with nothing but tables for `__index` are followed."""
        plain = not meta & (UNKNOWN | OTHER)
        for site in self.sites_of(meta):
            site.is_meta = True
            plain = plain and self._is_plain_meta(site)
        for site in self.sites_of(mask):
            if meta & ~site.meta:
                site.meta |= meta
                self.wake(site.all_readers())
            if not plain:
                self.escape_site(site)
        if not plain:
            self.escape(meta)
        if mask & UNKNOWN:
            self.escape(meta)

    def _is_plain_meta(self, site: Site) -> bool:
        if site.escaped or site.loose:
            return False
        for name, mask in site.fields.items():
            if name == b"__index":
                if mask & ~(TABLE | NIL) & ANY:
                    return False
            elif name.startswith(b"__") and name != b"__name":
                return False
        return True

    # ---- calls

    def call(self, node: Node, callee: Mask, arguments: list[Mask], rest: Mask) -> list[Mask]:
        """The results of a call with these arguments, and any number of further ones in `rest`."""
        self.facts_now.callees[id(node)] = self.facts_now.callees.get(id(node), 0) | callee
        out = [0] * RESULTS
        if callee & (UNKNOWN | OTHER) or (callee & TABLE and self.is_foreign(callee)):
            self.give_away(callee, arguments, rest)
            return [ANY] * RESULTS
        for number in objects_of(callee):
            found = self.objects[number]
            if isinstance(found, str):
                self._add(out, self._call_function(self.number[found], arguments, rest))
            elif isinstance(found, LibraryFunction):
                self._add(out, self._call_library(found.symbol, arguments, rest))
        return out

    def give_away(self, callee: Mask, arguments: list[Mask], rest: Mask) -> None:
        """All of these escape."""
        self.escape(callee)
        self.escape(rest)
        for mask in arguments:
            self.escape(mask)

    def _add(self, out: list[Mask], more: list[Mask]) -> None:
        for i, mask in enumerate(more):
            out[i] |= mask

    def _call_function(self, number: int, arguments: list[Mask], rest: Mask) -> list[Mask]:
        facts, function = self.facts[number], self.functions[number]
        self.callers[number].add(self.current)
        grown = not facts.called
        facts.called = True
        if not facts.escaped:
            for i in range(function.parameters):
                mask = arguments[i] if i < len(arguments) else rest | NIL
                if mask & ~facts.registers[i]:
                    facts.registers[i] |= mask
                    grown = True
        extra = rest
        for mask in arguments[function.parameters :]:
            extra |= mask
        if facts.escaped:
            self.escape(extra)
            for mask in arguments:
                self.escape(mask)
        if function.vararg and extra & ~facts.extra:
            facts.extra |= extra
            grown = True
        if grown:
            self.wake({number})
        return [
            m | (NIL if i >= facts.fewest or i == RESULTS - 1 else 0) for i, m in enumerate(facts.results)
        ]

    def call_known(self, number: int, arguments: list[Mask], rest: Mask) -> None:
        """A function of the program is called back by the library."""
        self._call_function(number, arguments, rest)

    def _call_library(self, symbol: str, arguments: list[Mask], rest: Mask) -> list[Mask]:
        model = MODELS.get(symbol)
        if model is not None and not rest:
            found = model(self, arguments)
            if found is not None:
                return [*found, *[NIL] * RESULTS][:RESULTS]
        self.give_away(0, arguments, rest)
        if symbol == "lua_base_getmetatable":
            for mask in arguments:
                for site in self.sites_of(mask):
                    self.escape(site.meta)
                if mask & (STRING | UNKNOWN) and self.string_site is not None:
                    self.escape_site(self.string_site)
        return [ANY] * RESULTS

    def results_of(self, results: list[Mask], index: int) -> Mask:
        """One of the results of a call."""
        return results[min(index, RESULTS - 1)] | (NIL if index >= RESULTS - 1 else 0)

    def add_results(self, results: list[Mask]) -> None:
        """The current function can return these."""
        facts = self.facts_now
        grown = False
        for i, mask in enumerate(results):
            if mask & ~facts.results[i]:
                facts.results[i] |= mask
                grown = True
            if facts.escaped:
                self.escape(mask)
        if grown:
            self.wake(self.callers[self.current])


def _present_after(test: n.Compare | None, branch: n.If) -> Register:
    """The register that is not nil after `branch`, which leaves when `test` finds that it is; -1 if that is not what it does."""
    if (
        test is not None
        and branch.condition == test.dst
        and test.op == "eq"
        and test.right == n.NIL
        and isinstance(test.left, int)
        and not branch.otherwise
        and not falls_off(branch.then)
    ):
        return test.left
    return -1


def _empty_facts(function: n.Function) -> FunctionFacts:
    masks = [0 if t is Type.VALUE or t in _OPAQUE else mask_of_type(t) for t in function.registers]
    for loop in numeric_loops(function.body):
        masks[loop.loop.float_counter] = 0  # until the loop is seen to count in floats
    return FunctionFacts(masks, 0, [0] * RESULTS, _fewest_results(function.body), {}, False, False, {})


# Sets of these are filled by what makes them: they are told apart by object, or stand for an open list.
_OPAQUE: Final = frozenset({Type.TABLE, Type.FUNCTION, Type.BOX, Type.I32, Type.BOOL})


def numeric_loops(body: tuple[Node, ...]) -> list[n.ForPrepare]:
    """The heads of all numeric loops in a body."""
    found: list[n.ForPrepare] = []
    pending = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, n.ForPrepare):
            found.append(node)
        for inner in subregions(node):
            pending.extend(inner)
    return found


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


def falls_off(body: tuple[Node, ...]) -> bool:
    """Whether control may come to the end of a body."""
    if not body:
        return True
    last = body[-1]
    match last:
        case n.Return() | n.TailCall() | n.Jump() | n.Switch():
            return False
        case n.If():
            return falls_off(last.then) or falls_off(last.otherwise)
        case n.Loop():
            return falls_off(last.body)
        case n.Block():
            return falls_off(last.body) or _jumps_to(last.body, last.label)
        case _:
            return True


def _jumps_to(body: tuple[Node, ...], label: int) -> bool:
    pending = list(body)
    while pending:
        node = pending.pop()
        if (isinstance(node, n.Jump) and node.label == label) or (
            isinstance(node, n.Switch) and label in (*node.labels, node.default)
        ):
            return True
        if isinstance(node, n.If) and isinstance(node.condition, Const):
            taken = node.condition.value is not None and node.condition.value is not False
            pending.extend(node.then if taken else node.otherwise)
            continue
        for inner in subregions(node):
            pending.extend(inner)
    return False


# ---- instructions


def _load_upvalue(s: Inference, node: n.LoadUpvalue) -> None:
    s.grow(node.dst, s.facts_now.captures.get(node.index, 0))


def _load_static(s: Inference, node: n.LoadStatic) -> None:
    s.static_readers[node.index].add(s.current)
    s.grow(node.dst, s.statics[node.index])


def _store_static(s: Inference, node: n.StoreStatic) -> None:
    mask = s.mask(node.src)
    if mask & ~s.statics[node.index]:
        s.statics[node.index] |= mask
        s.wake(s.static_readers[node.index])


def _new_box(s: Inference, node: n.NewBox) -> None:
    number = s.sites.get(id(node))
    if number is None:
        number = s.sites[id(node)] = s.new_object(None)
        s.boxes[number] = 0
        s.box_readers[number] = set()
    s.grow(node.dst, s.bit(number))
    _fill_box(s, number, s.mask(node.src))


def _fill_box(s: Inference, number: int, mask: Mask) -> None:
    if mask & ~s.boxes[number]:
        s.boxes[number] |= mask
        s.wake(s.box_readers[number])


def _box_get(s: Inference, node: n.BoxGet) -> None:
    for number in objects_of(s.mask(node.box)):
        s.box_readers[number].add(s.current)
        s.grow(node.dst, s.boxes[number])


def _box_set(s: Inference, node: n.BoxSet) -> None:
    for number in objects_of(s.mask(node.box)):
        _fill_box(s, number, s.mask(node.src))


def _make_closure(s: Inference, node: n.MakeClosure) -> None:
    # the register first: a closure can capture itself
    s.grow(node.dst, s.function_mask(node.symbol))
    number = s.number[node.symbol]
    captures = s.facts[number].captures
    for i, operand in enumerate(node.captures):
        mask = s.mask(operand)
        if mask & ~captures.get(i, 0):
            captures[i] = captures.get(i, 0) | mask
            s.wake({number})


def _arith(s: Inference, node: n.Arith) -> None:
    left, right = s.mask(node.left), s.mask(node.right)
    if s.is_foreign(left) or s.is_foreign(right):
        s.escape(left)
        s.escape(right)
        s.grow(node.dst, ANY)
        return
    s.grow(node.dst, arithmetic(node.op, left, right))


def _compare(s: Inference, node: n.Compare) -> None:
    left, right = s.mask(node.left), s.mask(node.right)
    if s.is_foreign(left) or s.is_foreign(right):
        s.escape(left)
        s.escape(right)
    s.grow(node.dst, BOOLEAN)


def _not(s: Inference, node: n.Not) -> None:
    s.grow(node.dst, BOOLEAN)


def _concat(s: Inference, node: n.Concat) -> None:
    masks = [s.mask(operand) for operand in node.operands]
    if any(s.is_foreign(mask) for mask in masks):
        for mask in masks:
            s.escape(mask)
        s.grow(node.dst, ANY)
        return
    s.grow(node.dst, STRING)


def _length(s: Inference, node: n.Length) -> None:
    mask = s.mask(node.src)
    s.grow(node.dst, ANY if s.is_foreign(mask) else INTEGER)
    if s.is_foreign(mask):
        s.escape(mask)


def _new_table(s: Inference, node: n.NewTable | n.SaveResults) -> None:
    number = s.sites.get(id(node))
    if number is None:
        number = s.sites[id(node)] = s.new_object(Site())
    s.grow(node.dst, TABLE | s.bit(number))


def _constant_name(key: Operand) -> bytes | None:
    return key.value if isinstance(key, Const) and isinstance(key.value, bytes) else None


def _index(s: Inference, node: n.Index) -> None:
    mask, name = s.mask(node.object), _constant_name(node.key)
    if name is not None:
        s.grow(node.dst, s.load_named(mask, name))
        return
    key = s.mask(node.key)
    if mask & (UNKNOWN | OTHER):
        s.escape(key)
    s.grow(node.dst, s.load_any(mask, key))


def _set_index(s: Inference, node: n.SetIndex) -> None:
    mask, name, value = s.mask(node.object), _constant_name(node.key), s.mask(node.value)
    if name is not None:
        s.store_named(mask, name, value)
    else:
        s.store(mask, s.mask(node.key), value)


def _append(s: Inference, node: n.Append) -> None:
    value = 0 if node.open is None else s.mask(node.open)
    for operand in node.values:
        value |= s.mask(operand)
    s.store(s.mask(node.table), INTEGER, value)


def _arguments(s: Inference, node: n.Call | n.TailCall) -> tuple[list[Mask], Mask]:
    rest = 0 if node.open is None else s.mask(node.open)
    return [s.mask(operand) for operand in node.args], rest


def _call(s: Inference, node: n.Call) -> None:
    results = s.call(node, s.mask(node.callee), *_arguments(s, node))
    if node.count is not None:
        for mask in results:
            s.grow(node.count, mask)
    for i, dst in enumerate(node.dsts):
        s.grow(dst, s.results_of(results, i))


def _tail_call(s: Inference, node: n.TailCall) -> None:
    s.add_results(s.call(node, s.mask(node.callee), *_arguments(s, node)))


def _call_runtime(s: Inference, node: n.CallRuntime) -> None:
    for operand in node.args:
        if not isinstance(operand, Const):
            s.escape(s.mask(operand))
    if node.dst is not None:
        s.grow(node.dst, ANY)


def _vararg(s: Inference, node: n.Vararg) -> None:
    if node.count is not None:
        s.grow(node.count, s.facts_now.extra)
    for dst in node.dsts:
        s.grow(dst, s.facts_now.extra | NIL)


def _return(s: Inference, node: n.Return) -> None:
    results = [0] * RESULTS
    for i, operand in enumerate(node.values):
        results[min(i, RESULTS - 1)] |= s.mask(operand)
    if node.open is not None:
        rest = s.mask(node.open) | NIL
        for i in range(min(len(node.values), RESULTS - 1), RESULTS):
            results[i] |= rest
    s.add_results(results)


def _save_results(s: Inference, node: n.SaveResults) -> None:
    _new_table(s, node)
    for operand in (*node.values, *(() if node.open is None else (node.open,))):
        s.escape(s.mask(operand))


def _take_error(s: Inference, node: n.TakeError) -> None:
    s.grow(node.dst, ANY)


def _for_prepare(s: Inference, node: n.ForPrepare) -> None:
    if (s.mask(node.start) | s.mask(node.step)) & ~INTEGER:
        s.grow(node.loop.float_counter, FLOAT)


def _numeric(s: Inference, node: n.Numeric) -> None:
    if s.functions[s.current].registers[node.dst] is Type.BOOL:
        s.grow(node.dst, BOOLEAN)


def _has_tag(s: Inference, node: n.HasTag | n.Pending) -> None:
    s.grow(node.dst, BOOLEAN)


def _unbox(s: Inference, node: n.Unbox) -> None:
    s.grow(node.dst, mask_of_type(s.functions[s.current].registers[node.dst]))


_TRANSFER: Final[dict[type, Callable[[Inference, Any], None]]] = {
    n.LoadUpvalue: _load_upvalue,
    n.LoadStatic: _load_static,
    n.StoreStatic: _store_static,
    n.NewBox: _new_box,
    n.BoxGet: _box_get,
    n.BoxSet: _box_set,
    n.MakeClosure: _make_closure,
    n.Arith: _arith,
    n.Compare: _compare,
    n.Not: _not,
    n.Concat: _concat,
    n.Length: _length,
    n.NewTable: _new_table,
    n.Index: _index,
    n.SetIndex: _set_index,
    n.Append: _append,
    n.Call: _call,
    n.TailCall: _tail_call,
    n.CallRuntime: _call_runtime,
    n.Vararg: _vararg,
    n.Return: _return,
    n.SaveResults: _save_results,
    n.TakeError: _take_error,
    n.ForPrepare: _for_prepare,
    n.Numeric: _numeric,
    n.HasTag: _has_tag,
    n.Pending: _has_tag,
    n.Unbox: _unbox,
}
