# SPDX-License-Identifier: MIT
from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from munition.attenuators.lua.resolved import (
    ENVIRONMENT,
    EnvironmentUse,
    GlobalUse,
    LocalUse,
    Resolved,
    UpvalueUse,
    Use,
    Variable,
    VariableKind,
)
from munition.attenuators.lua.syntax import Integer
from munition.diagnostics import Diagnostic

Resolve: TypeAlias = Callable[[str], Resolved]
Refuse: TypeAlias = Callable[[bytes], tuple[Diagnostic, ...]]


def variable(resolved: Resolved, name: str) -> Variable:
    (found,) = [v for v in resolved.variables if v.name == name]
    return found


def use(resolved: Resolved, number: int) -> Use:
    """What the name with this number (in the order in which names are completed) denotes."""
    return resolved.uses[number]


def test_a_name_denotes_the_innermost_visible_declaration(resolved: Resolve) -> None:
    r = resolved("local x = 1 do local x = 2 f(x) end f(x)")
    first, second = [v.index for v in r.variables if v.name == "x"]
    locals_used = [u for u in r.uses if isinstance(u, LocalUse)]
    assert locals_used == [LocalUse(second), LocalUse(first)]


def test_a_local_is_not_visible_in_its_own_value(resolved: Resolve) -> None:
    r = resolved("local x = x")
    assert use(r, 0) == GlobalUse("x", None)


def test_a_local_function_is_visible_in_its_body(resolved: Resolve) -> None:
    r = resolved("local function f() return f end")
    f = variable(r, "f")
    assert f.kind is VariableKind.FUNCTION
    assert (f.is_captured, f.is_reassigned) == (True, False)
    assert use(r, 0) == UpvalueUse(0, f.index)


def test_the_condition_of_repeat_sees_the_body(resolved: Resolve) -> None:
    r = resolved("repeat local x = 1 until x")
    assert use(r, 0) == LocalUse(variable(r, "x").index)


def test_loop_headers_do_not_see_their_variables(resolved: Resolve) -> None:
    r = resolved("for i = i, 2 do f(i) end for k in k do end")
    assert use(r, 0) == GlobalUse("i", None)
    assert use(r, 2) == LocalUse(variable(r, "i").index)
    assert use(r, 3) == GlobalUse("k", None)
    assert variable(r, "k").kind is VariableKind.LOOP


def test_captures_pass_through_the_functions_between(resolved: Resolve) -> None:
    r = resolved("local a, b local function outer() b() local function inner() return a, b end end")
    a, b = variable(r, "a").index, variable(r, "b").index
    main = r.functions[0]
    outer = r.functions[main.children[0]]
    inner = r.functions[outer.children[0]]
    assert [(u.variable, u.parent_slot) for u in outer.upvalues] == [(b, None), (a, None)]
    assert [(u.variable, u.parent_slot) for u in inner.upvalues] == [(a, 1), (b, 0)]
    assert (inner.parent, outer.parent, main.parent) == (outer.index, 0, None)


def test_captures_and_assignments_are_told_apart(resolved: Resolve) -> None:
    r = resolved("local a, b, c, d = 1 b = 2 function f() c = 3 return a, d end")
    flags = {v.name: (v.is_captured, v.is_reassigned) for v in r.variables[1:]}
    assert flags == {"a": (True, False), "b": (False, True), "c": (True, True), "d": (True, False)}


def test_functions_list_their_parameters_and_locals(resolved: Resolve) -> None:
    r = resolved("function t:m(a, b, ...) local c for i in ... do end end")
    function = r.functions[1]
    names = [r.variables[index].name for index in function.locals]
    assert names == ["self", "a", "b", "c", "i"]
    assert [r.variables[index].name for index in function.params] == ["self", "a", "b"]
    assert function.uses_vararg
    assert not r.functions[0].uses_vararg


def test_constants_are_known_when_they_are_literals(resolved: Resolve) -> None:
    r = resolved("local a <const> = 1 local b <const> = f() local c <const> = nil local d = 2")
    constant = variable(r, "a").constant
    assert isinstance(constant, Integer)
    assert constant.value == 1
    assert variable(r, "b").constant is None
    assert variable(r, "c").constant is not None
    assert variable(r, "d").constant is None


def test_of_a_list_only_the_last_can_be_a_constant(resolved: Resolve) -> None:
    r = resolved("local a <const>, b <const> = 1, 2 local c <const>, d <const> = 3 local e <const>, f = 5, 6")
    assert [v.name for v in r.variables if v.constant is not None] == ["b"]


def test_the_environment_is_an_ordinary_variable(resolved: Resolve) -> None:
    r = resolved("x = _ENV local _ENV = {} y = 1 function f() return z end")
    env = [v.index for v in r.variables if v.name == "_ENV"][1]
    assert [u for u in r.uses if isinstance(u, EnvironmentUse)] == [EnvironmentUse()]
    globals_used = {u.name: u.environment for u in r.uses if isinstance(u, GlobalUse)}
    assert globals_used == {"x": None, "y": LocalUse(env), "f": LocalUse(env), "z": UpvalueUse(0, env)}
    assert r.assigned_globals == {"x"}
    assert r.names_environment
    assert r.variables[ENVIRONMENT].kind is VariableKind.ENVIRONMENT


def test_assigning_the_environment_is_noticed(resolved: Resolve) -> None:
    assert resolved("_ENV = {}").variables[ENVIRONMENT].is_reassigned
    assert not resolved("x = 1").names_environment


def test_assigned_globals_are_collected(resolved: Resolve) -> None:
    r = resolved("a = 1 function b() c = 2 end function d.e() end local f f = 1 g.h = 1")
    assert r.assigned_globals == {"a", "b", "c"}


def test_gotos_lead_to_their_labels(resolved: Resolve) -> None:
    r = resolved(
        "::top:: do goto top goto out end for i = 1, 2 do goto continue local x ::continue:: end ::out::"
    )
    targets = [(g.label, g.is_backward) for g in r.gotos]
    assert targets == [(0, True), (2, False), (1, False)]
    assert [(u.backward, u.forward) for u in r.labels] == [((0,), ()), ((), (2,)), ((), (1,))]


def test_the_innermost_label_is_meant(resolved: Resolve) -> None:
    r = resolved("do goto a ::a:: end goto a ::a::")
    assert [g.label for g in r.gotos] == [0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("goto a", "no visible label 'a' for <goto>"),
        ("do ::a:: end goto a", "no visible label 'a' for <goto>"),
        ("::a:: local function f() goto a end", "no visible label 'a' for <goto>"),
        ("if x then goto l else ::l:: end", "no visible label 'l' for <goto>"),
        ("while 1 do goto continue end", "no visible label 'continue' for <goto>"),
        ("::a:: ::a::", "label 'a' already defined on line 1"),
        ("::a::\n do ::a:: end", "label 'a' already defined on line 1"),
        ("goto a; local x; ::a:: f()", "<goto a> at line 1 jumps into the scope of local 'x'"),
        ("goto a; local x; ::a:: return", "<goto a> at line 1 jumps into the scope of local 'x'"),
        ("goto a; local function g() end ::a:: f()", "<goto a> at line 1 jumps into the scope of local 'g'"),
        ("do goto a end local x ::a:: f()", "<goto a> at line 1 jumps into the scope of local 'x'"),
        ("repeat goto c; local x; ::c:: until x", "<goto c> at line 1 jumps into the scope of local 'x'"),
        ("break", "break outside loop"),
        ("while 1 do local function f() break end end", "break outside loop"),
        ("function f() return ... end", "cannot use '...' outside a vararg function"),
        (
            "function f(...) return function() return ... end end",
            "cannot use '...' outside a vararg function",
        ),
        ("local x <const> = 1; x = 2", "attempt to assign to const variable 'x'"),
        ("local x <close> = nil; x = 2", "attempt to assign to const variable 'x'"),
        ("local x <const> = 1; function f() x = 2 end", "attempt to assign to const variable 'x'"),
        ("local x <const> = 1; function x() end", "attempt to assign to const variable 'x'"),
        ("local x <foo> = 1", "unknown attribute 'foo'"),
        ("local x <close>, y <close> = 1", "multiple to-be-closed variables in local list"),
    ],
)
def test_faults_of_scope_are_refused(refuse: Refuse, text: str, message: str) -> None:
    assert [d.message for d in refuse(text.encode())] == [message]


@pytest.mark.parametrize(
    "text",
    [
        "goto a; ::a::",
        "goto a; local x; ::a::",
        "goto a; local x; ::a:: ::b:: ;;",
        "do ::a:: end ::a::",
        "::a:: local function f() ::a:: goto a end",
        "while 1 do if y then goto c end; local x; ::c:: end",
        "repeat goto c ::c:: until 1",
        "do goto l; local q; end ::l:: f()",
        "local x <const> = 1; local x; x = 2",
        "for i = 1, 2 do i = 3 end",
        "function f(...) local a = ... return ... end return ...",
        "local x <close>, y <const> = nil, 1",
        "local _ENV <const> = {}; x = 1",
    ],
)
def test_what_the_manual_allows_is_accepted(refuse: Refuse, text: str) -> None:
    assert refuse(text.encode()) == ()


def test_all_faults_of_scope_are_reported_in_order(refuse: Refuse) -> None:
    text = b"break goto a local x <const> = 1 x = 2 function f() return ... end ::b:: ::b::"
    codes = [d.code for d in refuse(text)]
    assert codes == ["L204", "L201", "L206", "L205", "L202"]
