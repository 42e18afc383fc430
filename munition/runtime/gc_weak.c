/* SPDX-License-Identifier: MIT */
/* Weak tables: what marking does with them, and what is taken out of them afterwards. */
#include "core.h"
#include "gc.h"

/* What marking found of a table's __mode. */
typedef enum Weakness : u8 { WEAK_NONE = 0, WEAK_KEYS = 1, WEAK_VALUES = 2, WEAK_BOTH = 3 } Weakness;

static Table *weak[WEAK_BOTH + 1]; /* weak tables found by this marking, by weakness */

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

/* Strong keys, weak values. Strings count as values, not as objects: they are never removed. */
static void scan_weak_values(Table *table)
{
    for (u32 i = 0; i < table->array_length; i++)
        if (table->array[i].tag == TAG_STRING)
            gc_mark_cell(&table->array[i]);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL)
            gc_entry_bury(entry);
        else
            gc_mark_cell(&entry->key);
        if (entry->value.tag == TAG_STRING)
            gc_mark_cell(&entry->value);
    }
}

static bool key_is_alive(const Cell *key)
{
    return !is_collectable(key->tag) || key->tag == TAG_STRING || gc_is_marked((Object *)(uintptr_t)key->payload);
}

/* Mark the values whose keys are alive. true = something new was marked. */
static bool scan_ephemerons(Table *table)
{
    bool progress = false;
    for (u32 i = 0; i < table->array_length; i++)
        gc_mark_cell(&table->array[i]);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL) {
            gc_entry_bury(entry);
            continue;
        }
        if (entry->key.tag == TAG_STRING)
            gc_mark_cell(&entry->key);
        if (!key_is_alive(&entry->key) || !is_collectable(entry->value.tag))
            continue;
        Object *object = (Object *)(uintptr_t)entry->value.payload;
        if (!gc_is_marked(object)) {
            gc_mark_object(object);
            progress = true;
        }
    }
    return progress;
}

static void scan_all_weak(Table *table)
{
    for (u32 i = 0; i < table->array_length; i++)
        if (table->array[i].tag == TAG_STRING)
            gc_mark_cell(&table->array[i]);
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_NIL) {
            gc_entry_bury(entry);
            continue;
        }
        if (entry->value.tag == TAG_STRING)
            gc_mark_cell(&entry->value);
    }
}

/* The keys that are strings, of the entries that are left when all else is decided. */
static void mark_string_keys(Table *table)
{
    for (u32 i = 0; i < table->entry_count; i++)
        if (table->entries[i].value.tag != TAG_NIL && table->entries[i].key.tag == TAG_STRING)
            gc_mark_cell(&table->entries[i].key);
    table->object.flags &= (u8)~TABLE_WEAK;
}

static void weak_enlist(Table *table, Weakness weakness)
{
    table->object.flags |= TABLE_WEAK;
    table->gc_next = weak[weakness];
    weak[weakness] = table;
}

/* ---- weak tables ----------------------------------------------------------------------------------------------- */

static void converge_ephemerons(void)
{
    bool progress = true;
    while (progress) {
        progress = false;
        for (Table *table = weak[WEAK_KEYS]; table != NULL; table = table->gc_next)
            progress |= scan_ephemerons(table);
        gc_propagate();
    }
}

static bool value_is_dead(const Cell *cell)
{
    return is_collectable(cell->tag) && cell->tag != TAG_STRING && !gc_is_marked((Object *)(uintptr_t)cell->payload);
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
            gc_entry_bury(entry);
        }
    }
}

static void clear_keys(Table *table)
{
    for (u32 i = 0; i < table->entry_count; i++) {
        Entry *entry = &table->entries[i];
        if (entry->value.tag != TAG_NIL && !key_is_alive(&entry->key)) {
            cell_store(&entry->value, value_nil());
            gc_entry_bury(entry);
        }
    }
}

static void clear_all(Weakness weakness, void (*clear)(Table *table))
{
    for (Table *table = weak[weakness]; table != NULL; table = table->gc_next)
        clear(table);
}

static bool scan_weak(Table *table)
{
    Weakness weakness = weakness_of(table);
    switch (weakness) {
    case WEAK_NONE:
        return false;
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
    /* A table may be scanned twice when the mark stack overflows, but must be in its list once. */
    if (!(table->object.flags & TABLE_WEAK))
        weak_enlist(table, weakness);
    return true;
}

static void settle(void)
{
    converge_ephemerons();
    clear_all(WEAK_VALUES, clear_values);
    clear_all(WEAK_BOTH, clear_values);
    u32 due_before = gc_due_count();
    gc_separate(false);
    gc_mark_due_from(due_before);
    gc_propagate();
    converge_ephemerons();
    clear_all(WEAK_KEYS, clear_keys);
    clear_all(WEAK_BOTH, clear_keys);
    clear_all(WEAK_VALUES, clear_values);
    clear_all(WEAK_BOTH, clear_values);
    for (u32 kind = WEAK_KEYS; kind <= WEAK_BOTH; kind++)
        clear_all((Weakness)kind, mark_string_keys);
    gc_propagate();
    memset(weak, 0, sizeof weak);
}

void gc_use_extras(void)
{
    static GcExtras extras;
    extras = (GcExtras){scan_weak, gc_final_mark, settle, gc_separate, gc_final_run};
    gc_extras = &extras;
}
