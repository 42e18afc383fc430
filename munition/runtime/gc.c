/* SPDX-License-Identifier: MIT */
/* The collector: mark from the roots with an explicit stack, then sweep lazily. Weak tables and finalizers, which need a
 * metatable, are in gc_weak.c and gc_final.c; a program without setmetatable does not carry them. */
#include "core.h"
#include "coroutine.h"
#include "gc.h"

const GcExtras *gc_extras;

static struct {
    Object **stack; /* grey objects, in the unused part of the shadow stack: marking needs no memory of its own */
    u32 top;
    u32 capacity;
    bool overflow; /* something was marked without getting onto the stack */
    u64 live; /* bytes of marked objects */
} gc;

/* ---- marking --------------------------------------------------------------------------------------------------- */

void gc_mark_object(Object *object)
{
    if (gc_is_marked(object))
        return;
    object->mark = heap.live_mark;
    if (object->kind == TAG_STRING) {
        gc.live += block_of(object)->cell_size;
        return;
    }
    if (likely(gc.top < gc.capacity))
        gc.stack[gc.top++] = object;
    else
        gc.overflow = true;
}

static void mark_tagged(u32 tag, i64 payload)
{
    if (is_collectable(tag))
        gc_mark_object((Object *)(uintptr_t)payload);
}

void gc_mark_cell(const Cell *cell) { mark_tagged(cell->tag, cell->payload); }

void gc_mark_pointer(void *object)
{
    if (object != NULL)
        gc_mark_object(object);
}

/* A dead entry keeps its place but not its key: `next` still recognises the address. */
void gc_entry_bury(Entry *entry)
{
    if (is_collectable(entry->key.tag) && !is_static((void *)(uintptr_t)entry->key.payload)) {
        entry->key.tag = TAG_DEAD;
        entry->key.aux = 0;
    }
}

/* The tags of what need not be marked stay below 8 when 3 is added: a row of numbers is passed over four cells at a time. */
enum { MARK_AHEAD = 8 - TAG_STRING };

static void mark_array(const Cell *cell, u32 count)
{
    for (; count >= 4; count -= 4, cell += 4) {
        if (((cell[0].tag + MARK_AHEAD) | (cell[1].tag + MARK_AHEAD) | (cell[2].tag + MARK_AHEAD) | (cell[3].tag + MARK_AHEAD)) < 8)
            continue;
        for (u32 i = 0; i < 4; i++)
            gc_mark_cell(&cell[i]);
    }
    for (; count > 0; count--, cell++)
        gc_mark_cell(cell);
}

static void scan_strong(Table *table)
{
    mark_array(table->array, table->array_length);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL) {
            gc_entry_bury(entry);
        } else {
            gc_mark_cell(&entry->key);
            gc_mark_cell(&entry->value);
        }
    }
}

static void scan_table(Table *table)
{
    gc_mark_pointer(table->metatable);
    if (table->metatable == NULL || gc_extras == NULL || !gc_extras->scan_weak(table))
        scan_strong(table);
}

u32 gc_raw_bytes(const void *memory)
{
    return memory == NULL || is_static(memory) ? 0 : block_of(memory)->cell_size;
}

/* Parts in the table's own cell are counted with it. */
static u32 table_bytes(const Table *table)
{
    u32 flags = table->object.flags;
    return (flags & TABLE_INLINE_ARRAY ? 0 : gc_raw_bytes(table->array)) +
           (flags & TABLE_INLINE_ENTRIES ? 0 : gc_raw_bytes(table->entries));
}

static void mark_cells(const Cell *cell, const Cell *end)
{
    for (; cell < end; cell++) {
        if (cell->tag == TAG_FRAME)
            gc_mark_pointer((void *)(uintptr_t)cell->aux);
        else
            gc_mark_cell(cell);
    }
}

static void scan_coroutine(const Coroutine *co)
{
    gc_mark_cell(&co->body);
    mark_cells(co->records.cells, co->records.cells + co->records.count);
    mark_cells(co->values.cells, co->values.cells + co->values.count);
    gc.live += gc_raw_bytes(co->records.cells) + gc_raw_bytes(co->values.cells);
}

static void scan_object(Object *object)
{
    switch (object->kind) {
    case TAG_TABLE:
        scan_table((Table *)object);
        break;
    case TAG_FUNCTION: {
        Closure *closure = (Closure *)object;
        for (u32 i = 0; i < closure->upvalue_count; i++)
            gc_mark_cell(&closure->upvalues[i]);
        break;
    }
    case TAG_BOX:
        gc_mark_cell(&((Box *)object)->value);
        break;
    case TAG_USERDATA:
        gc_mark_pointer(((Userdata *)object)->metatable);
        break;
    case TAG_COROUTINE:
        scan_coroutine((Coroutine *)object);
        break;
    default:
        break;
    }
}

static void propagate(void)
{
    while (gc.top > 0) {
        Object *object = gc.stack[--gc.top];
        gc.live += block_of(object)->cell_size;
        if (object->kind == TAG_TABLE)
            gc.live += table_bytes((Table *)object);
        scan_object(object);
    }
}

/* Scanning again what is marked already is harmless. */
static void rescan(Object *object)
{
    scan_object(object);
    propagate();
}

void gc_propagate(void)
{
    propagate();
    while (gc.overflow) {
        gc.overflow = false;
        heap_walk_marked(rescan);
        propagate();
    }
}

static void mark_roots(void)
{
    mark_cells(rt_state.stack_base, rt_state.sp);
    for (u32 i = 0; i < rt_config.static_table_count; i++) {
        gc.live += table_bytes(rt_config.static_tables[i]);
        scan_table(rt_config.static_tables[i]);
    }
    gc.live += gc_raw_bytes(rt_config.intern_buckets);
    gc_mark_pointer(rt_config.globals);
    gc_mark_pointer(rt_config.string_meta);
    gc_mark_pointer(rt_config.loaded);
    gc_mark_cell(&rt_state.error);
    gc_mark_cell(&rt_state.handler);
    gc_mark_pointer(rt_state.traceback);
    if (gc_extras != NULL)
        gc.live += gc_extras->mark_due();
}

/* ---- a collection ---------------------------------------------------------------------------------------------- */

void heap_collect(void)
{
    heap.collecting = true;
    heap_finish_sweep();
    heap.live_mark ^= 3;
    gc.live = 0;
    gc.overflow = false;
    gc.stack = (Object **)rt_state.sp;
    gc.capacity = (u32)((Object **)(rt_state.stack_end + STACK_MARGIN) - gc.stack);
    mark_roots();
    gc_propagate();
    if (gc_extras != NULL)
        gc_extras->settle();
    heap.allocated = gc.live;
    heap_begin_sweep();
    heap_sweep_large();
    u64 threshold = heap.allocated * 2;
    heap.threshold = threshold < HEAP_THRESHOLD_MIN ? HEAP_THRESHOLD_MIN : threshold;
    heap.collecting = false;
}

void gc_collect_full(void)
{
    heap_collect();
    gc_safe_point();
}

void object_release(Object *object)
{
    if (object->kind == TAG_STRING) {
        if (object->flags & STRING_INTERNED)
            string_forget((String *)object);
    } else if (object->kind == TAG_TABLE) {
        table_release((Table *)object);
    } else if (object->kind == TAG_COROUTINE) {
        raw_discard(((Coroutine *)object)->records.cells);
        raw_discard(((Coroutine *)object)->values.cells);
    }
}

void gc_run_finalizers(void)
{
    if (gc_extras != NULL)
        gc_extras->run_finalizers();
}

void gc_finalize_all(void)
{
    if (gc_extras == NULL)
        return;
    gc_extras->separate(true);
    gc_extras->run_finalizers();
}
