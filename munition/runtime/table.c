/* SPDX-License-Identifier: MIT */
/* Tables: an array part for 1..n and insertion-ordered entries with an index. Nothing here calls metamethods.
 *
 * Invariants: the last cell of the array part is not nil; the entries hold no live value for the integer key
 * array_length + 1 (so array_length is always a border), and none for a key within the array part. */
#include "core.h"

enum {
    ENTRIES_FIRST = 4,
    ARRAY_FIRST = 4,
    ARRAY_GENTLE = 1 << 16, /* beyond so many cells arrays grow by half, not by doubling */
    INTEGER_BINS = 32,
    NOT_FOUND = -1,
    INLINE_LIMIT = 512, /* bytes of both parts that may lie in the table's own cell */
};

/* ---- hashing ---------------------------------------------------------------------------------------------------- */

static u32 hash_mix(u32 bits)
{
    bits *= 0x9e3779b1;
    return bits ^ bits >> 15;
}

static u32 hash_wide(i64 payload) { return hash_mix((u32)payload ^ (u32)((u64)payload >> 32) * 0x85ebca6b); }

static u32 hash_key(Value key)
{
    if (key.tag == TAG_STRING)
        return string_hash(string_of(key));
    return hash_wide(key.payload) + key.tag;
}

/* ---- searching the entries --------------------------------------------------------------------------------------- */

static bool is_long(const String *text) { return !(text->object.flags & STRING_INTERNED); }

static i32 find_short(const Table *table, const String *key)
{
    u32 address = (u32)(uintptr_t)key;
    const Entry *entries = table->entries;
    if (table->index == NULL) {
        u32 count = table->entry_count;
        for (u32 i = 0; i < count; i++)
            if (entries[i].key.aux == address)
                return (i32)i;
        return NOT_FOUND;
    }
    u32 mask = table->index_mask;
    for (u32 at = key->hash & mask;; at = (at + 1) & mask) {
        u32 number = table->index[at];
        if (number == 0)
            return NOT_FOUND;
        if (entries[number - 1].key.aux == address)
            return (i32)number - 1;
    }
}

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

static i32 find_integer(const Table *table, i64 key)
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
    i32 found = find_integer(table, key);
    return found < 0 ? value_nil() : cell_load(&table->entries[found].value);
}

Value table_get_string(Table *table, String *key)
{
    i32 found = find_string(table, key);
    return found < 0 ? value_nil() : cell_load(&table->entries[found].value);
}

Value table_get_cached(Table *table, String *key, u32 *cache)
{
    i32 found = find_string(table, key);
    if (found < 0)
        return value_nil();
    if (cache != NULL)
        *cache = (u32)found;
    return cell_load(&table->entries[found].value);
}

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
        break;
    }
    default:
        break;
    }
    i32 found = find_any(table, key, false);
    return found < 0 ? value_nil() : cell_load(&table->entries[found].value);
}

/* ---- the entries' memory ------------------------------------------------------------------------------------------- */

static u32 index_size_for(u32 capacity)
{
    u32 size = 16;
    while (size < 2 * capacity)
        size *= 2;
    return size;
}

static u64 entries_bytes(u32 capacity)
{
    u64 bytes = (u64)capacity * sizeof(Entry);
    return capacity <= LINEAR_ENTRIES ? bytes : bytes + (u64)index_size_for(capacity) * sizeof(u32);
}

static void index_insert(Table *table, u32 number, u32 hash)
{
    u32 mask = table->index_mask;
    u32 at = hash & mask;
    while (table->index[at] != 0)
        at = (at + 1) & mask;
    table->index[at] = number + 1;
}

/* Give the table empty entries in `memory`, which has entries_bytes(capacity). */
static void entries_attach(Table *table, Entry *memory, u32 capacity)
{
    table->entries = memory;
    table->entry_capacity = capacity;
    table->entry_count = 0;
    if (capacity <= LINEAR_ENTRIES) {
        table->index = NULL;
        table->index_mask = 0;
        return;
    }
    u32 size = index_size_for(capacity);
    table->index = (u32 *)(memory + capacity);
    table->index_mask = size - 1;
    memset(table->index, 0, size * sizeof(u32));
}

/* Add a key that is not there; the room is. */
static Entry *entry_add(Table *table, Value key)
{
    u32 number = table->entry_count++;
    Entry *entry = &table->entries[number];
    entry->key = (Cell){key.payload, key.tag, key.tag == TAG_STRING ? (u32)key.payload : 0};
    if (table->index != NULL)
        index_insert(table, number, hash_key(key));
    return entry;
}

static u32 live_entries(const Table *table)
{
    u32 live = 0;
    for (u32 i = 0; i < table->entry_count; i++)
        live += table->entries[i].value.tag != TAG_NIL;
    return live;
}

/* Copy the live entries of `from` to the table's (new, empty) entries; it may be the same memory. */
static void entries_copy(Table *table, const Entry *from, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        if (from[i].value.tag == TAG_NIL)
            continue;
        Cell value = from[i].value;
        Entry *entry = entry_add(table, cell_load(&from[i].key));
        entry->value = value;
    }
}

/* Rebuild for `capacity` live entries at least; drops the dead ones. */
static bool entries_rebuild(Table *table, u32 capacity)
{
    Entry *old = table->entries;
    u32 count = table->entry_count;
    if (capacity == table->entry_capacity && !is_static(table->index == NULL ? (void *)old : table->index)) {
        entries_attach(table, old, capacity);
        entries_copy(table, old, count);
        return true;
    }
    Entry *memory = raw_alloc(entries_bytes(capacity));
    if (memory == NULL)
        return false;
    entries_attach(table, memory, capacity);
    entries_copy(table, old, count);
    if (!(table->object.flags & TABLE_INLINE_ENTRIES))
        raw_free(old);
    table->object.flags &= (u8)~TABLE_INLINE_ENTRIES;
    return true;
}

/* ---- the array part ---------------------------------------------------------------------------------------------------- */

bool table_reserve_array(Table *table, u32 capacity)
{
    if (capacity <= table->array_capacity)
        return true;
    u64 bytes = (u64)capacity * sizeof(Cell);
    if (bytes > SIZE_LIMIT) {
        throw_memory();
        return false;
    }
    u32 usable = raw_usable(bytes);
    Cell *memory = raw_alloc(usable);
    if (memory == NULL)
        return false;
    if (table->array_length > 0)
        memcpy(memory, table->array, (size_t)table->array_length * sizeof(Cell));
    if (!(table->object.flags & TABLE_INLINE_ARRAY))
        raw_free(table->array);
    table->object.flags &= (u8)~TABLE_INLINE_ARRAY;
    table->array = memory;
    table->array_capacity = usable / sizeof(Cell);
    return true;
}

static void array_trim(Table *table)
{
    while (table->array_length > 0 && table->array[table->array_length - 1].tag == TAG_NIL)
        table->array_length--;
}

/* Move what follows the array part from the entries into it. */
static bool array_absorb(Table *table)
{
    while (table->entry_count > 0) {
        i32 found = find_integer(table, (i64)table->array_length + 1);
        if (found < 0 || table->entries[found].value.tag == TAG_NIL)
            return true;
        if (table->array_length == table->array_capacity) {
            u32 more = table->array_capacity < ARRAY_GENTLE ? table->array_capacity : table->array_capacity / 2;
            if (!table_reserve_array(table, table->array_capacity + (more < ARRAY_FIRST ? ARRAY_FIRST : more)))
                return false;
            continue; /* the collector may have shortened a weak table */
        }
        table->array[table->array_length++] = table->entries[found].value;
        cell_store(&table->entries[found].value, value_nil());
    }
    return true;
}

/* ---- deciding between array and entries -------------------------------------------------------------------------------- */

/* How many integer keys lie in (2^(i-1), 2^i]. */
typedef struct Census {
    u32 bins[INTEGER_BINS];
    u32 total;
} Census;

static void census_add(Census *census, i64 key)
{
    if (key < 1 || key > (i64)1 << (INTEGER_BINS - 2))
        return;
    u32 bin = key == 1 ? 0 : 32 - (u32)__builtin_clz((u32)key - 1);
    census->bins[bin]++;
    census->total++;
}

/* The largest power of two such that more than half of 1..n are in use, or 0. */
static u32 census_best(const Census *census)
{
    u32 best = 0;
    u32 sum = 0;
    for (u32 bin = 0; bin < INTEGER_BINS - 1; bin++) {
        u32 size = 1u << bin;
        if (census->total <= size / 2)
            break;
        sum += census->bins[bin];
        if (sum > size / 2)
            best = size;
    }
    return best;
}

static void census_of_array(const Table *table, Census *census)
{
    for (u32 i = 0; i < table->array_length; i++)
        if (table->array[i].tag != TAG_NIL)
            census_add(census, (i64)i + 1);
}

static void census_of_entries(const Table *table, Census *census)
{
    for (u32 i = 0; i < table->entry_count; i++)
        if (table->entries[i].key.tag == TAG_INTEGER && table->entries[i].value.tag != TAG_NIL)
            census_add(census, table->entries[i].key.payload);
}

/* Move the entries with integer keys up to `length` into the array part, which has room. */
static void array_take_entries(Table *table, u32 length)
{
    for (u32 i = table->array_length; i < length; i++)
        table->array[i] = (Cell){0, TAG_NIL, 0};
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL || entry->key.tag != TAG_INTEGER)
            continue;
        u64 position = (u64)entry->key.payload - 1;
        if (position >= length)
            continue;
        table->array[position] = entry->value;
        cell_store(&entry->value, value_nil());
    }
    table->array_length = length;
    array_trim(table);
}

/* The entries are full: see whether integer keys among them belong into the array part, then make room for one more. */
static bool entries_grow(Table *table)
{
    Census census = {0};
    census_of_entries(table, &census);
    if (census.total > 0) {
        census_of_array(table, &census);
        u32 best = census_best(&census);
        if (best > table->array_length) {
            if (!table_reserve_array(table, best))
                return false;
            array_take_entries(table, best);
            if (!array_absorb(table))
                return false;
        }
    }
    u32 live = live_entries(table);
    u32 capacity = table->entry_capacity;
    if (live + 1 > capacity - capacity / 4)
        capacity = capacity == 0 ? ENTRIES_FIRST : capacity * 2;
    else
        while (capacity > ENTRIES_FIRST && live + 1 <= capacity / 4)
            capacity /= 2;
    return entries_rebuild(table, capacity);
}

/* A full array part of which less than half is used (a queue, say) moves its tail to the entries. */
static bool array_shed(Table *table, u32 keep)
{
    u32 moving = 0;
    for (u32 i = keep; i < table->array_length; i++)
        moving += table->array[i].tag != TAG_NIL;
    u32 needed = live_entries(table) + moving + 1;
    u32 capacity = table->entry_capacity < ENTRIES_FIRST ? ENTRIES_FIRST : table->entry_capacity;
    while (capacity < needed)
        capacity *= 2;
    if (!entries_rebuild(table, capacity))
        return false;
    for (u32 i = keep; i < table->array_length; i++)
        if (table->array[i].tag != TAG_NIL)
            entry_add(table, value_integer((i64)i + 1))->value = table->array[i];
    table->array_length = keep;
    array_trim(table);
    if (keep == 0 && !(table->object.flags & TABLE_INLINE_ARRAY)) {
        raw_free(table->array);
        table->array = NULL;
        table->array_capacity = 0;
    }
    return true;
}

/* Make room for one more cell at the end, or let the tail go to the entries instead. */
static bool array_grow(Table *table)
{
    if (table->array_length >= 16) {
        Census census = {0};
        census_of_array(table, &census);
        if (census.total < table->array_length / 2) {
            u32 keep = census_best(&census);
            while (keep < table->array_length && keep > 0 && table->array[keep].tag != TAG_NIL)
                keep++;
            if (keep < table->array_length)
                return array_shed(table, keep);
        }
    }
    u32 capacity = table->array_capacity;
    u32 more = capacity < ARRAY_FIRST ? ARRAY_FIRST : capacity < ARRAY_GENTLE ? capacity : capacity / 2;
    return table_reserve_array(table, capacity + more);
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

/* The key is normalised and not there, the value is not nil. */
static bool insert_new(Table *table, Value key, Value v)
{
    table->absent = 0;
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
    Cell *cell = &table->entries[found].value;
    if (cell->tag == TAG_NIL)
        table->absent = 0;
    cell_store(cell, v);
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
    i32 found = find_integer(table, key);
    if (found >= 0)
        return store_found(table, found, v);
    return is_nil(v) || insert_new(table, value_integer(key), v);
}

bool table_set_string(Table *table, String *key, Value v)
{
    i32 found = find_string(table, key);
    if (found >= 0)
        return store_found(table, found, v);
    return is_nil(v) || insert_new(table, value_string(key), v);
}

bool table_set_cached(Table *table, String *key, Value v, u32 *cache)
{
    i32 found = find_string(table, key);
    if (found < 0)
        return is_nil(v) || insert_new(table, value_string(key), v);
    if (cache != NULL)
        *cache = (u32)found;
    return store_found(table, found, v);
}

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
    if (is_float(key) && float_to_integer(float_of(key), &integer))
        key = value_integer(integer);
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
            entries[i] = (Entry){{key, TAG_STRING, key}, {0, TAG_NIL, 0}};
        }
        return table;
    }
    for (u32 i = 0; i < count; i++)
        cell_store(&entry_add(table, value_string(keys[i]))->value, value_nil());
    return table;
}

void table_release(Table *table)
{
    if (table->array != NULL && !(table->object.flags & TABLE_INLINE_ARRAY))
        raw_discard(table->array);
    if (table->entries != NULL && !(table->object.flags & TABLE_INLINE_ENTRIES))
        raw_discard(table->entries);
}

Table *rt_table_new(u32 array_capacity, u32 entry_capacity)
{
    gc_safe_point();
    return table_new(array_capacity, entry_capacity);
}

static bool has_integer_entries(const Table *table)
{
    for (u32 i = 0; i < table->entry_count; i++)
        if (table->entries[i].key.tag == TAG_INTEGER)
            return true;
    return false;
}

/* Store the n cells at sp into table[first ..], nils included; trailing nils are left out. */
void rt_table_append(Table *table, u32 first, u32 count)
{
    Cell *cells = rt_state.sp;
    while (count > 0 && cells[count - 1].tag == TAG_NIL)
        count--;
    if (count == 0)
        return;
    rt_state.sp += count;
    root_push(value_table(table));
    u32 start = first - 1;
    bool adjacent = start == table->array_length || (start > table->array_length && start <= table->array_capacity);
    adjacent = adjacent && !has_integer_entries(table);
    if (adjacent && table_reserve_array(table, start + count)) {
        for (u32 i = table->array_length; i < start; i++)
            table->array[i] = (Cell){0, TAG_NIL, 0};
        memcpy(table->array + start, cells, (size_t)count * sizeof(Cell));
        table->array_length = start + count;
    } else if (!failed()) {
        for (u32 i = 0; i < count && table_set_integer(table, (i64)first + i, cell_load(cells + i)); i++) {
        }
    }
    rt_state.sp = cells;
}
