/* SPDX-License-Identifier: MIT */
/* The module munition.log: debug, info, warn and error(message [, fields]) make structured log records. */
#include "codec.h"
#include "core.h"
#include "utf8.h"

enum { FIELDS_LONGEST = 1 << 16 }; /* bytes the host takes */

typedef enum Level { LEVEL_DEBUG = 10, LEVEL_INFO = 20, LEVEL_WARNING = 30, LEVEL_ERROR = 40 } Level;

/* Records are objects: every key must be a string, and text. */
static bool has_named_fields(const Table *table)
{
    bool named = table->array_length == 0;
    for (u32 i = 0; named && i < table->entry_count; i++) {
        const Entry *entry = &table->entries[i];
        Value key = cell_load(&entry->key);
        named = entry->value.tag == TAG_NIL || (is_string(key) && utf8_is_valid(string_of(key)));
    }
    return named;
}

static bool is_empty(const Table *table)
{
    u32 live = table->array_length;
    for (u32 i = 0; live == 0 && i < table->entry_count; i++)
        live += table->entries[i].value.tag != TAG_NIL;
    return live == 0;
}

/* The reason, which is the top buffer, becomes the error. */
static void throw_refused(const Args *args, Buffer *refused)
{
    String *why = buffer_finish(refused);
    if (why == NULL)
        return;
    root_push(value_string(why));
    throw_argument(args, 1, (const char *)why->bytes);
}

static bool encode_fields(const Args *args, Buffer *out)
{
    Value fields = arg(args, 1);
    if (is_nil(fields))
        return true;
    Table *table;
    if (!arg_table(args, 1, &table))
        return false;
    if (!has_named_fields(table)) {
        throw_argument(args, 1, "the names of fields must be strings of UTF-8");
        return false;
    }
    if (is_empty(table))
        return true;
    Buffer refused;
    buffer_open(&refused);
    if (codec_encode(out, fields, "fields", 0, &refused)) {
        buffer_drop(&refused);
        if (out->length <= FIELDS_LONGEST)
            return true;
        throw_argument(args, 1, "the fields are longer than 64 KiB");
    }
    if (!failed())
        throw_refused(args, &refused);
    return false;
}

static Value record(Args *args, Level level)
{
    String *message;
    Buffer fields;
    if (!arg_string(args, 0, &message))
        return args_fail(args);
    buffer_open(&fields);
    if (!encode_fields(args, &fields))
        return args_fail(args);
    host_log_record(level, message->bytes, message->length, fields.bytes, fields.length);
    return args_none(args);
}

Value lua_log_debug(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return record(&args, LEVEL_DEBUG);
}

Value lua_log_info(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return record(&args, LEVEL_INFO);
}

Value lua_log_warn(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return record(&args, LEVEL_WARNING);
}

Value lua_log_error(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return record(&args, LEVEL_ERROR);
}
