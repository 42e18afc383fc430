/* SPDX-License-Identifier: MIT */
/* string.pack and string.packsize. */
#include "pack_layout.h"
#include "pattern.h"

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

/* The low 64 bits are given; higher bytes repeat the sign. */
static void store_long(u8 *to, u64 value, u32 size, bool big_endian, bool negative)
{
    for (u32 i = 0; i < size; i++) {
        u8 byte = i < 8 ? (u8)(value >> 8 * i) : negative ? 0xff : 0;
        to[big_endian ? size - 1 - i : i] = byte;
    }
}

/* There is room for eight bytes in any case. */
static void store_integer(u8 *to, u64 value, u32 size, bool big_endian, bool negative)
{
    if (size > 8) {
        store_long(to, value, size, big_endian, negative);
        return;
    }
    if (big_endian)
        value = __builtin_bswap64(value) >> (64 - 8 * size);
    __builtin_memcpy(to, &value, 8);
}

/* ---- pack -------------------------------------------------------------------------------------------------------- */

typedef struct Packer {
    Layout layout;
    Buffer *buffer;
    u32 index; /* of the argument, from 0 */
} Packer;

/* A missing argument counts as nil here. */
static bool require_argument(const Packer *packer, const char *message)
{
    if (!arg_absent(packer->layout.args, packer->index))
        return true;
    throw_argument(packer->layout.args, packer->index, message);
    return false;
}

static bool require(const Packer *packer, bool holds, const char *message)
{
    if (!holds)
        throw_argument(packer->layout.args, packer->index, message);
    return holds;
}

static bool append_integer(Packer *packer, u64 value, u32 size, bool negative)
{
    u8 *to = buffer_reserve(packer->buffer, PACK_INTEGER_MAXIMUM);
    if (to == NULL)
        return false;
    store_integer(to, value, size, packer->layout.big_endian, negative);
    packer->buffer->length += size;
    return true;
}

static bool append_zeros(Buffer *buffer, u32 count)
{
    u8 *to = buffer_reserve(buffer, count);
    if (to == NULL)
        return false;
    memset(to, 0, count);
    buffer->length += count;
    return true;
}

static bool pack_integer(Packer *packer, const Option *option)
{
    i64 value;
    bool is_signed = option->kind == OPTION_INTEGER;
    if (!require_argument(packer, "number expected, got nil") || !arg_integer(packer->layout.args, packer->index, &value))
        return false;
    if (option->size < 8) {
        i64 limit = (i64)1 << (8 * option->size - is_signed);
        bool fits = value < limit && value >= (is_signed ? -limit : 0);
        if (!require(packer, fits, is_signed ? "integer overflow" : "unsigned overflow"))
            return false;
    }
    return append_integer(packer, (u64)value, option->size, is_signed && value < 0);
}

static bool pack_float(Packer *packer, const Option *option)
{
    f64 value;
    if (!require_argument(packer, "number expected, got nil") || !arg_number(packer->layout.args, packer->index, &value))
        return false;
    u64 bits = float_bits(value);
    if (option->size == 4)
        bits = value != value ? 0x7fc00000 : __builtin_bit_cast(u32, (float)value);
    return append_integer(packer, bits, option->size, false);
}

static bool pack_string(Packer *packer, const Option *option)
{
    String *text;
    if (!require_argument(packer, "string expected, got nil") || !arg_string(packer->layout.args, packer->index, &text))
        return false;
    switch (option->kind) {
    case OPTION_CHARACTERS:
        return require(packer, text->length <= option->size, "string longer than given size") &&
               buffer_string(packer->buffer, text) && append_zeros(packer->buffer, option->size - text->length);
    case OPTION_STRING:
        if (!require(packer, option->size >= 4 || text->length >> 8 * option->size == 0,
                     "string length does not fit in given size"))
            return false;
        return append_integer(packer, text->length, option->size, false) && buffer_string(packer->buffer, text);
    default:
        return require(packer, find_byte(text->bytes, text->bytes + text->length, 0) == NULL, "string contains zeros") &&
               buffer_string(packer->buffer, text) && buffer_byte(packer->buffer, 0);
    }
}

static bool pack_item(Packer *packer)
{
    Option option;
    if (!layout_next(&packer->layout, packer->buffer->length, &option))
        return false;
    if (option.padding > 0 && !append_zeros(packer->buffer, option.padding))
        return false;
    switch (option.kind) {
    case OPTION_PADDING:
        return append_zeros(packer->buffer, 1);
    case OPTION_ALIGNMENT:
    case OPTION_NOTHING:
        return true;
    default:
        break;
    }
    packer->index++;
    switch (option.kind) {
    case OPTION_INTEGER:
    case OPTION_UNSIGNED:
        return pack_integer(packer, &option);
    case OPTION_FLOAT:
        return pack_float(packer, &option);
    default:
        return pack_string(packer, &option);
    }
}

Value lua_string_pack(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Packer packer = {.index = 0};
    if (!layout_open(&packer.layout, &args))
        return args_fail(&args);
    Buffer buffer;
    buffer_open(&buffer);
    packer.buffer = &buffer;
    while (*packer.layout.at != 0)
        if (!pack_item(&packer))
            return args_fail(&args);
    String *text = buffer_finish(&buffer);
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

/* ---- packsize ---------------------------------------------------------------------------------------------------- */

Value lua_string_packsize(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Layout layout;
    if (!layout_open(&layout, &args))
        return args_fail(&args);
    u64 total = 0;
    while (*layout.at != 0) {
        Option option;
        if (!layout_next(&layout, total, &option))
            return args_fail(&args);
        if (option.kind == OPTION_STRING || option.kind == OPTION_ZERO_TERMINATED) {
            throw_argument(&args, 0, "variable-length format");
            return args_fail(&args);
        }
        total += (u64)option.padding + (option.kind == OPTION_ALIGNMENT ? 0 : option.size);
        if (total > PACK_SIZE_MAXIMUM) {
            throw_argument(&args, 0, "format result too large");
            return args_fail(&args);
        }
    }
    return args_return(&args, value_integer((i64)total));
}
