# SPDX-License-Identifier: MIT
"""The variables of a chunk while it is walked: who is visible, who captures whom."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from munition.attenuators.lua import faults, syntax
from munition.attenuators.lua.limits import SourceLimits
from munition.attenuators.lua.resolved import (
    ENVIRONMENT,
    EnvironmentUse,
    FunctionScope,
    GlobalUse,
    GotoTarget,
    LabelUses,
    LocalUse,
    Resolved,
    Upvalue,
    UpvalueUse,
    Use,
    Variable,
    VariableKind,
)
from munition.attenuators.lua.walks import span_of
from munition.diagnostics import Diagnostic
from munition.source import Source

_ENV: Final = "_ENV"
_NO_USE: Final = EnvironmentUse()  # also stands in the tables for names that were never resolved


class _Declared(Struct, eq=False):
    """A variable under construction."""

    name: str
    function: int
    kind: VariableKind
    attrib: str | None
    use: LocalUse
    is_captured: bool = False
    is_reassigned: bool = False
    constant: syntax.Expression | None = None


class _Function(Struct, eq=False):
    """A function under construction."""

    node: syntax.Function
    parent: int | None
    locals: list[int] = field(default_factory=list[int])
    upvalues: list[Upvalue] = field(default_factory=list[Upvalue])
    slots: dict[int, UpvalueUse] = field(default_factory=dict[int, UpvalueUse])
    children: list[int] = field(default_factory=list[int])
    visible: list[int] = field(default_factory=list[int])
    uses_vararg: bool = False
    is_over_limit: bool = False


def _environment() -> _Declared:
    return _Declared(_ENV, 0, VariableKind.ENVIRONMENT, None, LocalUse(ENVIRONMENT))


class Scopes:
    """Variables, uses and functions of one chunk, filled in by a walk in source order."""

    def __init__(self, chunk: syntax.Chunk, source: Source, limits: SourceLimits) -> None:
        self.faults: list[Diagnostic] = []
        self.current: int = 0
        self._chunk = chunk
        self._source = source
        self._limits = limits
        self._uses: list[Use] = [_NO_USE] * chunk.names
        self._variables: list[_Declared] = [
            _environment()
        ] * chunk.bindings  # each entry is replaced when it is declared
        self._here: _Function = _Function(chunk.main, None)
        self._functions: list[_Function] = [
            self._here
        ] * chunk.functions  # each entry is replaced when it is entered
        self._names: dict[str, list[int]] = {_ENV: [ENVIRONMENT]}  # innermost declaration last
        self._globals: dict[str, GlobalUse] = {}
        self._assigned_globals: set[str] = set()
        self._names_environment = False

    # --- functions and blocks ---

    def enter_function(self, node: syntax.Function) -> None:
        """Begin the body of `node`, which is the chunk or stands in the present function."""
        parent = None if node is self._chunk.main else self.current
        self._here = _Function(node, parent)
        self._functions[node.index] = self._here
        if parent is not None:
            self._functions[parent].children.append(node.index)
        self.current = node.index

    def leave_function(self) -> None:
        """End the function that is being walked."""
        parent = self._here.parent
        if parent is not None:
            self.current = parent
            self._here = self._functions[parent]

    def mark(self) -> int:
        """How many locals of the present function are visible: `leave` goes back to that."""
        return len(self._here.visible)

    def leave(self, mark: int) -> None:
        """End the scopes of the locals declared since `mark`."""
        visible = self._here.visible
        for variable in visible[mark:]:
            self._names[self._variables[variable].name].pop()
        del visible[mark:]

    # --- variables ---

    def declare(self, binding: syntax.Binding, kind: VariableKind) -> None:
        """Begin the scope of a local variable."""
        here = self._here
        index, name = binding.index, binding.name
        self._variables[index] = _Declared(name, self.current, kind, binding.attrib, LocalUse(index))
        self._names.setdefault(name, []).append(index)
        here.locals.append(index)
        here.visible.append(index)
        if name == _ENV:
            self._names_environment = True
        if len(here.visible) > self._limits.locals and not here.is_over_limit:
            here.is_over_limit = True
            where = self._where(here.node)
            self.faults.append(faults.too_many_locals(self._limits.locals, where, span_of(binding)))

    def bind_constant(self, binding: syntax.Binding, constant: syntax.Expression | None) -> None:
        """Remember the literal that a `<const>` variable stands for."""
        self._variables[binding.index].constant = constant

    def use(self, name: syntax.Name) -> Use:
        """Resolve a use of a name."""
        stack = self._names.get(name.name)
        result = self._denoted(stack[-1], name) if stack else self._global(name)
        self._uses[name.index] = result
        return result

    def assign(self, name: syntax.Name) -> None:
        """Resolve a name that is assigned."""
        use = self.use(name)
        if isinstance(use, GlobalUse):
            if use.environment is None:
                self._assigned_globals.add(use.name)
            return
        variable = self._variables[ENVIRONMENT if isinstance(use, EnvironmentUse) else use.variable]
        variable.is_reassigned = True
        if variable.attrib is not None:
            self.faults.append(faults.assigned_constant(name.name, span_of(name)))

    def use_vararg(self, node: syntax.Vararg) -> None:
        """Resolve a use of `...`."""
        if not self._here.node.is_vararg:
            self.faults.append(faults.vararg_outside(span_of(node)))
        self._here.uses_vararg = True

    def _denoted(self, index: int, name: syntax.Name) -> Use:
        if index == ENVIRONMENT:
            self._names_environment = True
            return _NO_USE
        return self._local(index, name)

    def _local(self, index: int, name: syntax.Name) -> LocalUse | UpvalueUse:
        variable = self._variables[index]
        if variable.function == self.current:
            return variable.use
        use = self._here.slots.get(index)
        return use if use is not None else self._capture(index, variable, name)

    def _global(self, name: syntax.Name) -> GlobalUse:
        environment = self._names[_ENV][-1]
        if environment != ENVIRONMENT:
            return GlobalUse(name.name, self._local(environment, name))
        use = self._globals.get(name.name)
        if use is None:
            use = self._globals[name.name] = GlobalUse(name.name, None)
        return use

    def _capture(self, index: int, variable: _Declared, name: syntax.Name) -> UpvalueUse:
        """Make the variable an upvalue of the present function and of those between it and the declaring one."""
        variable.is_captured = True
        between: list[_Function] = []
        function = self._here
        while function.node.index != variable.function and index not in function.slots:
            between.append(function)
            function = self._functions[function.parent or 0]
        slot = function.slots[index].slot if index in function.slots else None
        use = UpvalueUse(0, index)
        for inner in reversed(between):
            use = UpvalueUse(len(inner.upvalues), index)
            inner.slots[index] = use
            inner.upvalues.append(Upvalue(variable.name, index, slot))
            slot = use.slot
            if len(inner.upvalues) == self._limits.upvalues + 1:
                where = self._where(inner.node)
                self.faults.append(faults.too_many_upvalues(self._limits.upvalues, where, span_of(name)))
        return use

    def _where(self, function: syntax.Function) -> str:
        if function.index == 0:
            return "main function"
        return f"function at line {self._source.line_of(function.start)}"

    # --- result ---

    def tables(self, gotos: tuple[GotoTarget, ...], labels: tuple[LabelUses, ...]) -> Resolved:
        """What was found, once the whole chunk was walked."""
        return Resolved(
            self._chunk,
            tuple(self._frozen_function(index) for index in range(self._chunk.functions)),
            tuple(self._frozen_variable(index) for index in range(self._chunk.bindings)),
            tuple(self._uses),
            gotos,
            labels,
            frozenset(self._assigned_globals),
            self._names_environment,
        )

    def _frozen_variable(self, index: int) -> Variable:
        v = self._variables[index]
        return Variable(
            index, v.name, v.function, v.kind, v.attrib, v.is_captured, v.is_reassigned, v.constant
        )

    def _frozen_function(self, index: int) -> FunctionScope:
        f = self._functions[index]
        return FunctionScope(
            index,
            f.parent,
            f.node,
            tuple(binding.index for binding in f.node.params),
            tuple(f.locals),
            tuple(f.upvalues),
            f.uses_vararg,
            tuple(f.children),
        )
