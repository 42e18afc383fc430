/* SPDX-License-Identifier: MIT */
/* string.unpack. */
#include "lib_string.h"
#include "pack_layout.h"
#include "pattern.h"

/* The low eight bytes (or all there are), zero extended. */
static u64 load_low(const u8 *from, u32 size, bool big_endian)
{
    u64 value = 0;
    if (size >= 8) {
        __builtin_memcpy(&value, big_endian ? from + size - 8 : from, 8);
        return big_endian ? __builtin_bswap64(value) : value;
    }
    for (u32 i = 0; i < size; i++)
        value |= (u64)from[big_endian ? size - 1 - i : i] << 8 * i;
    return value;
}

static bool load_integer(const Layout *layout, const u8 *from, u32 size, bool is_signed, i64 *out)
{
    u64 value = load_low(from, size, layout->big_endian);
    if (size < 8 && is_signed)
        value = (u64)((i64)(value << (64 - 8 * size)) >> (64 - 8 * size));
    *out = (i64)value;
    u8 extension = is_signed && (i64)value < 0 ? 0xff : 0;
    for (u32 i = 8; i < size; i++) {
        if (from[layout->big_endian ? size - 1 - i : i] != extension) {
            throw_error(layout->args, "%d-byte integer does not fit into Lua Integer", size);
            return false;
        }
    }
    return true;
}

/* ---- unpack ------------------------------------------------------------------------------------------------------ */

typedef struct Unpacker {
    Layout layout;
    const String *data;
    u64 at;
} Unpacker;

static bool has_data(const Unpacker *unpacker, u64 size)
{
    if (size <= unpacker->data->length - unpacker->at)
        return true;
    throw_argument(unpacker->layout.args, 1, "data string too short");
    return false;
}

static bool push_bytes(Unpacker *unpacker, u64 length)
{
    String *text = string_new(unpacker->data->bytes + unpacker->at, (u32)length);
    if (text == NULL)
        return false;
    root_push(value_string(text));
    unpacker->at += length;
    return true;
}

static bool unpack_integer(Unpacker *unpacker, const Option *option, i64 *value)
{
    const u8 *from = unpacker->data->bytes + unpacker->at;
    unpacker->at += option->size;
    return load_integer(&unpacker->layout, from, option->size, option->kind == OPTION_INTEGER, value);
}

static bool unpack_number(Unpacker *unpacker, const Option *option)
{
    i64 bits;
    if (!unpack_integer(unpacker, option, &bits))
        return false;
    if (option->kind != OPTION_FLOAT)
        root_push(value_integer(bits));
    else if (option->size == 4)
        root_push(value_float(__builtin_bit_cast(float, (u32)bits)));
    else
        root_push(value_float(__builtin_bit_cast(f64, bits)));
    return true;
}

static bool unpack_counted(Unpacker *unpacker, const Option *option)
{
    i64 length;
    return unpack_integer(unpacker, option, &length) && has_data(unpacker, (u64)length) &&
           push_bytes(unpacker, (u64)length);
}

static bool unpack_terminated(Unpacker *unpacker)
{
    const u8 *start = unpacker->data->bytes + unpacker->at;
    const u8 *zero = find_byte(start, unpacker->data->bytes + unpacker->data->length, 0);
    if (zero == NULL) {
        throw_argument(unpacker->layout.args, 1, "unfinished string for format 'z'");
        return false;
    }
    if (!push_bytes(unpacker, (u64)(zero - start)))
        return false;
    unpacker->at++;
    return true;
}

static bool unpack_item(Unpacker *unpacker)
{
    Option option;
    if (!layout_next(&unpacker->layout, unpacker->at, &option))
        return false;
    if (!has_data(unpacker, (u64)option.padding + option.size) ||
        !stack_room(unpacker->layout.args, 2, "too many results"))
        return false;
    unpacker->at += option.padding;
    switch (option.kind) {
    case OPTION_INTEGER:
    case OPTION_UNSIGNED:
    case OPTION_FLOAT:
        return unpack_number(unpacker, &option);
    case OPTION_CHARACTERS:
        return push_bytes(unpacker, option.size);
    case OPTION_STRING:
        return unpack_counted(unpacker, &option);
    case OPTION_ZERO_TERMINATED:
        return unpack_terminated(unpacker);
    default:
        unpacker->at += option.size;
        return true;
    }
}

Value lua_string_unpack(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Unpacker unpacker;
    String *data;
    i64 start = 1;
    if (!layout_open(&unpacker.layout, &args) || !arg_string(&args, 1, &data) || !arg_opt_integer(&args, 2, &start))
        return args_fail(&args);
    unpacker.data = data;
    unpacker.at = string_start(start, data->length) - 1;
    if (unpacker.at > data->length) {
        throw_argument(&args, 2, "initial position out of string");
        return args_fail(&args);
    }
    Cell *row = rt_state.sp;
    while (*unpacker.layout.at != 0)
        if (!unpack_item(&unpacker))
            return args_fail(&args);
    root_push(value_integer((i64)unpacker.at + 1));
    return args_return_cells(&args, row, (u32)(rt_state.sp - row));
}
