/* SPDX-License-Identifier: MIT */
/* Encoding and decoding of values. Both are recursive to a fixed depth only. */
#include "codec.h"

#include "core.h"

typedef enum Code : u8 { CODE_NIL, CODE_FALSE, CODE_TRUE, CODE_INTEGER, CODE_FLOAT, CODE_STRING, CODE_ARRAY, CODE_OBJECT, CODE_MAP } Code;

/* ---- decoding ----------------------------------------------------------------------------------------------------------- */

typedef struct Reader {
    const u8 *at;
    const u8 *end;
    const char *fault;
} Reader;

static bool reader_fail(Reader *reader, const char *fault)
{
    reader->fault = fault;
    return false;
}

/* Where the next `length` bytes lie; NULL: there are not so many. */
static const u8 *read_bytes(Reader *reader, u32 length)
{
    const u8 *at = reader->at;
    if (length > (u32)(reader->end - at)) {
        reader_fail(reader, "the arguments end too early");
        return NULL;
    }
    reader->at += length;
    return at;
}

/* A count of things that take `least` bytes each at least. */
static bool read_count(Reader *reader, u32 least, u32 *out)
{
    const u8 *at = read_bytes(reader, 4);
    if (at == NULL)
        return false;
    __builtin_memcpy(out, at, 4);
    if (*out > (u32)(reader->end - reader->at) / least)
        return reader_fail(reader, "the arguments end too early");
    return true;
}

static bool read_string(Reader *reader, Value *out)
{
    u32 length;
    if (!read_count(reader, 1, &length))
        return false;
    String *text = string_new(reader->at, length);
    reader->at += length;
    *out = value_string(text);
    return text != NULL;
}

static bool read_value(Reader *reader, u32 depth, Value *out);

static bool read_array(Reader *reader, u32 depth, u32 count, Table *table)
{
    for (u32 i = 0; i < count; i++) {
        Value item;
        if (!read_value(reader, depth, &item) || !table_set_integer(table, (i64)i + 1, item))
            return false;
    }
    return true;
}

static bool read_pairs(Reader *reader, u32 depth, u32 count, bool object, Table *table)
{
    for (u32 i = 0; i < count; i++) {
        Value key, item;
        if (!(object ? read_string(reader, &key) : read_value(reader, depth, &key)))
            return false;
        Cell *root = root_push(key);
        if (!read_value(reader, depth, &item) || !table_set(table, key, item))
            return false;
        rt_state.sp = root;
    }
    return true;
}

static bool read_table(Reader *reader, u32 depth, Code code, Value *out)
{
    u32 count;
    if (depth == CODEC_DEPTH)
        return reader_fail(reader, "an argument is nested too deeply");
    if (!read_count(reader, code == CODE_ARRAY ? 1 : code == CODE_OBJECT ? 5 : 2, &count))
        return false;
    Table *table = code == CODE_ARRAY ? table_new(count, 0) : table_new(0, count);
    if (table == NULL)
        return false;
    *out = value_table(table);
    Cell *root = root_push(*out);
    bool read = code == CODE_ARRAY ? read_array(reader, depth + 1, count, table)
                                   : read_pairs(reader, depth + 1, count, code == CODE_OBJECT, table);
    rt_state.sp = root;
    return read;
}

static bool read_value(Reader *reader, u32 depth, Value *out)
{
    const u8 *at = read_bytes(reader, 1);
    *out = value_nil();
    if (at == NULL)
        return false;
    u8 code = *at;
    switch (code) {
    case CODE_NIL:
        return true;
    case CODE_FALSE:
    case CODE_TRUE:
        *out = value_bool(code == CODE_TRUE);
        return true;
    case CODE_INTEGER:
    case CODE_FLOAT:
        out->tag = code == CODE_INTEGER ? TAG_INTEGER : TAG_FLOAT;
        at = read_bytes(reader, 8);
        if (at != NULL)
            __builtin_memcpy(&out->payload, at, 8);
        return at != NULL;
    case CODE_STRING:
        return read_string(reader, out);
    case CODE_ARRAY:
    case CODE_OBJECT:
    case CODE_MAP:
        return read_table(reader, depth, code, out);
    default:
        return reader_fail(reader, "an argument has an unknown type");
    }
}

i32 codec_decode(const u8 *bytes, u32 length)
{
    if (length == 0)
        return 0;
    Reader reader = {bytes, bytes + length, NULL};
    u32 count = 0;
    bool read = read_count(&reader, 1, &count) && stack_reserve(count);
    for (u32 i = 0; read && i < count; i++) {
        Value v;
        read = read_value(&reader, 0, &v);
        root_push(v);
    }
    if (read && reader.at != reader.end)
        read = reader_fail(&reader, "there are bytes after the arguments");
    if (!read && !failed())
        throw_at(NULL, "%s", reader.fault);
    return read ? (i32)count : -1;
}

/* ---- encoding --------------------------------------------------------------------------------------------------------------- */

typedef struct Step {
    const Table *table;
    Value key;
} Step;

typedef struct Writer {
    Buffer *out;
    Buffer *refused;
    const char *root;
    int number;
    u32 depth;
    Step path[CODEC_DEPTH];
} Writer;

static bool write_path_key(Buffer *text, Value key)
{
    if (is_integer(key))
        return buffer_format(text, "[%I]", key.payload);
    if (is_string(key))
        return buffer_format(text, "[\"%S\"]", string_of(key));
    if (is_float(key))
        return buffer_byte(text, '[') && buffer_number(text, key) && buffer_byte(text, ']');
    return buffer_format(text, "[%s]", type_name(key));
}

/* Say where and why, and fail. */
static bool refuse(Writer *writer, const char *why)
{
    Buffer *text = writer->refused;
    text->length = 0;
    if (!buffer_format(text, writer->root, writer->number))
        return false;
    for (u32 i = 0; i < writer->depth && text->length < 400; i++)
        if (!write_path_key(text, writer->path[i].key))
            return false;
    buffer_format(text, ": %s", why);
    return false;
}

static bool write_byte(Writer *writer, u8 byte) { return buffer_byte(writer->out, byte); }
static bool write_count(Writer *writer, u32 count) { return buffer_bytes(writer->out, &count, 4); }

static bool write_string(Writer *writer, const String *text)
{
    return write_count(writer, text->length) && buffer_string(writer->out, text);
}

static bool write_value(Writer *writer, Value v);
bool codec_write_table(Writer *writer, Table *table);

static bool write_array(Writer *writer, Table *table, u32 count)
{
    Step *step = &writer->path[writer->depth - 1];
    if (!write_byte(writer, CODE_ARRAY) || !write_count(writer, count))
        return false;
    for (u32 i = 0; i < count; i++) {
        step->key = value_integer((i64)i + 1);
        if (!write_value(writer, table_get_integer(table, (i64)i + 1)))
            return false;
    }
    return true;
}

static bool write_pairs(Writer *writer, Table *table, Code code, u32 count)
{
    Step *step = &writer->path[writer->depth - 1];
    Value key = value_nil(), item;
    if (!write_byte(writer, code) || !write_count(writer, count))
        return false;
    while (table_next(table, key, &key, &item) == 1) {
        step->key = key;
        if (!(code == CODE_OBJECT ? write_string(writer, string_of(key)) : write_value(writer, key)))
            return false;
        if (!write_value(writer, item))
            return false;
    }
    return true;
}

[[gnu::noinline]] bool codec_write_table(Writer *writer, Table *table)
{
    for (u32 i = 0; i < writer->depth; i++)
        if (writer->path[i].table == table)
            return refuse(writer, "a table that contains itself");
    if (writer->depth == CODEC_DEPTH)
        return refuse(writer, "nested too deeply");
    u32 count = 0, strings = 0, holes = 0;
    for (u32 i = 0; i < table->array_length; i++)
        holes += table->array[i].tag == TAG_NIL;
    count = table->array_length - holes;
    for (u32 i = 0; i < table->entry_count; i++) {
        if (table->entries[i].value.tag == TAG_NIL)
            continue;
        count++;
        strings += table->entries[i].key.tag == TAG_STRING;
    }
    writer->path[writer->depth++].table = table;
    bool written;
    if (count == table->array_length && holes == 0)
        written = write_array(writer, table, count);
    else
        written = write_pairs(writer, table, strings == count ? CODE_OBJECT : CODE_MAP, count);
    if (written) /* a refusal still wants the path */
        writer->depth--;
    return written;
}

static bool write_value(Writer *writer, Value v)
{
    switch (v.tag) {
    case TAG_NIL:
    case TAG_FALSE:
    case TAG_TRUE:
        return write_byte(writer, (u8)v.tag);
    case TAG_FLOAT:
        v.payload = (i64)float_bits(float_of(v));
        return write_byte(writer, CODE_FLOAT) && buffer_bytes(writer->out, &v.payload, 8);
    case TAG_INTEGER:
        return write_byte(writer, CODE_INTEGER) && buffer_bytes(writer->out, &v.payload, 8);
    case TAG_STRING:
        return write_byte(writer, CODE_STRING) && write_string(writer, string_of(v));
    case TAG_TABLE:
        return codec_write_table(writer, table_of(v));
    case TAG_FUNCTION:
        return refuse(writer, "a function");
    case TAG_COROUTINE:
        return refuse(writer, "a coroutine");
    default:
        return refuse(writer, "a userdata");
    }
}

bool codec_encode(Buffer *out, Value v, const char *root, int number, Buffer *refused)
{
    Writer writer;
    writer.out = out;
    writer.refused = refused;
    writer.root = root;
    writer.number = number;
    writer.depth = 0;
    return write_value(&writer, v);
}
