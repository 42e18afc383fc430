/* SPDX-License-Identifier: MIT */
/* The memory of tables, and which keys belong into the array part. */
#include "table.h"

enum {
    ENTRIES_FIRST = 4,
    ARRAY_FIRST = 4,
    ARRAY_GENTLE = 1 << 16, /* beyond so many cells arrays grow by half, not by doubling */
    SHED_LEAST = 16, /* shorter array parts are left alone */
};

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

[[gnu::noinline]] static u32 live_entries(const Table *table)
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
bool entries_rebuild(Table *table, u32 capacity)
{
    Entry *old = table->entries;
    u32 count = table->entry_count;
    if (unlikely(table->object.flags & TABLE_WATCHED))
        methods_forget();
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
    u32 usable;
    bool separate = !(table->object.flags & TABLE_INLINE_ARRAY);
    if (separate && raw_extend(table->array, bytes, &usable)) {
        table->array_capacity = usable / sizeof(Cell);
        return true;
    }
    usable = raw_usable(bytes);
    Cell *memory = raw_alloc(usable);
    if (memory == NULL)
        return false;
    if (table->array_length > 0)
        memcpy(memory, table->array, (size_t)table->array_length * sizeof(Cell));
    if (separate)
        raw_free(table->array);
    table->object.flags &= (u8)~TABLE_INLINE_ARRAY;
    table->array = memory;
    table->array_capacity = usable / sizeof(Cell);
    return true;
}

/* Move what follows the array part from the entries into it. */
bool array_absorb(Table *table)
{
    while (table->entry_count > 0) {
        i32 found = table_find_integer(table, (i64)table->array_length + 1);
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

/* ---- deciding between array and entries ---------------------------------------------------------------------------- */

/* How many integer keys from 1 to `bound` have a value. */
[[gnu::noinline]] static u32 count_integers(const Table *table, u64 bound)
{
    u32 count = 0;
    for (u32 i = 0; i < table->array_length && i < bound; i++)
        count += table->array[i].tag != TAG_NIL;
    for (u32 i = 0; i < table->entry_count; i++) {
        const Entry *entry = &table->entries[i];
        count += entry->key.tag == TAG_INTEGER && entry->value.tag != TAG_NIL && (u64)entry->key.payload - 1 < bound;
    }
    return count;
}

/* A length for the array part of which more than half would be used: the largest set of keys in which every key is less
 * than twice their number. */
[[gnu::noinline]] static u32 dense_length(const Table *table)
{
    u64 bound = SIZE_LIMIT / sizeof(Cell);
    for (;;) {
        u64 count = count_integers(table, bound);
        u64 next = count == 0 ? 0 : 2 * count - 1;
        if (next >= bound)
            return (u32)bound;
        bound = next;
    }
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
bool entries_grow(Table *table)
{
    u32 dense = table->entry_count == 0 ? 0 : dense_length(table);
    if (dense > table->array_length) {
        if (!table_reserve_array(table, dense))
            return false;
        array_take_entries(table, dense);
        if (!array_absorb(table))
            return false;
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

/* Whether more than half of the array part is used, so that dense_length would not be less than its length. */
static bool is_dense(const Table *table)
{
    const Cell *cell = table->array;
    u32 left = table->array_length / 2 + 1;
    for (const Cell *end = cell + table->array_length; cell < end && left > 0; cell++)
        left -= cell->tag != TAG_NIL;
    return left == 0;
}

/* Make room for one more cell at the end, or let the tail go to the entries instead. */
bool array_grow(Table *table)
{
    bool whole = table->array_length < SHED_LEAST || is_dense(table);
    u32 dense = whole ? table->array_length : dense_length(table);
    while (dense < table->array_length && table->array[dense].tag != TAG_NIL)
        dense++; /* what follows the array part at once must stay with it */
    if (dense < table->array_length)
        return array_shed(table, dense);
    u32 capacity = table->array_capacity;
    u32 more = capacity < ARRAY_FIRST ? ARRAY_FIRST : capacity < ARRAY_GENTLE ? capacity : capacity / 2;
    return table_reserve_array(table, capacity + more);
}

/* ---- whole tables --------------------------------------------------------------------------------------------------------- */

void table_release(Table *table)
{
    if (unlikely(table->object.flags & TABLE_WATCHED))
        methods_forget();
    if (table->array != NULL && !(table->object.flags & TABLE_INLINE_ARRAY))
        raw_discard(table->array);
    if (table->entries != NULL && !(table->object.flags & TABLE_INLINE_ENTRIES))
        raw_discard(table->entries);
}

/* Whether one of the keys 1 to `last` has a value among the entries. */
static bool has_integer_entries(const Table *table, u32 last)
{
    for (u32 i = 0; i < table->entry_count; i++) {
        const Entry *entry = &table->entries[i];
        if (entry->key.tag == TAG_INTEGER && (u64)entry->key.payload - 1 < last && entry->value.tag != TAG_NIL)
            return true;
    }
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
    adjacent = adjacent && !has_integer_entries(table, start + count);
    if (adjacent && table_reserve_array(table, start + count)) {
        for (u32 i = table->array_length; i < start; i++)
            table->array[i] = (Cell){0, TAG_NIL, 0};
        copy_cells(table->array + start, cells, count);
        table->array_length = start + count;
        array_absorb(table);
    } else if (!failed()) {
        for (u32 i = 0; i < count && table_set_integer(table, (i64)first + i, cell_load(cells + i)); i++) {
        }
    }
    rt_state.sp = cells;
}
