/* SPDX-License-Identifier: MIT */
/* Tables: an array part for 1..n and insertion-ordered entries with an index. Nothing here calls metamethods. */
#include "table.h"

enum { INLINE_LIMIT = 512 }; /* bytes of both parts that may lie in the table's own cell */

/* ---- searching the entries --------------------------------------------------------------------------------------- */

static bool key_equal(const Cell *cell, Value key)
{
    if (cell->tag != key.tag)
        return false;
    if (cell->payload == key.payload)
        return true;
    return key.tag == TAG_STRING && string_equal((String *)(uintptr_t)cell->payload, string_of(key));
}

/* Any normalised key. With `buried`, dead entries whose object is gone match by address. */
static i32 find_any(const Table *table, Value key, bool buried)
{
    const Entry *entries = table->entries;
    if (table->index == NULL) {
        for (u32 i = 0; i < table->entry_count; i++) {
            const Cell *cell = &entries[i].key;
            if (key_equal(cell, key) || (buried && cell->tag == TAG_DEAD && cell->payload == key.payload))
                return (i32)i;
        }
        return NOT_FOUND;
    }
    u32 mask = table->index_mask;
    for (u32 at = hash_key(key) & mask;; at = (at + 1) & mask) {
        u32 number = table->index[at];
        if (number == 0)
            return NOT_FOUND;
        const Cell *cell = &entries[number - 1].key;
        if (key_equal(cell, key) || (buried && cell->tag == TAG_DEAD && cell->payload == key.payload))
            return (i32)number - 1;
    }
}

i32 table_find_integer(const Table *table, i64 key)
{
    const Entry *entries = table->entries;
    if (table->index == NULL) {
        for (u32 i = 0; i < table->entry_count; i++)
            if (entries[i].key.payload == key && entries[i].key.tag == TAG_INTEGER)
                return (i32)i;
        return NOT_FOUND;
    }
    u32 mask = table->index_mask;
    for (u32 at = (hash_wide(key) + TAG_INTEGER) & mask;; at = (at + 1) & mask) {
        u32 number = table->index[at];
        if (number == 0)
            return NOT_FOUND;
        const Cell *cell = &entries[number - 1].key;
        if (cell->payload == key && cell->tag == TAG_INTEGER)
            return (i32)number - 1;
    }
}

static i32 find_string(const Table *table, String *key)
{
    return likely(!is_long(key)) ? find_short(table, key) : find_any(table, value_string(key), false);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

Value table_get_integer(Table *table, i64 key)
{
    u64 position = (u64)key - 1;
    if (likely(position < table->array_length))
        return cell_load(&table->array[position]);
    i32 found = table_find_integer(table, key);
    return found < 0 ? value_nil() : cell_load(&table->entries[found].value);
}

[[gnu::noinline]] Value table_get_cached(Table *table, String *key, u32 *cache)
{
    i32 found = find_string(table, key);
    if (found < 0)
        return value_nil();
    if (cache != NULL)
        *cache = (u32)found;
    return cell_load(&table->entries[found].value);
}

Value table_get_string(Table *table, String *key) { return table_get_cached(table, key, NULL); }

Value table_get(Table *table, Value key)
{
    switch (key.tag) {
    case TAG_INTEGER:
        return table_get_integer(table, key.payload);
    case TAG_STRING:
        return table_get_string(table, string_of(key));
    case TAG_NIL:
        return value_nil();
    case TAG_FLOAT: {
        i64 integer;
        if (float_to_integer(float_of(key), &integer))
            return table_get_integer(table, integer);
        if (unlikely(float_of(key) != float_of(key)))
            return value_nil(); /* where it would be looked for depends on its bits, which depend on the processor */
        break;
    }
    default:
        break;
    }
    i32 found = find_any(table, key, false);
    return found < 0 ? value_nil() : cell_load(&table->entries[found].value);
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

/* Keep table, key and value alive while memory is found. */
static Cell *root_three(const Table *table, Value key, Value v)
{
    Cell *base = root_push(value_table(table));
    root_push(key);
    root_push(v);
    return base;
}

/* A field comes to life. */
static void table_changes(Table *table, Value key)
{
    table->absent = 0;
    if (unlikely(table->object.flags & TABLE_WATCHED) && key.tag == TAG_STRING)
        methods_changed(string_of(key));
}

/* The key is normalised and not there, the value is not nil. */
static bool insert_new(Table *table, Value key, Value v)
{
    table_changes(table, key);
    if (unlikely(table->entry_count == table->entry_capacity)) {
        Cell *base = root_three(table, key, v);
        bool grown = entries_grow(table);
        rt_state.sp = base;
        if (!grown)
            return false;
        if (key.tag == TAG_INTEGER) /* the array part may have grown up to this key */
            return table_set_integer(table, key.payload, v);
    }
    cell_store(&entry_add(table, key)->value, v);
    return true;
}

static bool store_found(Table *table, i32 found, Value v)
{
    Entry *entry = &table->entries[found];
    if (entry->value.tag == TAG_NIL)
        table_changes(table, cell_load(&entry->key));
    else if (unlikely(table->object.flags & TABLE_WATCHED) && entry->key.aux == (u32)(uintptr_t)rt_name(META_INDEX))
        methods_forget();
    cell_store(&entry->value, v);
    return true;
}

static bool append(Table *table, Value v)
{
    if (unlikely(table->array_length == table->array_capacity)) {
        i64 key = (i64)table->array_length + 1;
        Cell *base = root_three(table, value_nil(), v);
        bool grown = array_grow(table);
        rt_state.sp = base;
        if (!grown)
            return false;
        if (table->array_length != key - 1) /* the tail went to the entries, or a weak table lost its last values */
            return table_set_integer(table, key, v);
    }
    cell_store(&table->array[table->array_length++], v);
    if (likely(table->entry_count == 0))
        return true;
    Cell *base = root_push(value_table(table));
    bool absorbed = array_absorb(table);
    rt_state.sp = base;
    return absorbed;
}

bool table_set_integer(Table *table, i64 key, Value v)
{
    u64 position = (u64)key - 1;
    u32 length = table->array_length;
    if (likely(position < length)) {
        cell_store(&table->array[position], v);
        if (unlikely(v.tag == TAG_NIL) && position == length - 1)
            array_trim(table);
        return true;
    }
    if (position == length) {
        if (is_nil(v))
            return true;
        return append(table, v);
    }
    i32 found = table_find_integer(table, key);
    if (found >= 0)
        return store_found(table, found, v);
    return is_nil(v) || insert_new(table, value_integer(key), v);
}

[[gnu::noinline]] bool table_set_cached(Table *table, String *key, Value v, u32 *cache)
{
    i32 found = find_string(table, key);
    if (found < 0)
        return is_nil(v) || insert_new(table, value_string(key), v);
    if (cache != NULL)
        *cache = (u32)found;
    return store_found(table, found, v);
}

bool table_set_string(Table *table, String *key, Value v) { return table_set_cached(table, key, v, NULL); }

bool table_set(Table *table, Value key, Value v)
{
    switch (key.tag) {
    case TAG_INTEGER:
        return table_set_integer(table, key.payload, v);
    case TAG_STRING:
        return table_set_string(table, string_of(key), v);
    case TAG_NIL:
        throw_at(NULL, "table index is nil");
        return false;
    case TAG_FLOAT: {
        i64 integer;
        if (float_to_integer(float_of(key), &integer))
            return table_set_integer(table, integer, v);
        if (float_of(key) != float_of(key)) {
            throw_at(NULL, "table index is NaN");
            return false;
        }
        break;
    }
    default:
        break;
    }
    i32 found = find_any(table, key, false);
    if (found >= 0)
        return store_found(table, found, v);
    return is_nil(v) || insert_new(table, key, v);
}

/* ---- traversal -------------------------------------------------------------------------------------------------------- */

/* The entry `table_next` gave last. Most often it is asked for the one after it. */
static struct {
    const Table *table;
    u32 entry;
} last_step;

static bool is_last_step(const Table *table, Value key)
{
    if (last_step.table != table || last_step.entry >= table->entry_count)
        return false;
    const Cell *cell = &table->entries[last_step.entry].key;
    return cell->payload == key.payload && cell->tag == key.tag;
}

/* Where the traversal goes on after `key`: a position in the array part followed by the entries. -1 = unknown key. */
static i64 position_after(const Table *table, Value key)
{
    i64 integer;
    if (is_nil(key))
        return 0;
    if (unlikely(is_float(key))) {
        /* No key is NaN or a float with an integer's value: the reference implementation does not convert these here. */
        f64 number = float_of(key);
        if (number != number || float_to_integer(number, &integer))
            return -1;
    }
    if (is_integer(key) && (u64)key.payload - 1 < table->array_length)
        return key.payload;
    if (likely(is_last_step(table, key)))
        return (i64)table->array_length + last_step.entry + 1;
    i32 found = find_any(table, key, false);
    if (found < 0) /* only then: a living key may have the address of one that died earlier */
        found = find_any(table, key, true);
    if (found >= 0)
        return (i64)table->array_length + found + 1;
    /* The traversed array part may have become shorter: its last keys were set to nil. */
    if (is_integer(key) && (u64)key.payload - 1 < table->array_capacity)
        return table->array_length;
    return -1;
}

i32 table_next(Table *table, Value key, Value *next_key, Value *next_value)
{
    i64 position = position_after(table, key);
    if (position < 0) {
        throw_at(NULL, "invalid key to 'next'");
        return -1;
    }
    u32 length = table->array_length;
    for (; position < length; position++) {
        if (table->array[position].tag != TAG_NIL) {
            *next_key = value_integer(position + 1);
            *next_value = cell_load(&table->array[position]);
            return 1;
        }
    }
    for (u32 i = (u32)(position - length); i < table->entry_count; i++) {
        const Entry *entry = &table->entries[i];
        if (entry->value.tag != TAG_NIL) {
            last_step.table = table;
            last_step.entry = i;
            *next_key = cell_load(&entry->key);
            *next_value = cell_load(&entry->value);
            return 1;
        }
    }
    return 0;
}

/* ---- making tables ------------------------------------------------------------------------------------------------------ */

static bool table_reserve(Table *table, u32 array_capacity, u32 entry_capacity)
{
    if (array_capacity > 0 && !table_reserve_array(table, array_capacity))
        return false;
    if (entry_capacity == 0)
        return true;
    if (entry_capacity > SIZE_LIMIT / sizeof(Entry)) {
        throw_memory();
        return false;
    }
    return entries_rebuild(table, entry_capacity);
}

/* A table whose parts are small lies in one cell with them: header, entries, array. */
static Table *table_new_inline(u32 array_capacity, u32 entry_capacity, u32 bytes)
{
    Table *table = heap_object((u32)sizeof(Table) + bytes, TAG_TABLE, 0);
    if (table == NULL)
        return NULL;
    *table = (Table){.object = table->object};
    Entry *entries = (Entry *)(table + 1);
    if (entry_capacity > 0) {
        table->entries = entries;
        table->entry_capacity = entry_capacity;
        table->object.flags |= TABLE_INLINE_ENTRIES;
    }
    if (array_capacity > 0) {
        table->array = (Cell *)(entries + entry_capacity);
        table->array_capacity = array_capacity;
        table->object.flags |= TABLE_INLINE_ARRAY;
    }
    return table;
}

Table *table_new(u32 array_capacity, u32 entry_capacity)
{
    u64 bytes = (u64)array_capacity * sizeof(Cell) + (u64)entry_capacity * sizeof(Entry);
    if (likely(bytes <= INLINE_LIMIT && entry_capacity <= LINEAR_ENTRIES))
        return table_new_inline(array_capacity, entry_capacity, (u32)bytes);
    Table *table = table_new_inline(0, 0, 0);
    if (table == NULL)
        return NULL;
    Cell *base = root_push(value_table(table));
    bool made = table_reserve(table, array_capacity, entry_capacity);
    rt_state.sp = base;
    return made ? table : NULL;
}

/* A table with these string keys (different, short, static), to be given values by writing to the entries. */
Table *rt_table_keyed(u32 array_capacity, u32 count, String *const *keys)
{
    gc_safe_point();
    Table *table = table_new(array_capacity, count);
    if (table == NULL)
        return NULL;
    if (likely(table->index == NULL)) {
        Entry *entries = table->entries;
        table->entry_count = count;
        for (u32 i = 0; i < count; i++) {
            u32 key = (u32)(uintptr_t)keys[i];
            table->names |= name_bits(keys[i]);
            entries[i] = (Entry){{key, TAG_STRING, key}, {0, TAG_NIL, 0}};
        }
        return table;
    }
    for (u32 i = 0; i < count; i++)
        cell_store(&entry_add(table, value_string(keys[i]))->value, value_nil());
    return table;
}

Table *rt_table_new(u32 array_capacity, u32 entry_capacity)
{
    gc_safe_point();
    return table_new(array_capacity, entry_capacity);
}
