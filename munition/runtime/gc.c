/* SPDX-License-Identifier: MIT */
/* The collector: mark from the roots with an explicit stack, settle weak tables and finalizers, then sweep lazily. */
#include "core.h"
#include "coroutine.h"

enum { MARK_STACK_FIRST = 2040 };

/* What marking found of a table's __mode. */
typedef enum Weakness : u8 { WEAK_NONE = 0, WEAK_KEYS = 1, WEAK_VALUES = 2, WEAK_BOTH = 3 } Weakness;

static struct {
    Object **stack; /* grey objects */
    u32 top;
    u32 capacity;
    bool overflow; /* something was marked without getting onto the stack */
    u64 live; /* bytes of marked objects */
    Table *weak[4]; /* lists of weak tables, by Weakness */
    Object **registered; /* objects with __gc, in the order of their registration; `due` follows in the same memory */
    Object **due; /* to be called, in order */
    u32 registered_count;
    u32 registered_capacity;
    u32 due_first; /* due[due_first .. due_first + heap.finalizers_due) wait */
    bool finalizing;
    bool generational;
} gc;

/* ---- marking --------------------------------------------------------------------------------------------------- */

static bool is_marked(const Object *object) { return is_static(object) || object->mark == heap.live_mark; }

static void stack_grow(void)
{
    u32 capacity = gc.capacity == 0 ? MARK_STACK_FIRST : gc.capacity * 2;
    Object **stack = raw_try((u64)capacity * sizeof(Object *));
    if (stack == NULL) {
        gc.overflow = true;
        return;
    }
    if (gc.stack != NULL) {
        memcpy(stack, gc.stack, gc.top * sizeof(Object *));
        raw_free(gc.stack);
    }
    gc.stack = stack;
    gc.capacity = capacity;
}

static void mark_object(Object *object)
{
    if (is_marked(object))
        return;
    object->mark = heap.live_mark;
    if (object->kind == TAG_STRING) {
        gc.live += block_of(object)->cell_size;
        return;
    }
    if (unlikely(gc.top == gc.capacity))
        stack_grow();
    if (likely(gc.top < gc.capacity))
        gc.stack[gc.top++] = object;
}

static void mark_tagged(u32 tag, i64 payload)
{
    if (is_collectable(tag))
        mark_object((Object *)(uintptr_t)payload);
}

static void mark_cell(const Cell *cell) { mark_tagged(cell->tag, cell->payload); }

static void mark_pointer(void *object)
{
    if (object != NULL)
        mark_object(object);
}

static Weakness weakness_of(Table *table)
{
    Value mode = meta_field(table->metatable, META_MODE);
    u32 weakness = WEAK_NONE;
    if (is_string(mode)) {
        const String *text = string_of(mode);
        for (u32 i = 0; i < text->length; i++) {
            if (text->bytes[i] == 'k')
                weakness |= WEAK_KEYS;
            if (text->bytes[i] == 'v')
                weakness |= WEAK_VALUES;
        }
    }
    return (Weakness)weakness;
}

/* A dead entry keeps its place but not its key: `next` still recognises the address. */
static void entry_bury(Entry *entry)
{
    if (is_collectable(entry->key.tag) && !is_static((void *)(uintptr_t)entry->key.payload)) {
        entry->key.tag = TAG_DEAD;
        entry->key.aux = 0;
    }
}

static void scan_strong(Table *table)
{
    for (u32 i = 0; i < table->array_length; i++)
        mark_cell(&table->array[i]);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL) {
            entry_bury(entry);
        } else {
            mark_cell(&entry->key);
            mark_cell(&entry->value);
        }
    }
}

/* Strong keys, weak values. Strings count as values, not as objects: they are never removed. */
static void scan_weak_values(Table *table)
{
    for (u32 i = 0; i < table->array_length; i++)
        if (table->array[i].tag == TAG_STRING)
            mark_cell(&table->array[i]);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL)
            entry_bury(entry);
        else
            mark_cell(&entry->key);
        if (entry->value.tag == TAG_STRING)
            mark_cell(&entry->value);
    }
}

static bool key_is_alive(const Cell *key)
{
    return !is_collectable(key->tag) || key->tag == TAG_STRING || is_marked((Object *)(uintptr_t)key->payload);
}

/* Mark the values whose keys are alive. true = something new was marked. */
static bool scan_ephemerons(Table *table)
{
    bool progress = false;
    for (u32 i = 0; i < table->array_length; i++)
        mark_cell(&table->array[i]);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL) {
            entry_bury(entry);
            continue;
        }
        if (entry->key.tag == TAG_STRING)
            mark_cell(&entry->key);
        if (!key_is_alive(&entry->key) || !is_collectable(entry->value.tag))
            continue;
        Object *object = (Object *)(uintptr_t)entry->value.payload;
        if (!is_marked(object)) {
            mark_object(object);
            progress = true;
        }
    }
    return progress;
}

static void scan_all_weak(Table *table)
{
    for (u32 i = 0; i < table->array_length; i++)
        if (table->array[i].tag == TAG_STRING)
            mark_cell(&table->array[i]);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL) {
            entry_bury(entry);
            continue;
        }
        if (entry->key.tag == TAG_STRING)
            mark_cell(&entry->key);
        if (entry->value.tag == TAG_STRING)
            mark_cell(&entry->value);
    }
}

static void weak_enlist(Table *table, Weakness weakness)
{
    table->gc_next = gc.weak[weakness];
    gc.weak[weakness] = table;
}

static void scan_table(Table *table)
{
    mark_pointer(table->metatable);
    Weakness weakness = weakness_of(table);
    switch (weakness) {
    case WEAK_NONE:
        scan_strong(table);
        return;
    case WEAK_VALUES:
        scan_weak_values(table);
        break;
    case WEAK_KEYS:
        scan_ephemerons(table);
        break;
    case WEAK_BOTH:
        scan_all_weak(table);
        break;
    }
    weak_enlist(table, weakness);
}

static u32 raw_bytes(const void *memory)
{
    return memory == NULL || is_static(memory) ? 0 : block_of(memory)->cell_size;
}

static u32 table_bytes(const Table *table) { return raw_bytes(table->array) + raw_bytes(table->entries); }

static void mark_cells(const Cell *cell, const Cell *end)
{
    for (; cell < end; cell++) {
        if (cell->tag == TAG_FRAME)
            mark_pointer((void *)(uintptr_t)cell->aux);
        else
            mark_cell(cell);
    }
}

static void scan_coroutine(const Coroutine *co)
{
    mark_cell(&co->body);
    mark_cells(co->records.cells, co->records.cells + co->records.count);
    mark_cells(co->values.cells, co->values.cells + co->values.count);
    gc.live += raw_bytes(co->records.cells) + raw_bytes(co->values.cells);
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
            mark_cell(&closure->upvalues[i]);
        break;
    }
    case TAG_BOX:
        mark_cell(&((Box *)object)->value);
        break;
    case TAG_USERDATA:
        mark_pointer(((Userdata *)object)->metatable);
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

/* Scanning again what is marked already is harmless, but a weak table must not get into its list twice. */
static void rescan(Object *object)
{
    if (object->kind == TAG_TABLE && weakness_of((Table *)object) != WEAK_NONE) {
        Table *table = (Table *)object;
        mark_pointer(table->metatable);
        for (u32 kind = WEAK_KEYS; kind <= WEAK_BOTH; kind++)
            for (Table *known = gc.weak[kind]; known != NULL; known = known->gc_next)
                if (known == table)
                    return;
    }
    scan_object(object);
    propagate();
}

static void propagate_all(void)
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
    gc.live += raw_bytes(rt_config.intern_buckets) + raw_bytes(gc.registered);
    mark_pointer(rt_config.globals);
    mark_pointer(rt_config.string_meta);
    mark_pointer(rt_config.loaded);
    mark_cell(&rt_state.error);
    mark_cell(&rt_state.handler);
    mark_pointer(rt_state.traceback);
    for (u32 i = 0; i < heap.finalizers_due; i++)
        mark_object(gc.due[gc.due_first + i]);
}

/* ---- weak tables ----------------------------------------------------------------------------------------------- */

static void converge_ephemerons(void)
{
    bool progress = true;
    while (progress) {
        progress = false;
        for (Table *table = gc.weak[WEAK_KEYS]; table != NULL; table = table->gc_next)
            progress |= scan_ephemerons(table);
        propagate_all();
    }
}

static bool value_is_dead(const Cell *cell)
{
    return is_collectable(cell->tag) && cell->tag != TAG_STRING && !is_marked((Object *)(uintptr_t)cell->payload);
}

static void clear_values(Table *table)
{
    for (u32 i = 0; i < table->array_length; i++)
        if (value_is_dead(&table->array[i]))
            cell_store(&table->array[i], value_nil());
    while (table->array_length > 0 && table->array[table->array_length - 1].tag == TAG_NIL)
        table->array_length--;
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (value_is_dead(&entry->value)) {
            cell_store(&entry->value, value_nil());
            entry_bury(entry);
        }
    }
}

static void clear_keys(Table *table)
{
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag != TAG_NIL && !key_is_alive(&entry->key)) {
            cell_store(&entry->value, value_nil());
            entry_bury(entry);
        }
    }
}

static void clear_all(Weakness weakness, void (*clear)(Table *table))
{
    for (Table *table = gc.weak[weakness]; table != NULL; table = table->gc_next)
        clear(table);
}

/* ---- finalizers ------------------------------------------------------------------------------------------------ */

/* Registered and due objects share one allocation, so that moving them during a collection needs none. */
static bool finalizers_grow(void)
{
    u32 capacity = gc.registered_capacity == 0 ? 32 : gc.registered_capacity * 2;
    Object **memory = raw_alloc((u64)capacity * 2 * sizeof(Object *));
    if (memory == NULL)
        return false;
    if (gc.registered != NULL) {
        memcpy(memory, gc.registered, gc.registered_count * sizeof(Object *));
        memcpy(memory + capacity, gc.due + gc.due_first, heap.finalizers_due * sizeof(Object *));
        raw_free(gc.registered);
    }
    gc.registered = memory;
    gc.due = memory + capacity;
    gc.due_first = 0;
    gc.registered_capacity = capacity;
    return true;
}

bool gc_register_finalizer(Object *object)
{
    if (object->flags & OBJECT_FINALIZER)
        return true;
    if (gc.registered_count + heap.finalizers_due >= gc.registered_capacity && !finalizers_grow())
        return false;
    gc.registered[gc.registered_count++] = object;
    object->flags |= OBJECT_FINALIZER;
    return true;
}

static void due_add(Object *object)
{
    if (gc.due_first + heap.finalizers_due == gc.registered_capacity) {
        memmove(gc.due, gc.due + gc.due_first, heap.finalizers_due * sizeof(Object *));
        gc.due_first = 0;
    }
    gc.due[gc.due_first + heap.finalizers_due++] = object;
}

/* Move the registered objects that are dead (or all of them) to the due ones, last registered first. */
static void finalizers_separate(bool all)
{
    for (u32 i = gc.registered_count; i > 0; i--) {
        Object *object = gc.registered[i - 1];
        if (all || !is_marked(object)) {
            gc.registered[i - 1] = NULL;
            due_add(object);
        }
    }
    u32 kept = 0;
    for (u32 i = 0; i < gc.registered_count; i++)
        if (gc.registered[i] != NULL)
            gc.registered[kept++] = gc.registered[i];
    gc.registered_count = kept;
}

/* Call one finalizer; errors in it are lost, as the manual allows ("generate a warning"). */
static void finalize(Object *object)
{
    Cell *sp = rt_state.sp;
    u32 result_count = rt_state.result_count;
    Cell handler = rt_state.handler;
    rt_state.handler = (Cell){0, TAG_NIL, 0};
    object->flags &= (u8)~OBJECT_FINALIZER;
    Value v = value_of(object->kind, (i64)(uintptr_t)object);
    root_push(v);
    Value method = metamethod(v, META_GC);
    if (is_function(method)) {
        meta_call1(method, META_GC, NULL, v);
        if (rt_state.pending == PENDING_ERROR)
            rt_state.pending = PENDING_NONE;
    }
    rt_state.sp = sp;
    rt_state.handler = handler;
    rt_state.result_count = result_count;
}

void gc_run_finalizers(void)
{
    if (gc.finalizing || rt_state.pending != PENDING_NONE)
        return;
    gc.finalizing = true;
    while (heap.finalizers_due > 0 && rt_state.pending == PENDING_NONE) {
        Object *object = gc.due[gc.due_first];
        gc.due_first++;
        heap.finalizers_due--;
        finalize(object);
    }
    gc.finalizing = false;
}

void gc_finalize_all(void)
{
    finalizers_separate(true);
    gc_run_finalizers();
}

/* ---- a collection ---------------------------------------------------------------------------------------------- */

static void settle(void)
{
    propagate_all();
    converge_ephemerons();
    clear_all(WEAK_VALUES, clear_values);
    clear_all(WEAK_BOTH, clear_values);
    u32 due_before = heap.finalizers_due;
    finalizers_separate(false);
    for (u32 i = due_before; i < heap.finalizers_due; i++)
        mark_object(gc.due[gc.due_first + i]);
    propagate_all();
    converge_ephemerons();
    clear_all(WEAK_KEYS, clear_keys);
    clear_all(WEAK_BOTH, clear_keys);
    clear_all(WEAK_VALUES, clear_values);
    clear_all(WEAK_BOTH, clear_values);
}

void heap_collect(void)
{
    heap.collecting = true;
    heap_finish_sweep();
    heap.live_mark ^= 3;
    gc.live = 0;
    gc.overflow = false;
    for (u32 kind = 0; kind <= WEAK_BOTH; kind++)
        gc.weak[kind] = NULL;
    mark_roots();
    settle();
    raw_free(gc.stack);
    gc.stack = NULL;
    gc.capacity = 0;
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
    gc_run_finalizers();
}

void object_release(Object *object)
{
    if (object->kind == TAG_STRING) {
        if (object->flags & STRING_INTERNED)
            string_forget((String *)object);
    } else if (object->kind == TAG_TABLE) {
        raw_discard(((Table *)object)->array);
        raw_discard(((Table *)object)->entries);
    } else if (object->kind == TAG_COROUTINE) {
        raw_discard(((Coroutine *)object)->records.cells);
        raw_discard(((Coroutine *)object)->values.cells);
    }
}
