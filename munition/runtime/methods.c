/* SPDX-License-Identifier: MIT */
/* Method calls: what a call has found along a chain of classes is remembered, per call and for all calls together.
 *
 * A record says: for objects with the metatable `meta` that have no such field themselves, the method is in `cell`. It holds as
 * long as none of the tables it was found through changes. They are marked as watched; the places that could change the
 * answer (a new key, a value that is assigned or revived, memory that moves, another metatable, the table's death) then
 * forget all records. Generated code that overwrites a value in place is no such place: records hold the cell, not the value;
 * only `__index` itself is never overwritten there. */
#include "core.h"

typedef struct Method {
    u32 guess; /* number of the entry */
    u32 meta; /* address of the metatable, METHOD_NONE = nothing remembered */
    const Cell *cell;
    struct Method *next; /* all records that remember something; the last one points to itself */
} Method;

static_assert(sizeof(Method) == METHOD_SIZE && offsetof(Method, guess) == METHOD_GUESS && offsetof(Method, meta) == METHOD_META);
static_assert(offsetof(Method, cell) == METHOD_CELL && offsetof(Method, next) == METHOD_NEXT);

enum { SHARED = 64 }; /* slots of the table for all calls, a power of two */

static Method *records;
static struct {
    u32 meta;
    u32 key;
    const Cell *cell;
} shared[SHARED];
static bool shared_used;

void methods_forget(void)
{
    while (records != NULL) {
        Method *record = records;
        records = record->next == record ? NULL : record->next;
        record->meta = METHOD_NONE;
        record->next = NULL;
    }
    if (shared_used)
        memset(shared, 0, sizeof shared);
    shared_used = false;
}

static u32 shared_slot(u32 meta, u32 key) { return (meta * 31 + key) >> 3 & (SHARED - 1); }

static void remember(Method *record, u32 meta, const Cell *cell)
{
    record->meta = meta;
    record->cell = cell;
    if (record->next == NULL) {
        record->next = records == NULL ? record : records;
        records = record;
    }
}

static void watch(Table *table) { table->object.flags |= TABLE_WATCHED; }

/* The field of the object itself, if it has it. */
static const Cell *own_cell(const Table *table, String *key, u32 *guess)
{
    *guess = UINT32_MAX;
    table_get_cached((Table *)table, key, guess);
    return *guess == UINT32_MAX ? NULL : &table->entries[*guess].value;
}

/* Where the method is, along a chain whose links are tables; NULL if it is not so simple. All tables of it are watched. */
static const Cell *find_method(Table *meta, String *key)
{
    for (u32 step = 0; step < 32; step++) {
        Value link = meta_index(meta);
        if (!is_table(link))
            return NULL;
        watch(meta);
        Table *class = table_of(link);
        watch(class);
        u32 guess;
        const Cell *cell = own_cell(class, key, &guess);
        if (cell != NULL && cell->tag != TAG_NIL)
            return cell;
        meta = class->metatable;
        if (meta == NULL)
            return NULL;
    }
    return NULL;
}

Value rt_method(Value object, String *key, Method *record, const Site *site)
{
    if (unlikely(!is_table(object)))
        return rt_index_string(object, key, &record->guess, site);
    Table *table = table_of(object);
    Table *meta = table->metatable;
    if (table->names >> (key->hash & 63) & 1 || meta == NULL || !(key->object.flags & STRING_INTERNED))
        return rt_index_string(object, key, &record->guess, site);
    u32 at = (u32)(uintptr_t)meta, name = (u32)(uintptr_t)key, slot = shared_slot(at, name);
    const Cell *cell;
    if (shared[slot].meta == at && shared[slot].key == name) {
        cell = shared[slot].cell;
    } else {
        cell = find_method(meta, key);
        if (cell == NULL)
            return rt_index_string(object, key, &record->guess, site);
        shared[slot].meta = at;
        shared[slot].key = name;
        shared[slot].cell = cell;
        shared_used = true;
    }
    if (unlikely(cell->tag == TAG_NIL))
        return rt_index_string(object, key, &record->guess, site);
    remember(record, at, cell);
    return cell_load(cell);
}
