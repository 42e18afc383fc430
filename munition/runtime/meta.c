/* SPDX-License-Identifier: MIT */
/* Indexing, assignment, length and equality, with metamethods. */
#include "core.h"
#include "table.h"

Table *metatable_of(Value v)
{
    switch (v.tag) {
    case TAG_TABLE:
        return table_of(v)->metatable;
    case TAG_STRING:
        return rt_config.string_meta;
    case TAG_USERDATA:
        return userdata_of(v)->metatable;
    default:
        return NULL;
    }
}

[[gnu::noinline]] Value metamethod(Value v, u32 name) { return meta_field(metatable_of(v), name); }

/* For a program in which nothing has a metatable. */
Value no_metamethod(Value v, u32 name)
{
    (void)v;
    (void)name;
    return value_nil();
}

/* ---- calling metamethods ------------------------------------------------------------------------------------------------ */

/* The site a metamethod sees: the position of the operation, named after the event. */
static Site meta_site(u32 name, const Site *site)
{
    Site here = {0};
    if (site != NULL) {
        here.line = site->line;
        here.function = site->function;
    }
    here.name1 = rt_name(name);
    here.kind1 = SITE_METAMETHOD;
    return here;
}

[[gnu::noinline]] Value meta_call1(Value method, u32 name, const Site *site, Value a)
{
    Site here = meta_site(name, site);
    return invoke_values(method, call_word(1, &here), a, value_nil(), value_nil());
}

[[gnu::noinline]] Value meta_call2(Value method, u32 name, const Site *site, Value a, Value b)
{
    Site here = meta_site(name, site);
    return invoke_values(method, call_word(2, &here), a, b, value_nil());
}

[[gnu::noinline]] Value meta_call3(Value method, u32 name, const Site *site, Value a, Value b, Value c)
{
    Site here = meta_site(name, site);
    return invoke_values(method, call_word(3, &here), a, b, c);
}

Value meta_index_search(Table *meta)
{
    if (meta->absent >> META_INDEX & 1)
        return value_nil();
    u32 number = UINT32_MAX;
    Value v = table_get_cached(meta, rt_name(META_INDEX), &number);
    if (is_nil(v))
        meta->absent |= 1u << META_INDEX;
    else if (number <= UINT8_MAX)
        meta->object.spare = (u8)number;
    return v;
}

/* ---- reading fields --------------------------------------------------------------------------------------------------------- */

/* What is left when `object` has no such field of its own: follow __index. `first` = object is what the site names. */
[[gnu::noinline]] Value meta_index_chain(Value object, Value key, const Site *site)
{
    for (u32 step = 0; step < CHAIN_LIMIT; step++) {
        Value method;
        if (is_table(object)) {
            Table *table = table_of(object);
            Value v = table_get(table, key);
            if (!is_nil(v) || table->metatable == NULL)
                return v;
            method = meta_index(table->metatable);
            if (is_nil(method))
                return method;
        } else {
            method = metamethod(object, META_INDEX);
            if (is_nil(method)) {
                /* Without a metatable of strings the program mentions no name of the string library: no field is there. */
                if (!is_string(object) || rt_config.string_meta != NULL)
                    throw_operand(site, "index", object, step == 0 ? 1 : 0);
                return method;
            }
        }
        if (is_function(method))
            return meta_call2(method, META_INDEX, site, object, key);
        object = method;
    }
    throw_at(site, "'__index' chain too long; possible loop");
    return value_nil();
}

/* What is left where nothing has a metatable. No field of a string is there: the program mentions no name of the string
 * library. */
Value no_index_chain(Value object, Value key, const Site *site)
{
    (void)key;
    if (!is_string(object) && !is_table(object))
        throw_operand(site, "index", object, 1);
    return value_nil();
}

Value rt_index(Value object, Value key, const Site *site)
{
    if (likely(is_table(object))) {
        Table *table = table_of(object);
        Value v;
        if (is_string(key) && likely(!is_long(string_of(key)))) {
            i32 found = find_short(table, string_of(key));
            v = found < 0 ? value_nil() : cell_load(&table->entries[found].value);
        } else {
            v = table_get(table, key);
        }
        if (likely(!is_nil(v)) || table->metatable == NULL)
            return v;
    }
    return meta_index_chain(object, key, site);
}

/* Along a chain of classes, as long as its links are tables; the general way for everything else. *cache is a guess at the
 * number of the entry, here in the class that has the field. */
[[gnu::noinline]] Value meta_index_string(Value object, Table *meta, String *key, u32 *cache, const Site *site)
{
    Value inherited;
    if (likely(meta != NULL) && methods_inherited(meta, key, &inherited))
        return inherited;
    for (u32 step = 0; step < CHAIN_LIMIT && meta != NULL; step++) {
        Value method = meta_index(meta);
        if (unlikely(!is_table(method))) {
            if (is_nil(method))
                return method;
            break;
        }
        Table *table = table_of(method);
        u32 guess = *cache;
        if (guess < table->entry_count && table->entries[guess].key.aux == (u32)(uintptr_t)key) {
            Value v = cell_load(&table->entries[guess].value);
            if (likely(!is_nil(v)))
                return v;
        } else {
            Value v = table_get_cached(table, key, cache);
            if (!is_nil(v))
                return v;
        }
        meta = table->metatable;
        if (meta == NULL)
            return value_nil();
    }
    return meta_index_chain(object, value_string(key), site);
}

Value no_index_string(Value object, Table *meta, String *key, u32 *cache, const Site *site)
{
    (void)meta;
    (void)cache;
    return no_index_chain(object, value_string(key), site);
}

Value rt_index_string(Value object, String *key, u32 *cache, const Site *site)
{
    u32 ignored = 0;
    if (cache == NULL)
        cache = &ignored;
    if (unlikely(!is_table(object)))
        return meta_index_string(object, metatable_of(object), key, cache, site);
    Table *table = table_of(object);
    u32 guess = *cache;
    bool known = guess < table->entry_count && table->entries[guess].key.aux == (u32)(uintptr_t)key;
    Value v = known ? cell_load(&table->entries[guess].value) : table_get_cached(table, key, cache);
    if (likely(!is_nil(v)) || table->metatable == NULL)
        return v;
    return meta_index_string(object, table->metatable, key, cache, site);
}

/* ---- assigning fields -------------------------------------------------------------------------------------------------------- */

/* Raw assignment with the errors of keys that cannot be. */
static void set_raw(Table *table, Value key, Value v, const Site *site)
{
    if (unlikely(is_nil(key))) {
        throw_at(site, "table index is nil");
        return;
    }
    if (unlikely(is_float(key)) && float_of(key) != float_of(key)) {
        throw_at(site, "table index is NaN");
        return;
    }
    table_set(table, key, v);
}

[[gnu::noinline]] void meta_set(Value object, Value key, Value v, const Site *site)
{
    for (u32 step = 0; step < CHAIN_LIMIT; step++) {
        Value method;
        if (is_table(object)) {
            Table *table = table_of(object);
            method = meta_field(table->metatable, META_NEWINDEX);
            if (is_nil(method) || !is_nil(table_get(table, key))) {
                set_raw(table, key, v, site);
                return;
            }
        } else {
            method = metamethod(object, META_NEWINDEX);
            if (is_nil(method)) {
                throw_operand(site, "index", object, step == 0 ? 1 : 0);
                return;
            }
        }
        if (is_function(method)) {
            meta_call3(method, META_NEWINDEX, site, object, key, v);
            return;
        }
        object = method;
    }
    throw_at(site, "'__newindex' chain too long; possible loop");
}

/* Tables are assigned to directly where they have no metatables. */
void no_set(Value object, Value key, Value v, const Site *site)
{
    (void)key;
    (void)v;
    throw_operand(site, "index", object, 1);
}

static bool plain_assignment(const Table *table)
{
    return table->metatable == NULL || (table->metatable->absent >> META_NEWINDEX & 1);
}

void rt_set_index(Value object, Value key, Value v, const Site *site)
{
    if (likely(is_table(object))) {
        Table *table = table_of(object);
        if (likely(plain_assignment(table))) {
            if (likely(is_integer(key)))
                table_set_integer(table, key.payload, v);
            else
                set_raw(table, key, v, site);
            return;
        }
    }
    meta_set(object, key, v, site);
}

void rt_set_index_string(Value object, String *key, Value v, u32 *cache, const Site *site)
{
    if (likely(is_table(object)) && likely(plain_assignment(table_of(object)))) {
        Table *table = table_of(object);
        u32 guess = cache == NULL ? UINT32_MAX : *cache;
        if (guess < table->entry_count && table->entries[guess].key.aux == (u32)(uintptr_t)key &&
            likely(!(table->object.flags & TABLE_WATCHED))) {
            table->absent = 0;
            cell_store(&table->entries[guess].value, v);
            return;
        }
        table_set_cached(table, key, v, cache);
        return;
    }
    meta_set(object, value_string(key), v, site);
}

/* ---- length and equality ------------------------------------------------------------------------------------------------------ */

Value rt_length(Value v, const Site *site)
{
    if (is_string(v))
        return value_integer(string_of(v)->length);
    if (is_table(v) && table_of(v)->metatable == NULL)
        return value_integer(table_length(table_of(v)));
    Value method = metamethod(v, META_LEN);
    if (!is_nil(method))
        return meta_call2(method, META_LEN, site, v, v);
    if (is_table(v))
        return value_integer(table_length(table_of(v)));
    throw_operand(site, "get length of", v, 1);
    return value_nil();
}

static bool number_equal(Value a, Value b)
{
    i64 integer;
    if (is_float(a) && is_float(b))
        return float_of(a) == float_of(b);
    if (is_integer(a))
        return float_to_integer(float_of(b), &integer) && integer == a.payload;
    return float_to_integer(float_of(a), &integer) && integer == b.payload;
}

u32 rt_raw_equal(Value a, Value b)
{
    if (a.tag == b.tag) {
        if (a.tag == TAG_FLOAT)
            return float_of(a) == float_of(b);
        if (a.payload == b.payload)
            return true;
        return is_string(a) && string_equal(string_of(a), string_of(b));
    }
    return is_number(a) && is_number(b) && number_equal(a, b);
}

u32 rt_equal(Value a, Value b, const Site *site)
{
    if (rt_raw_equal(a, b))
        return true;
    if (a.tag != b.tag || (!is_table(a) && a.tag != TAG_USERDATA))
        return false;
    Value method = metamethod(a, META_EQ);
    if (is_nil(method))
        method = metamethod(b, META_EQ);
    if (is_nil(method))
        return false;
    return is_true(meta_call2(method, META_EQ, site, a, b));
}
