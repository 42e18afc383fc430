# SPDX-License-Identifier: MIT
"""Reading and writing table elements: list items by range check, fields by constant name through a cache per site.

A cache is a word of static data with the number of the entry where the name was found last time. It is right when
that entry of *this* table has the name as its key, which one comparison of addresses tells (names are interned).
"""

from __future__ import annotations

from munition.codegen.list_items import close, find_item, open_table
from munition.codegen.operands import Emitter
from munition.ir.nodes import Append, Const, Index, NewTable, Operand, Register, SetIndex
from munition.ir.types import Type
from munition.runtime import layout


def emit_new_table(e: Emitter, node: NewTable) -> None:
    """`dst = {}` with room."""
    e.i32(node.array)
    e.i32(node.fields)
    e.call("rt_table_new")
    e.set_typed(node.dst, Type.TABLE)
    e.root(node.dst)
    e.check_pending()


def _constant_name(key: Operand) -> bytes | None:
    if isinstance(key, Const) and isinstance(key.value, bytes) and len(key.value) <= layout.SHORT_STRING:
        return key.value
    return None


def _is_worth_a_look(e: Emitter, object_: Operand) -> bool:
    """Whether to look into the object in line: it may be a table, and code may take room."""
    return not e.compact and e.type_of(object_) in (Type.VALUE, Type.TABLE)


def emit_index(e: Emitter, node: Index) -> None:
    """`dst = object[key]`."""
    facts = e.frame.function.facts
    path = None if facts is None else facts.constants.get(id(node))
    if path is not None:
        _load_library(e, node, path)
        return
    path = None if facts is None or not e.context.switches.texts else facts.texts.get(id(node))
    if path is None:
        _emit_lookup(e, node)
        return
    done = e.block()
    e.push_tag(node.object)
    e.i32(layout.STRING)
    e.op("i32.eq")
    e.if_()
    _load_library(e, node, path)
    e.branch(done)
    e.end()
    _emit_lookup(e, node)
    e.end()


def _load_library(e: Emitter, node: Index, path: tuple[str, ...]) -> None:
    """The result is what the library has under this path."""
    value = e.context.library[path]
    e.i32(value.tag)
    e.i64(value.payload)
    e.set_value(node.dst)


def _emit_lookup(e: Emitter, node: Index) -> None:
    name = _constant_name(node.key)
    if node.method and name is not None and e.context.switches.methods and _is_worth_a_look(e, node.object):
        _emit_method(e, node, name)
        return
    done = e.block()
    cache = 0
    if _is_worth_a_look(e, node.object):
        if name is not None:
            cache = _cache(e, node.object, name)
            open_table(e, node.object)
            _find_entry(e, name, cache)
            _load_if_present(e, node.dst, e.frame.scratch32[2], layout.ENTRY_VALUE, done)
            _nil_without_metatable(e, node.dst, done)
        elif e.type_of(node.key) in (Type.I64, Type.VALUE) and not _is_nil(node.key):
            open_table(e, node.object, node.key)
            inside = e.depth
            find_item(e, node.key)
            _load_if_present(e, node.dst, e.frame.scratch32[2], 0, done)
            close(e, inside)
            _nil_without_metatable(e, node.dst, done, and_entries=True)
        close(e, done)
    _emit_slow_index(e, node, name, cache)
    e.end()


def _nil_without_metatable(e: Emitter, dst: Register, done: int, *, and_entries: bool = False) -> None:
    """Where table scratch 0 has no such item in its list, or field of its own: nil, if it has no metatable (and no entries)."""
    if not e.context.switches.absent or e.frame.function.registers[dst] is not Type.VALUE:
        return
    e.get(e.frame.scratch32[0])
    if and_entries:
        e.load64(layout.TABLE_METATABLE)  # and ENTRY_COUNT
        e.op("i64.eqz")
    else:
        e.load32(layout.TABLE_METATABLE)
        e.op("i32.eqz")
    e.if_()
    e.i32(layout.NIL)
    e.i64(0)
    e.set_value(dst)
    e.branch(done)
    e.end()


def _emit_method(e: Emitter, node: Index, name: bytes) -> None:
    """A method: where the last object with this metatable had it, unless the object may have such a field itself."""
    record = e.context.image.reserve(layout.METHOD_SIZE, 4)
    e.context.image.write(record + layout.METHOD_META, layout.METHOD_NONE.to_bytes(4, "little"))
    table, cell = e.frame.scratch32[0], e.frame.scratch32[2]
    done = e.block()
    open_table(e, node.object)
    e.get(table)
    e.load64(layout.TABLE_NAMES)
    e.i64(layout.name_bits(name))
    e.op("i64.and")
    e.i64(layout.name_bits(name))
    e.op("i64.ne")
    e.if_()
    e.get(table)
    e.load32(layout.TABLE_METATABLE)
    e.i32(0)
    e.load32(record + layout.METHOD_META)
    e.op("i32.eq")
    e.if_()
    e.i32(0)
    e.load32(record + layout.METHOD_CELL)
    e.set(cell)
    _load_if_present(e, node.dst, cell, 0, done)
    e.end()
    e.else_()
    _find_entry(e, name, record + layout.METHOD_GUESS)
    _load_if_present(e, node.dst, e.frame.scratch32[2], layout.ENTRY_VALUE, done)
    close(e, done)
    _emit_slow_index(e, node, name, record)
    e.end()


def _is_nil(operand: Operand) -> bool:
    return isinstance(operand, Const) and operand.value is None


def _cache(e: Emitter, object_: Operand, name: bytes) -> int:
    """A fresh cache word; for a global it starts with the entry where the name was laid out."""
    at = e.context.image.reserve(4, 4)
    if isinstance(object_, Const):
        entry = e.context.global_entries.get(name, 0)
        e.context.image.write(at, entry.to_bytes(4, "little"))
    return at


def _find_entry(e: Emitter, name: bytes, cache: int) -> None:
    """Opens two ifs; inside them scratch 2 is the entry of table scratch 0 that has `name` as its key."""
    table, number, entry = e.frame.scratch32[:3]
    parts = e.frame.scratch64[1]
    e.i32(0)
    e.load32(cache)
    e.tee(number)
    e.get(table)
    e.memory("i64.load", layout.TABLE_ENTRY_COUNT, 2)  # and ENTRIES
    e.tee(parts)
    e.op("i32.wrap_i64", "i32.lt_u")
    e.if_()
    e.get(parts)
    e.i64(32)
    e.op("i64.shr_u", "i32.wrap_i64")
    e.get(number)
    e.i32(5)
    e.op("i32.shl", "i32.add")
    e.tee(entry)
    e.load32(layout.ENTRY_KEY_STRING)
    e.i32(e.context.image.string(name))
    e.op("i32.eq")
    e.if_()


def _load_if_present(e: Emitter, dst: Register, address: int, offset: int, done: int) -> None:
    """If the cell is not nil, it is the result: metamethods only matter for absent values."""
    tag = e.frame.scratch32[3]
    e.get(address)
    e.load32(offset + layout.CELL_TAG)
    e.tee(tag)
    e.if_()
    if e.frame.function.registers[dst] is not Type.VALUE:
        e.get(tag)
        e.get(address)
        e.load64(offset)
        e.set_value(dst)
        e.branch(done)
        e.end()
        return
    e.get(address)
    e.load64(offset)
    e.set(e.frame.second[dst])
    e.get(tag)
    e.set(e.frame.first[dst])
    e.root(dst)
    e.branch(done)
    e.end()


def _emit_slow_index(e: Emitter, node: Index, name: bytes | None, cache: int) -> None:
    e.push_value(node.object)
    if name is not None:
        e.i32(e.context.image.string(name))
        e.i32(cache)
        e.i32(e.site(node.site))
        is_record = node.method and e.context.switches.methods and _is_worth_a_look(e, node.object)
        e.call("rt_method" if is_record else "rt_index_string")
    else:
        e.push_value(node.key)
        e.i32(e.site(node.site))
        e.call("rt_index")
    e.set_value(node.dst)
    e.check_pending()


def emit_set_index(e: Emitter, node: SetIndex) -> None:
    """`object[key] = value`."""
    name = _constant_name(node.key)
    done = e.block()
    cache = 0
    if _is_worth_a_look(e, node.object):
        if name == b"__index":
            pass  # what method calls remember depends on it
        elif name is not None:
            cache = _cache(e, node.object, name)
            if e.context.switches.absent or not _is_nil(node.value):
                open_table(e, node.object)
                _find_entry(e, name, cache)
                _store_if_there(e, node.value, layout.ENTRY_VALUE, done)
        elif e.type_of(node.key) in (Type.I64, Type.VALUE) and not (_is_nil(node.key) or _is_nil(node.value)):
            open_table(e, node.object, node.key)
            find_item(e, node.key)
            _store_if_there(e, node.value, 0, done)
            if e.context.switches.appends:
                _append_if_next(e, node.value, done)
        close(e, done)
    _emit_slow_set_index(e, node, name, cache)
    e.end()


def _store_if_there(e: Emitter, value: Operand, offset: int, done: int) -> None:
    """Overwrite the cell in place, if it is not nil: `__newindex` does not matter then.

    An item that becomes nil is for the runtime, because it can shorten the list; a field is not. A field that comes back to
    life is for the runtime in any case: the table may be a metatable, whose absent metamethods are remembered.
    """
    cell, tag = e.frame.scratch32[2:4]
    e.get(cell)
    e.load32(offset + layout.CELL_TAG)
    e.tee(tag)
    if e.type_of(value) is Type.VALUE and (offset != layout.ENTRY_VALUE or not e.context.switches.absent):
        e.i32(0)
        e.push_tag(value)
        e.op("select")  # the tag of the cell, or 0 for nil
    e.if_()
    _overwrite(e, value, offset)
    e.branch(done)
    e.end()


def _overwrite(e: Emitter, value: Operand, offset: int) -> None:
    """Store into cell scratch 2, whose tag is in scratch 3, what is not there already."""
    cell, tag = e.frame.scratch32[2:4]
    type_ = e.type_of(value)
    if type_ is Type.VALUE:
        e.store_value(cell, offset, value)
        return
    if type_ is Type.BOOL:
        e.get(tag)
        e.i32(layout.TRUE)
        e.op("i32.gt_u")
        e.if_()
    e.get(cell)
    e.push_payload(value)
    e.store64(offset)
    if type_ is Type.BOOL:
        e.end()  # false and true have the same payload
    else:
        e.get(tag)
        e.push_tag(value)
        e.op("i32.ne")
        e.if_()
    e.get(cell)
    e.push_tag(value)
    e.store32(offset + layout.CELL_TAG)
    if type_ is not Type.BOOL:
        e.end()


def _append_if_next(e: Emitter, value: Operand, done: int) -> None:
    """In the place of a list item that is not there: the one after the last, if there is room and nothing else to do."""
    table, length, item = e.frame.scratch32[:3]
    position, parts = e.frame.scratch64[:2]
    e.else_()
    e.get(position)
    e.get(parts)
    e.i64(32)
    e.op("i64.shr_u", "i64.eq")
    e.if_()
    e.get(table)
    e.load32(layout.TABLE_ARRAY_CAPACITY)
    e.get(position)
    e.op("i32.wrap_i64")
    e.tee(length)
    e.op("i32.gt_u")
    e.get(table)
    e.load64(layout.TABLE_METATABLE)  # and ENTRY_COUNT
    e.op("i64.eqz", "i32.and")
    if e.type_of(value) is Type.VALUE:
        e.push_tag(value)
        e.i32(0)
        e.op("i32.ne", "i32.and")
    e.if_()
    e.get(parts)
    e.op("i32.wrap_i64")
    e.get(length)
    e.i32(4)
    e.op("i32.shl", "i32.add")
    e.set(item)
    e.store_value(item, 0, value)
    e.get(table)
    e.get(length)
    e.i32(1)
    e.op("i32.add")
    e.store32(layout.TABLE_ARRAY_LENGTH)
    e.branch(done)
    e.end()
    e.end()


def _emit_slow_set_index(e: Emitter, node: SetIndex, name: bytes | None, cache: int) -> None:
    e.push_value(node.object)
    if name is not None:
        e.i32(e.context.image.string(name))
        e.push_value(node.value)
        e.i32(cache)
        e.i32(e.site(node.site))
        e.call("rt_set_index_string")
    elif e.type_of(node.key) is Type.STRING:
        e.push_word(node.key)
        e.push_value(node.value)
        e.i32(0)
        e.i32(e.site(node.site))
        e.call("rt_set_index_string")
    else:
        e.push_value(node.key)
        e.push_value(node.value)
        e.i32(e.site(node.site))
        e.call("rt_set_index")
    e.check_pending()


def emit_append(e: Emitter, node: Append) -> None:
    """Store a row of values, and an open list after them, into consecutive items."""
    top = e.frame.size
    if node.open is not None and node.values:
        e.i32(len(node.values))
        e.get(e.frame.first[node.open])
        e.call("rt_shift")
    for i, value in enumerate(node.values):
        e.store_value(e.frame.header, top + i * layout.CELL_SIZE, value)
    e.push_word(node.table)
    e.i32(node.first)
    e.i32(len(node.values))
    if node.open is not None:
        e.get(e.frame.first[node.open])
        e.op("i32.add")
    e.call("rt_table_append")
    e.check_pending()
