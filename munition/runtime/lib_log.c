/* SPDX-License-Identifier: MIT */
/* The module munition.log: debug, info, warn and error(message [, fields]) make structured log records. */
#include "codec.h"
#include "core.h"

typedef enum Level { LEVEL_DEBUG = 10, LEVEL_INFO = 20, LEVEL_WARNING = 30, LEVEL_ERROR = 40 } Level;

/* Records are objects: every key must be a string. */
static bool has_string_keys(const Table *table)
{
    bool strings = table->array_length == 0;
    for (u32 i = 0; strings && i < table->entry_count; i++)
        strings = table->entries[i].value.tag == TAG_NIL || table->entries[i].key.tag == TAG_STRING;
    return strings;
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
    if (!has_string_keys(table)) {
        throw_argument(args, 1, "the names of fields must be strings");
        return false;
    }
    if (is_empty(table))
        return true;
    Buffer refused;
    buffer_open(&refused);
    if (codec_encode(out, fields, "fields", &refused)) {
        buffer_drop(&refused);
        return true;
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
