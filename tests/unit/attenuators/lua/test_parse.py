# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

from munition.attenuators.lua import syntax
from munition.attenuators.lua.dump import dump_chunk, dump_tokens
from munition.attenuators.lua.lexer import tokenize
from munition.attenuators.lua.parse import parse
from munition.attenuators.lua.syntax import Chunk, Expression, Statement
from munition.attenuators.lua.walks import spine
from munition.source import Source


def chunk(text: str) -> Chunk:
    parsed = parse(Source("test.lua", text.encode("latin-1")))
    assert parsed.chunk is not None, parsed.diagnostics
    return parsed.chunk


def statement(text: str) -> Statement:
    return chunk(text).main.body.statements[-1]


def value(text: str) -> Expression:
    node = statement(f"return {text}")
    assert isinstance(node, syntax.Return)
    return node.values[0]


def shape(node: Expression) -> str:
    """The expression with every operator application in parentheses."""
    match node:
        case syntax.Binary() | syntax.Logical():
            return f"({shape(node.left)} {node.op} {shape(node.right)})"
        case syntax.Unary():
            return f"({node.op} {shape(node.operand)})"
        case syntax.Concat():
            return f"({' .. '.join(map(shape, node.operands))})"
        case syntax.Paren():
            return f"[{shape(node.inner)}]"
        case syntax.Name():
            return node.name
        case syntax.Integer() | syntax.Float():
            return str(node.value)
        case _:
            raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a * b + c", "((a * b) + c)"),
        ("a - b - c", "((a - b) - c)"),
        ("a ^ b ^ c", "(a ^ (b ^ c))"),
        ("- a ^ b", "(- (a ^ b))"),
        ("2 ^ - 3 ^ 2", "(2 ^ (- (3 ^ 2)))"),
        ("2 ^ - 3 * 4", "((2 ^ (- 3)) * 4)"),
        ("- a * b", "((- a) * b)"),
        ("not a == b", "((not a) == b)"),
        ("not not - # ~ a", "(not (not (- (# (~ a)))))"),
        ("a .. b .. c", "(a .. b .. c)"),
        ("a .. [b .. c]".replace("[", "(").replace("]", ")"), "(a .. [(b .. c)])"),
        ("a .. b + c .. d", "(a .. (b + c) .. d)"),
        ("a .. b << c .. d", "((a .. b) << (c .. d))"),
        ("a < b == c", "((a < b) == c)"),
        ("a or b and c or d", "((a or (b and c)) or d)"),
        ("a and b or c and d", "((a and b) or (c and d))"),
        ("a | b ~ c & d << e .. f + g * h", "(a | (b ~ (c & (d << (e .. (f + (g * h)))))))"),
        ("a * b + c .. d << e & f ~ g | h", "(((((((a * b) + c) .. d) << e) & f) ~ g) | h)"),
        ("a == b and c ~= d or e", "(((a == b) and (c ~= d)) or e)"),
        ("a // b % c / d", "(((a // b) % c) / d)"),
        ("(a + b) * c", "([(a + b)] * c)"),
    ],
)
def test_operators_bind_as_the_manual_says(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


def test_nodes_know_the_bytes_they_cover() -> None:
    text = "x = f(a.b[1], -y .. z):m{}"
    node = statement(text)
    assert isinstance(node, syntax.Assign)
    call = node.values[0]
    assert isinstance(call, syntax.MethodCall)
    assert text[call.start : call.end] == "f(a.b[1], -y .. z):m{}"
    assert text[call.at] == "{"
    inner = call.object
    assert isinstance(inner, syntax.Call)
    assert text[inner.at] == "("
    first, second = inner.args
    assert text[first.start : first.end] == "a.b[1]"
    assert text[second.start : second.end] == "-y .. z"
    assert isinstance(second, syntax.Concat)
    assert [text[at : at + 2] for at in second.ats] == [".."]


def test_an_empty_block_covers_nothing_and_stays_in_order() -> None:
    node = statement("do end")
    assert isinstance(node, syntax.Do)
    assert node.start <= node.body.start <= node.body.end <= node.end


def test_methods_get_self_and_functions_get_names() -> None:
    tree = chunk(
        "function a.b:m(x) end function a.b.f() end local function g() end local h = function() end "
        "x.y = function() end t = { k = function() end, function() end }"
    )
    functions = _functions(tree)
    assert [function.name for function in functions] == ["a.b:m", "a.b.f", "g", "h", "x.y", "k", None]
    assert [binding.name for binding in functions[0].params] == ["self", "x"]
    assert len({function.index for function in functions} | {0}) == tree.functions == 8


def _functions(tree: Chunk) -> list[syntax.Function]:
    found: list[syntax.Function] = []
    work: list[object] = [tree.main.body]
    while work:
        node = work.pop(0)
        if isinstance(node, syntax.Function):
            found.append(node)
        if isinstance(node, tuple):
            work[:0] = list(node)
        elif hasattr(node, "__slots__"):
            work[:0] = [getattr(node, name) for name in type(node).__slots__]
    return found


def test_every_name_and_binding_has_a_number_of_its_own() -> None:
    tree = chunk("local a, b <const> = c, d for i = 1, e do for j in i do end end function f(g) return g end")
    text = dump_chunk(tree)
    names = [line for line in text.splitlines() if "Name name=" in line]
    bindings = [line for line in text.splitlines() if "Binding name=" in line]
    assert sorted(int(line.rpartition("index=")[2]) for line in names) == list(range(tree.names))
    numbers = sorted(int(line.partition("index=")[2].split()[0]) for line in bindings)
    assert numbers == list(range(1, tree.bindings))


def test_a_call_in_parentheses_is_kept_apart() -> None:
    assert isinstance(value("(f())"), syntax.Paren)
    assert isinstance(value("f()"), syntax.Call)
    assert isinstance(value("(...)"), syntax.Paren)


def test_a_parenthesis_continues_the_expression_before_it() -> None:
    node = statement("x = f\n(g)()")
    assert isinstance(node, syntax.Assign)


def test_statements_keep_their_parts() -> None:
    node = statement("if a then b() elseif c then elseif d then else e() end")
    assert isinstance(node, syntax.If)
    assert (len(node.arms), node.otherwise is not None) == (3, True)
    loop = statement("for i = 1, 2 do end")
    assert isinstance(loop, syntax.NumericFor)
    assert loop.step is None
    local = statement("local x <const>, y <close>, z = 1")
    assert isinstance(local, syntax.Local)
    assert [binding.attrib for binding in local.names] == ["const", "close", None]


CHAINS = {
    "sum": "1" + "+1" * 30_000,
    "fields": "a" + ".b" * 30_000,
    "calls": "a" + "()" * 30_000,
    "methods": "a" + ":b()" * 30_000,
    "or": "a" + " or a" * 30_000,
    "concat": "a" + "..a" * 30_000,
}


@pytest.mark.parametrize("name", CHAINS)
def test_long_chains_are_walked_without_recursion(name: str) -> None:
    tree = chunk(f"return {CHAINS[name]}")
    nodes = spine(value(CHAINS[name]))
    assert len(nodes) == (1 if name == "concat" else 30_001)
    assert dump_chunk(tree).count("\n") > 30_000


def test_a_spine_is_outermost_first() -> None:
    kinds = [type(node).__name__ for node in spine(value("a.b(c):d() + e"))]
    assert kinds == ["Binary", "MethodCall", "Call", "Index", "Name"]


def test_trees_compare_by_identity_and_print_shallowly() -> None:
    first, second = value("1"), value("1")
    assert first != second
    assert len(repr(value(CHAINS["sum"]))) < 200


def test_tokens_and_trees_are_printed() -> None:
    source = Source("test.lua", b"local x = 'a'\n  x()")
    assert dump_tokens(source, tokenize(source)).splitlines() == [
        "1:1 LOCAL 'local'",
        "1:7 NAME 'x'",
        "1:9 ASSIGN",
        "1:11 STRING b'a'",
        "2:3 NAME 'x'",
        "2:4 LPAREN",
        "2:5 RPAREN",
        "2:6 $END",
    ]
    assert "CallStatement" in dump_chunk(chunk("f()"))
