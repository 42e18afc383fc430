/* SPDX-License-Identifier: MIT */
#include "pack_layout.h"

enum { NATIVE_ALIGNMENT = 8 };

static bool is_digit(u8 c) { return (u8)(c - '0') < 10; }

/* A number, or `otherwise` if there is none. A further digit that would exceed the largest size is not part of it. */
static u32 read_number(Layout *layout, u32 otherwise)
{
    if (!is_digit(*layout->at))
        return otherwise;
    u32 number = 0;
    do
        number = number * 10 + (u32)(*layout->at++ - '0');
    while (is_digit(*layout->at) && number <= (PACK_SIZE_MAXIMUM - 9) / 10);
    return number;
}

static bool read_integer_size(Layout *layout, u32 otherwise, u32 *size)
{
    *size = read_number(layout, otherwise);
    if (*size >= 1 && *size <= PACK_INTEGER_MAXIMUM)
        return true;
    throw_error(layout->args, "integral size (%d) out of limits [1,%d]", *size, PACK_INTEGER_MAXIMUM);
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

bool layout_next(Layout *layout, u64 offset, Option *option)
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

bool layout_open(Layout *layout, const Args *args)
{
    String *format;
    if (!arg_string(args, 0, &format))
        return false;
    *layout = (Layout){.args = args, .at = format->bytes, .alignment = 1};
    return true;
}
