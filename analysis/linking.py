# SPDX-License-Identifier: MIT
"""A component put together without running it: which instance gets what from where.

Definitions are followed in order, as an engine would instantiate them, but functions are only numbers: first what the world is
asked for, then the functions of core instances; negative numbers stand for what is a way to other functions (a lifted or lowered
function, an import of a core module). What cannot be followed makes the answer inexact, which the caller must treat as "anything
may call anything".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never, cast

from munition.wasm.component import (
    Builtin,
    Component,
    CoreExports,
    CoreInstantiate,
    CoreModule,
    CoreTypeDefinition,
    Definition,
    Export,
    ExportAlias,
    Exports,
    Import,
    Instantiate,
    Lift,
    Lower,
    Named,
    Nested,
    OuterAlias,
    Resource,
    Sort,
    Start,
    TypeDefinition,
    ValueDefinition,
)
from munition.wasm.module import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.analysis.world import World
    from munition.wasm.module import Module

Value: TypeAlias = object
Entries: TypeAlias = "Mapping[str, tuple[Sort, Value]]"

_MAX_INSTANCES: Final = 5_000
_SPARE_FUNCTIONS: Final = 200_000
_MAX_WORK: Final = 2_000_000
_MAX_LETTERS: Final = 10_000_000
_KIND_SORTS: Final = {
    Kind.FUNCTION: Sort.CORE_FUNC,
    Kind.TABLE: Sort.CORE_TABLE,
    Kind.MEMORY: Sort.CORE_MEMORY,
    Kind.GLOBAL: Sort.CORE_GLOBAL,
    Kind.TAG: Sort.CORE_TAG,
}


@dataclass(frozen=True, slots=True)
class Made:
    """One instance of a core module.

    Attributes:
        module: where the module starts in the file.
        first: the number of its first defined function.
        functions: the number that stands for each imported function.
        tables: the identity of each table; equal ones are the same table.
        exports: what it exports.
    """

    module: int
    first: int
    functions: tuple[int, ...]
    tables: tuple[int, ...]
    exports: Entries


@dataclass(frozen=True, slots=True)
class Exported:
    """A function that the component exports."""

    name: str
    node: int


@dataclass(slots=True)
class Linked:
    """A component put together.

    Attributes:
        made: core instances, in order.
        functions: numbers below this are functions.
        ways: `ways[-1 - n]` is where the negative number `n` leads.
        tables: (number, table): the function of that number calls any function of that table.
        exported: functions the host can call.
        started: numbers called while the component is instantiated.
        dropped: destructors, which are called when resources go away.
        carries: whether it exports modules or components.
        inexact: why not everything could be followed; empty if it could.
    """

    made: list[Made] = field(default_factory=list[Made])
    functions: int = 0
    ways: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    tables: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    exported: list[Exported] = field(default_factory=list[Exported])
    started: list[int] = field(default_factory=list[int])
    dropped: list[int] = field(default_factory=list[int])
    carries: bool = False
    inexact: str = ""

    def way(self, *targets: int) -> int:
        """A new number that leads to `targets`."""
        self.ways.append(targets)
        return -len(self.ways)


@dataclass(frozen=True, slots=True)
class _Closure:
    """A component with what it can see outside itself."""

    component: Component
    outside: _Frame


class _Frame:
    """A component while its definitions are followed."""

    __slots__ = ("arguments", "component", "exports", "outside", "position", "spaces")

    def __init__(self, component: Component, outside: _Frame | None, arguments: Mapping[str, Value]) -> None:
        self.component = component
        self.outside = outside
        self.arguments = arguments
        self.position = 0
        self.spaces: dict[Sort, list[Value]] = {sort: [] for sort in Sort}
        self.exports: dict[str, tuple[Sort, Value]] = {}


class _StopError(Exception):
    """Following is given up; the message says why."""


def link(component: Component, world: World, modules: Mapping[int, Module]) -> Linked:
    """Follow all definitions of a component.

    Args:
        component: the outermost one.
        world: its imports.
        modules: start in the file -> core module, for all that are embedded.
    """
    linker = _Linker(len(world.asked), modules)
    try:
        linker.run(component, world.values)
    except _StopError as reason:
        linker.found.inexact = str(reason)
    linker.found.functions = linker.next
    return linker.found


class _Linker:
    """Follows definitions, with a stack of components instead of recursion."""

    def __init__(self, asked: int, modules: Mapping[int, Module]) -> None:
        self.modules = modules
        self.next = asked
        self.found = Linked()
        self.instances = 0
        self.tables = 0
        self.work = 0
        self.most = asked + _SPARE_FUNCTIONS + 4 * sum(len(m.functions) for m in modules.values())

    def run(self, component: Component, arguments: Mapping[str, Value]) -> None:
        """Instantiate the outermost component."""
        stack = [_Frame(component, None, arguments)]
        while True:
            top = stack[-1]
            if top.position < len(top.component.definitions):
                item = top.component.definitions[top.position]
                top.position += 1
                self.spend(1)
                if isinstance(item, Instantiate):
                    stack.append(self.enter(item, top))
                else:
                    self.define(item, top)
                continue
            stack.pop()
            if not stack:
                self.export(top.exports)
                return
            stack[-1].spaces[Sort.INSTANCE].append(top.exports)

    def count(self) -> None:
        """One more instance."""
        self.instances += 1
        if self.instances > _MAX_INSTANCES:
            raise _StopError(f"it makes more than {_MAX_INSTANCES} instances")

    def spend(self, work: int) -> None:
        """Some steps more."""
        self.work += work
        if self.work > _MAX_WORK:
            raise _StopError("it takes too long to follow")

    def enter(self, item: Instantiate, frame: _Frame) -> _Frame:
        """A component about to be followed."""
        self.count()
        self.spend(len(item.arguments))
        closure = frame.spaces[Sort.COMPONENT][item.component]
        if not isinstance(closure, _Closure):
            raise _StopError("it instantiates a component that it imports")
        arguments = {a.name: frame.spaces[a.sort][a.index] for a in item.arguments}
        return _Frame(closure.component, closure.outside, arguments)

    def define(self, item: Definition, frame: _Frame) -> None:
        """Follow one definition other than the instantiation of a component."""
        match item:
            case CoreModule() | Nested() | CoreInstantiate() | CoreExports() | Exports():
                self.define_instance(item, frame)
            case Lift() | Lower() | Builtin() | Start():
                self.define_function(item, frame)
            case ExportAlias() | OuterAlias() | Import() | Export():
                _refer(item, frame)
            case TypeDefinition(type=type_):
                frame.spaces[Sort.TYPE].append(self.resource(type_, frame))
            case ValueDefinition():
                frame.spaces[Sort.VALUE].append(None)
            case CoreTypeDefinition():
                pass  # nothing here refers to core types
            case Instantiate():
                raise AssertionError(item)
            case _:
                assert_never(item)

    def define_instance(
        self, item: CoreModule | Nested | CoreInstantiate | CoreExports | Exports, frame: _Frame
    ) -> None:
        """A module, a component, or an instance of one that needs no following."""
        spaces = frame.spaces
        match item:
            case CoreModule():
                spaces[Sort.CORE_MODULE].append(item)
            case Nested(component=component):
                spaces[Sort.COMPONENT].append(_Closure(component, frame))
            case CoreInstantiate():
                spaces[Sort.CORE_INSTANCE].append(self.make(item, frame))
            case CoreExports(exports=exports):
                self.spend(len(exports))
                spaces[Sort.CORE_INSTANCE].append(_entries(exports, frame))
            case Exports(exports=exports):
                self.spend(len(exports))
                spaces[Sort.INSTANCE].append(_entries(exports, frame))
            case _:
                assert_never(item)

    def define_function(self, item: Lift | Lower | Builtin | Start, frame: _Frame) -> None:
        """A function that passes between components and core modules."""
        spaces = frame.spaces
        match item:
            case Lift(function=function, helpers=helpers):
                spaces[Sort.FUNC].append(self.ways_to(frame, Sort.CORE_FUNC, (function, *helpers)))
            case Lower(function=function, helpers=helpers):
                target = _number(spaces[Sort.FUNC][function])
                helping = [_number(spaces[Sort.CORE_FUNC][helper]) for helper in helpers]
                spaces[Sort.CORE_FUNC].append(self.found.way(target, *helping))
            case Builtin():
                spaces[Sort.CORE_FUNC].append(self.builtin(item, frame))
            case Start(function=function, results=results):
                self.found.started.append(_number(spaces[Sort.FUNC][function]))
                spaces[Sort.VALUE].extend([None] * results)
            case _:
                assert_never(item)

    def ways_to(self, frame: _Frame, sort: Sort, indices: tuple[int, ...]) -> int:
        """A number that leads to entries of an index space."""
        return self.found.way(*[_number(frame.spaces[sort][index]) for index in indices])

    def resource(self, type_: object, frame: _Frame) -> Value:
        """A type; the destructor of a resource is called when a handle is dropped, by the module or by the host."""
        if isinstance(type_, Resource) and type_.destructor is not None:
            self.found.dropped.append(_number(frame.spaces[Sort.CORE_FUNC][type_.destructor]))
        return None

    def builtin(self, item: Builtin, frame: _Frame) -> int:
        """A canonical function: the core functions it calls."""
        number = self.ways_to(frame, Sort.CORE_FUNC, item.helpers)
        if item.table is not None:
            table = frame.spaces[Sort.CORE_TABLE][item.table]
            if not isinstance(table, int):
                raise _StopError("a thread starts from a table that cannot be followed")
            self.found.tables.append((number, table))
        if item.name.startswith("thread.spawn-ref"):
            raise _StopError("a thread starts from a reference")
        return number

    def make(self, item: CoreInstantiate, frame: _Frame) -> Value:
        """An instance of a core module."""
        self.count()
        definition = frame.spaces[Sort.CORE_MODULE][item.module]
        if not isinstance(definition, CoreModule):
            raise _StopError("it instantiates a module that it imports")
        module = self.modules[definition.start]
        self.spend(len(item.arguments) + len(module.imports) + len(module.exports) + len(module.tables))
        given = {a.name: frame.spaces[Sort.CORE_INSTANCE][a.index] for a in item.arguments}
        functions: list[int] = []
        tables: list[int] = []
        for asked in module.imports:
            source = given.get(asked.module)
            sort, value = _from(source, asked.name)
            if sort is not _KIND_SORTS[asked.kind]:
                raise _StopError("an import of a core module is not supplied")
            if asked.kind is Kind.FUNCTION:
                functions.append(_number(value))
            elif asked.kind is Kind.TABLE:
                tables.append(_number(value))
        return self.instance(definition.start, module, tuple(functions), tables)

    def instance(self, start: int, module: Module, functions: tuple[int, ...], tables: list[int]) -> Made:
        """Give the functions and tables of a new instance their numbers."""
        first = self.next
        self.next += len(module.functions)
        if self.next > self.most:
            raise _StopError("it instantiates large modules many times")
        for _ in module.tables:
            self.tables += 1
            tables.append(self.tables)
        imported = len(functions)
        exports: dict[str, tuple[Sort, Value]] = {}
        for item in module.exports:
            value: Value = None
            if item.kind is Kind.FUNCTION:
                value = functions[item.index] if item.index < imported else first + item.index - imported
            elif item.kind is Kind.TABLE:
                value = tables[item.index]
            exports[item.name] = (_KIND_SORTS[item.kind], value)
        made = Made(start, first, functions, tuple(tables), exports)
        self.found.made.append(made)
        if module.start is not None:
            at = module.start
            self.found.started.append(functions[at] if at < imported else first + at - imported)
        return made

    def export(self, exports: Entries) -> None:
        """What the host can call; instances are spread out."""
        todo: list[tuple[str, Entries]] = [("", exports)]
        seen = letters = 0
        while todo:
            prefix, entries = todo.pop()
            for name, (sort, value) in entries.items():
                seen += 1
                letters += len(prefix) + len(name)
                if seen > _SPARE_FUNCTIONS or letters > _MAX_LETTERS:
                    raise _StopError("it exports too much to be told apart")
                if sort is Sort.FUNC:
                    self.found.exported.append(Exported(prefix + name, _number(value)))
                elif sort is Sort.INSTANCE and isinstance(value, dict):
                    todo.append((f"{prefix}{name}#", cast("Entries", value)))
                elif sort in {Sort.INSTANCE, Sort.COMPONENT, Sort.CORE_MODULE}:
                    self.found.carries = True


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise _StopError("a function comes from what cannot be followed")
    return value


def _entries(exports: tuple[Named, ...], frame: _Frame) -> dict[str, tuple[Sort, Value]]:
    return {
        e.name: (e.sort, None if e.sort is Sort.CORE_TYPE else frame.spaces[e.sort][e.index]) for e in exports
    }


def _from(source: Value, name: str) -> tuple[Sort | None, Value]:
    """What a core or other instance exports under a name."""
    entries: Value = source.exports if isinstance(source, Made) else source
    if not isinstance(entries, dict):
        return None, None
    return cast("dict[str, tuple[Sort, Value]]", entries).get(name, (None, None))


def _exported(item: ExportAlias, frame: _Frame) -> Value:
    source = frame.spaces[Sort.CORE_INSTANCE if item.core else Sort.INSTANCE][item.instance]
    _, value = _from(source, item.name)
    return value


def _refer(item: ExportAlias | OuterAlias | Import | Export, frame: _Frame) -> None:
    """A new entry for something that is there already."""
    spaces = frame.spaces
    match item:
        case ExportAlias():
            spaces[item.sort].append(_exported(item, frame))
        case OuterAlias(sort=sort, outwards=outwards, index=index):
            if sort is not Sort.CORE_TYPE:
                spaces[sort].append(_outside(frame, outwards).spaces[sort][index])
        case Import(name=name, extern=extern):
            spaces[extern.sort].append(frame.arguments.get(name))
        case Export(name=name, sort=sort, index=index):
            value = spaces[sort][index]
            spaces[sort].append(value)
            frame.exports[name] = (sort, value)
        case _:
            assert_never(item)


def _outside(frame: _Frame, steps: int) -> _Frame:
    for _ in range(steps):
        assert frame.outside is not None
        frame = frame.outside
    return frame
