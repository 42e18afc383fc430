/* SPDX-License-Identifier: MIT */
/* What table.c (look-up, assignment, traversal) and table_grow.c (memory, and what goes where) share.
 *
 * Invariants: the last cell of the array part is not nil; the entries hold no live value for the integer key
 * array_length + 1 (so array_length is always a border), and none for a key within the array part. */
#ifndef MUNITION_TABLE_H
#define MUNITION_TABLE_H

#include "core.h"

enum { NOT_FOUND = -1 };

static inline u32 hash_mix(u32 bits)
{
    bits *= 0x9e3779b1;
    return bits ^ bits >> 15;
}

static inline u32 hash_wide(i64 payload) { return hash_mix((u32)payload ^ (u32)((u64)payload >> 32) * 0x85ebca6b); }

static inline u32 hash_key(Value key)
{
    if (key.tag == TAG_STRING)
        return string_hash(string_of(key));
    return hash_wide(key.payload) + key.tag;
}

static inline void index_insert(Table *table, u32 number, u32 hash)
{
    u32 mask = table->index_mask;
    u32 at = hash & mask;
    while (table->index[at] != 0)
        at = (at + 1) & mask;
    table->index[at] = number + 1;
}

/* A key that is a short string sets these bits of its table's `names`. */
static inline u64 name_bits(const String *key) { return (u64)1 << (key->hash & 63) | (u64)1 << (key->hash >> 6 & 63); }
static inline bool may_have_name(const Table *table, const String *key) { return (table->names & name_bits(key)) == name_bits(key); }

/* Add a key that is not there; the room is. */
static inline Entry *entry_add(Table *table, Value key)
{
    u32 number = table->entry_count++;
    Entry *entry = &table->entries[number];
    entry->key = (Cell){key.payload, key.tag, key.tag == TAG_STRING ? (u32)key.payload : 0};
    if (key.tag == TAG_STRING)
        table->names |= name_bits(string_of(key));
    if (table->index != NULL)
        index_insert(table, number, hash_key(key));
    return entry;
}

static inline bool is_long(const String *text) { return !(text->object.flags & STRING_INTERNED); }

/* The entry of a key that is not long. */
static inline i32 find_short(const Table *table, const String *key)
{
    u32 address = (u32)(uintptr_t)key;
    const Entry *entries = table->entries;
    if (table->index == NULL) {
        if (!may_have_name(table, key))
            return NOT_FOUND;
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

static inline void array_trim(Table *table)
{
    while (table->array_length > 0 && table->array[table->array_length - 1].tag == TAG_NIL)
        table->array_length--;
}

/* ---- table.c ---- */
i32 table_find_integer(const Table *table, i64 key);

/* ---- table_grow.c: false = failed ---- */
bool entries_rebuild(Table *table, u32 capacity); /* for so many live entries at least; drops the dead ones */
bool entries_grow(Table *table); /* they are full: make room for one more, perhaps by moving some to the array part */
bool array_grow(Table *table); /* make room for one more cell at the end, or let the tail go to the entries */
bool array_absorb(Table *table); /* move what follows the array part from the entries into it */

#endif
