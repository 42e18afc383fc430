# SPDX-License-Identifier: MIT
"""What each instruction adds to the sets of what it writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from munition.ir import nodes as n
from munition.ir.heap_model import Site
from munition.ir.infer_calls import add_results, call_function, give_away, result_at
from munition.ir.infer_library import call_library
from munition.ir.infer_state import RESULTS, Inference, LibraryFunction, constant_name
from munition.ir.infer_tables import load_any, load_named, store, store_named
from munition.ir.lattice import (
    ANY,
    BOOLEAN,
    FLOAT,
    INTEGER,
    NIL,
    NUMBER,
    OTHER,
    STRING,
    TABLE,
    TYPES,
    UNKNOWN,
    Mask,
    arithmetic,
    objects_of,
)
from munition.ir.nodes import Const, Node
from munition.ir.types import Type


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
            s.wake(s.with_version(number))


def _arith(s: Inference, node: n.Arith) -> None:
    left, right = s.mask(node.left), s.mask(node.right)
    if s.is_foreign(left) or s.is_foreign(right) or s.is_open_string(left | right):
        s.escape(left)
        s.escape(right)
        s.grow(node.dst, ANY)
        return
    s.grow(node.dst, arithmetic(node.op, left, right))


def _compare(s: Inference, node: n.Compare) -> None:
    left, right = s.mask(node.left), s.mask(node.right)
    if s.is_foreign(left) or s.is_foreign(right) or s.is_open_string(left | right):
        s.escape(left)
        s.escape(right)
    s.grow(node.dst, BOOLEAN)


def _not(s: Inference, node: n.Not) -> None:
    s.grow(node.dst, BOOLEAN)


def _concat(s: Inference, node: n.Concat) -> None:
    masks = [s.mask(operand) for operand in node.operands]
    texts = all(mask & (TYPES | UNKNOWN) & ~(STRING | NUMBER) == 0 for mask in masks)
    if any(s.is_foreign(mask) or (not texts and s.is_open_string(mask)) for mask in masks):
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


def _index(s: Inference, node: n.Index) -> None:
    mask, name = s.mask(node.object), constant_name(node.key)
    if name is not None:
        s.grow(node.dst, load_named(s, mask, name))
        return
    key = s.mask(node.key)
    if mask & (UNKNOWN | OTHER) or s.is_open_string(mask):
        s.escape(key)
    s.grow(node.dst, load_any(s, mask, key))


def _set_index(s: Inference, node: n.SetIndex) -> None:
    mask, name, value = s.mask(node.object), constant_name(node.key), s.mask(node.value)
    if name is not None:
        store_named(s, mask, name, value)
    else:
        store(s, mask, s.mask(node.key), value)


def _append(s: Inference, node: n.Append) -> None:
    value = 0 if node.open is None else s.mask(node.open)
    for operand in node.values:
        value |= s.mask(operand)
    store(s, s.mask(node.table), INTEGER, value)


def _arguments(s: Inference, node: n.Call | n.TailCall) -> tuple[list[Mask], Mask]:
    rest = 0 if node.open is None else s.mask(node.open)
    return [s.mask(operand) for operand in node.args], rest


def _resolve_call(s: Inference, node: Node, callee: Mask, arguments: list[Mask], rest: Mask) -> list[Mask]:
    """The results of a call with these arguments, and any number of further ones in `rest`."""
    s.facts_now.callees[id(node)] = s.facts_now.callees.get(id(node), 0) | callee
    out = [0] * RESULTS
    if callee & (UNKNOWN | OTHER) or (callee & TABLE and s.is_foreign(callee)) or s.is_open_string(callee):
        give_away(s, callee, arguments, rest)
        return [ANY] * RESULTS
    for number in objects_of(callee):
        found = s.objects[number]
        if isinstance(found, str):
            _add(out, call_function(s, s.number[found], arguments, rest))
        elif isinstance(found, LibraryFunction):
            _add(out, call_library(s, found.symbol, arguments, rest))
    return out


def _add(out: list[Mask], more: list[Mask]) -> None:
    for i, mask in enumerate(more):
        out[i] |= mask


def _call(s: Inference, node: n.Call) -> None:
    results = _resolve_call(s, node, s.mask(node.callee), *_arguments(s, node))
    if node.count is not None:
        for mask in results:
            s.grow(node.count, mask)
    for i, dst in enumerate(node.dsts):
        s.grow(dst, result_at(results, i))


def _tail_call(s: Inference, node: n.TailCall) -> None:
    add_results(s, _resolve_call(s, node, s.mask(node.callee), *_arguments(s, node)))


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
    add_results(s, results)


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


def _pending(s: Inference, node: n.Pending) -> None:
    s.grow(node.dst, BOOLEAN)


TRANSFER: Final[dict[type, Callable[[Inference, Any], None]]] = {
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
    n.Pending: _pending,
}
