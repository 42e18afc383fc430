/* SPDX-License-Identifier: MIT */
/* string.pack packsize unpack (reference manual, 6.4.2). "Native" is what it is on the common 64-bit systems: little
 * endian, int 4 bytes, long, size_t and lua_Integer 8, alignment up to 8. */
#include "lib_string.h"
#include "pattern.h"

enum {
    SIZE_MAXIMUM = 0x7fffffff, /* largest size of a packed string, as in the reference implementation */
    INTEGER_MAXIMUM = 16,
    NATIVE_ALIGNMENT = 8,
};

typedef enum OptionKind : u8 {
    OPTION_INTEGER,
    OPTION_UNSIGNED,
    OPTION_FLOAT,
    OPTION_CHARACTERS, /* c: a string of fixed size */
    OPTION_STRING, /* s: length, then the bytes */
    OPTION_ZERO_TERMINATED,
    OPTION_PADDING,
    OPTION_ALIGNMENT,
    OPTION_NOTHING,
} OptionKind;

typedef struct Option {
    OptionKind kind;
    u32 size; /* of the item, or of the length of an `s` */
    u32 padding; /* before it */
} Option;

typedef struct Layout {
    const Args *args;
    const u8 *at; /* in the format, which ends at a NUL */
    bool big_endian;
    u32 alignment; /* largest */
} Layout;

/* ---- reading the format ------------------------------------------------------------------------------------------ */

static bool is_digit(u8 c) { return (u8)(c - '0') < 10; }

/* A number, or `otherwise` if there is none. A further digit that would exceed the largest size is not part of it. */
static u32 read_number(Layout *layout, u32 otherwise)
{
    if (!is_digit(*layout->at))
        return otherwise;
    u32 number = 0;
    do
        number = number * 10 + (u32)(*layout->at++ - '0');
    while (is_digit(*layout->at) && number <= (SIZE_MAXIMUM - 9) / 10);
    return number;
}

static bool read_integer_size(Layout *layout, u32 otherwise, u32 *size)
{
    *size = read_number(layout, otherwise);
    if (*size >= 1 && *size <= INTEGER_MAXIMUM)
        return true;
    throw_error(layout->args, "integral size (%d) out of limits [1,%d]", *size, INTEGER_MAXIMUM);
    return false;
}

static bool read_character_size(Layout *layout, u32 *size)
{
    const u32 missing = UINT32_MAX;
    *size = read_number(layout, missing);
    if (*size != missing)
        return true;
    throw_error(layout->args, "missing size for format option 'c'");
    return false;
}

/* Options that only change the layout. */
static bool read_setting(Layout *layout, u8 letter)
{
    switch (letter) {
    case ' ':
        return true;
    case '<':
    case '=':
    case '>':
        layout->big_endian = letter == '>';
        return true;
    case '!':
        return read_integer_size(layout, NATIVE_ALIGNMENT, &layout->alignment);
    default:
        throw_error(layout->args, "invalid format option '%c'", letter);
        return false;
    }
}

/* One option without its alignment. */
static bool read_plain(Layout *layout, Option *option)
{
    u8 letter = *layout->at++;
    option->padding = option->size = 0;
    switch (letter) {
    case 'b':
    case 'B':
        option->size = 1;
        break;
    case 'h':
    case 'H':
        option->size = 2;
        break;
    case 'l':
    case 'L':
    case 'j':
    case 'J':
    case 'T':
    case 'd':
    case 'n':
        option->size = 8;
        break;
    case 'f':
        option->size = 4;
        break;
    case 'i':
    case 'I':
        if (!read_integer_size(layout, 4, &option->size))
            return false;
        break;
    case 's':
        option->kind = OPTION_STRING;
        return read_integer_size(layout, 8, &option->size);
    case 'c':
        option->kind = OPTION_CHARACTERS;
        return read_character_size(layout, &option->size);
    case 'z':
        option->kind = OPTION_ZERO_TERMINATED;
        return true;
    case 'x':
        option->kind = OPTION_PADDING;
        option->size = 1;
        return true;
    case 'X':
        option->kind = OPTION_ALIGNMENT;
        return true;
    default:
        option->kind = OPTION_NOTHING;
        return read_setting(layout, letter);
    }
    bool is_float = letter == 'f' || letter == 'd' || letter == 'n';
    bool is_unsigned = letter == 'T' || (letter & 0x20) == 0;
    option->kind = is_float ? OPTION_FLOAT : is_unsigned ? OPTION_UNSIGNED : OPTION_INTEGER;
    return true;
}

/* What an X aligns to: the option behind it, which is not used otherwise. */
static bool read_alignment(Layout *layout, u32 *alignment)
{
    Option next = {.kind = OPTION_NOTHING};
    if (*layout->at != 0 && !read_plain(layout, &next))
        return false;
    *alignment = next.kind == OPTION_CHARACTERS ? 0 : next.size;
    if (*alignment != 0)
        return true;
    throw_argument(layout->args, 0, "invalid next option for option 'X'");
    return false;
}

/* The next option, for an item that would start at `offset`. */
static bool read_option(Layout *layout, u64 offset, Option *option)
{
    if (!read_plain(layout, option))
        return false;
    u32 alignment = option->size;
    if (option->kind == OPTION_ALIGNMENT && !read_alignment(layout, &alignment))
        return false;
    if (alignment <= 1 || option->kind == OPTION_CHARACTERS)
        return true;
    if (alignment > layout->alignment)
        alignment = layout->alignment;
    if ((alignment & (alignment - 1)) != 0) {
        throw_argument(layout->args, 0, "format asks for alignment not power of 2");
        return false;
    }
    option->padding = (alignment - ((u32)offset & (alignment - 1))) & (alignment - 1);
    return true;
}

static bool open_layout(Layout *layout, const Args *args)
{
    String *format;
    if (!arg_string(args, 0, &format))
        return false;
    *layout = (Layout){.args = args, .at = format->bytes, .alignment = 1};
    return true;
}

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
    u8 *to = buffer_reserve(packer->buffer, INTEGER_MAXIMUM);
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
    u64 bits = option->size == 4 ? __builtin_bit_cast(u32, (float)value) : __builtin_bit_cast(u64, value);
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
    if (!read_option(&packer->layout, packer->buffer->length, &option))
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
    if (!open_layout(&packer.layout, &args))
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
    if (!open_layout(&layout, &args))
        return args_fail(&args);
    u64 total = 0;
    while (*layout.at != 0) {
        Option option;
        if (!read_option(&layout, total, &option))
            return args_fail(&args);
        if (option.kind == OPTION_STRING || option.kind == OPTION_ZERO_TERMINATED) {
            throw_argument(&args, 0, "variable-length format");
            return args_fail(&args);
        }
        total += (u64)option.padding + (option.kind == OPTION_ALIGNMENT ? 0 : option.size);
        if (total > SIZE_MAXIMUM) {
            throw_argument(&args, 0, "format result too large");
            return args_fail(&args);
        }
    }
    return args_return(&args, value_integer((i64)total));
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
    if (!read_option(&unpacker->layout, unpacker->at, &option))
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
    if (!open_layout(&unpacker.layout, &args) || !arg_string(&args, 1, &data) || !arg_opt_integer(&args, 2, &start))
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
