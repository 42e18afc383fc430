/* SPDX-License-Identifier: MIT */
/* Inherited fields: what was found along a chain of classes is remembered, per method call and for all reads together.
 *
 * A record says: for objects with the metatable `meta` that have no such field themselves, the method is in `cell`. It holds as
 * long as none of the tables it was found through changes. They are marked as watched; the places that could change the
 * answer (a new key, a value that is assigned or revived, memory that moves, another metatable, the table's death) then
 * forget all records. Generated code that overwrites a value in place is no such place: records hold the cell, not the value;
 * only `__index` itself is never overwritten there. */
#include "core.h"
#include "table.h"

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
static u64 asked; /* a bit (hash modulo 64) for each name something is remembered of */
static const Cell nowhere; /* where what no class has is found: a nil */

void methods_forget(void)
{
    while (records != NULL) {
        Method *record = records;
        records = record->next == record ? NULL : record->next;
        record->meta = METHOD_NONE;
        record->next = NULL;
    }
    if (asked != 0)
        memset(shared, 0, sizeof shared);
    asked = 0;
}

void methods_changed(const String *key)
{
    bool is_link = key == rt_name(META_INDEX);
    if (is_link || (key->object.flags & STRING_INTERNED && asked >> (key->hash & 63) & 1))
        methods_forget();
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

/* Where the field is, along a chain whose links are tables; NULL if it is not so simple. All tables of it are watched. */
static const Cell *search_classes(Table *meta, String *key)
{
    for (u32 step = 0; step < 32; step++) {
        watch(meta);
        Value link = meta_index(meta);
        if (is_nil(link))
            return &nowhere;
        if (!is_table(link))
            return NULL;
        Table *class = table_of(link);
        watch(class);
        u32 guess;
        const Cell *cell = own_cell(class, key, &guess);
        if (cell != NULL && cell->tag != TAG_NIL)
            return cell;
        meta = class->metatable;
        if (meta == NULL)
            return &nowhere;
    }
    return NULL;
}

/* The same, remembered. The cell may have become nil meanwhile, which says nothing of the classes behind it. */
[[gnu::always_inline]] static inline const Cell *find_inherited(Table *meta, String *key)
{
    u32 at = (u32)(uintptr_t)meta, name = (u32)(uintptr_t)key, slot = shared_slot(at, name);
    const Cell *cell = shared[slot].cell;
    if (shared[slot].meta != at || shared[slot].key != name) {
        cell = search_classes(meta, key);
        if (cell == NULL)
            return NULL;
        shared[slot].meta = at;
        shared[slot].key = name;
        shared[slot].cell = cell;
        asked |= (u64)1 << (key->hash & 63);
    }
    return cell->tag != TAG_NIL || cell == &nowhere ? cell : NULL;
}

bool methods_inherited(Table *meta, String *key, Value *out)
{
    /* A string that can die may leave its address to another one. */
    const Cell *cell = key->object.flags & STRING_INTERNED && is_static(key) ? find_inherited(meta, key) : NULL;
    if (cell != NULL)
        *out = cell_load(cell);
    return cell != NULL;
}

Value rt_method(Value object, String *key, Method *record, const Site *site)
{
    if (unlikely(!is_table(object)))
        return rt_index_string(object, key, &record->guess, site);
    Table *table = table_of(object);
    Table *meta = table->metatable;
    if (may_have_name(table, key) || meta == NULL || !(key->object.flags & STRING_INTERNED))
        return rt_index_string(object, key, &record->guess, site);
    const Cell *cell = find_inherited(meta, key);
    if (unlikely(cell == NULL || cell == &nowhere))
        return rt_index_string(object, key, &record->guess, site);
    remember(record, (u32)(uintptr_t)meta, cell);
    return cell_load(cell);
}
