/* SPDX-License-Identifier: MIT */
/* string.byte char len lower upper rep reverse sub (Lua 5.4 reference manual, 6.4). Patterns are in lib_string_match.c,
 * format in format.c, pack in pack.c. */
#include "lib_string.h"

#include "rt.h"

enum { STRING_LIMIT = 0x7fffffff }; /* longest result, as in the reference implementation */

/* ---- positions ------------------------------------------------------------------------------------------------- */

/* The first byte of a slice as a position from 1: negative ones count from the end, none lies before the start. */
static u64 slice_start(i64 position, u32 length)
{
    if (position > 0)
        return (u64)position;
    if (position == 0 || position < -(i64)length)
        return 1;
    return (u64)(length + position + 1);
}

/* The last byte of a slice as a position from 1; none lies behind the end, 0 means before the first. */
static u64 slice_end(i64 position, u32 length)
{
    if (position > (i64)length)
        return length;
    if (position >= 0)
        return (u64)position;
    return position < -(i64)length ? 0 : (u64)(length + position + 1);
}

u64 string_start(i64 position, u32 length)
{
    return slice_start(position, length);
}

/* ---- byte and char --------------------------------------------------------------------------------------------- */

/* Slow ways are functions of their own, so that the quick ones need no room on the C stack. */
[[gnu::noinline]] static Value byte_range(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    const Args row = args_open(closure, call, a0, a1, a2), *args = &row;
    String *text;
    i64 first = 1;
    if (!arg_string(args, 0, &text) || !arg_opt_integer(args, 1, &first))
        return args_fail(args);
    u64 start = slice_start(first, text->length);
    i64 last = first; /* not clipped: a position before the start reads nothing */
    if (!arg_opt_integer(args, 2, &last))
        return args_fail(args);
    u64 end = slice_end(last, text->length);
    if (start > end)
        return args_none(args);
    u32 count = (u32)(end - start + 1);
    if (!stack_room(args, count, "string slice too long"))
        return args_fail(args);
    const u8 *bytes = text->bytes + start - 1;
    Cell *first_cell = rt_state.sp;
    for (u32 i = 0; i < count; i++)
        cell_store(first_cell + i, value_integer(bytes[i]));
    return args_return_cells(args, first_cell, count);
}

Value lua_string_byte(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (likely(is_string(a0) && is_nil(a2) && (is_integer(a1) || is_nil(a1)))) {
        const String *text = string_of(a0);
        i64 at = is_nil(a1) ? 1 : a1.payload;
        u64 index = (u64)(at < 0 ? at + text->length : at - 1);
        return index < text->length ? one(value_integer(text->bytes[index])) : none();
    }
    return byte_range(closure, call, a0, a1, a2);
}

[[gnu::noinline]] static Value char_row(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Buffer buffer;
    buffer_open(&buffer);
    u8 *to = buffer_reserve(&buffer, args.count);
    if (to == NULL)
        return args_fail(&args);
    for (u32 i = 0; i < args.count; i++) {
        i64 code;
        if (!arg_integer(&args, i, &code))
            return args_fail(&args);
        if ((u64)code > 255) {
            throw_argument(&args, i, "value out of range");
            return args_fail(&args);
        }
        to[i] = (u8)code;
    }
    buffer.length = args.count;
    String *text = buffer_finish(&buffer);
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

Value lua_string_char(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if ((u32)call == 1 && is_integer(a0) && (u64)a0.payload < 256) {
        u8 byte = (u8)a0.payload;
        String *text = string_new(&byte, 1);
        return text == NULL ? value_nil() : one(value_string(text));
    }
    return char_row(closure, call, a0, a1, a2);
}

/* ---- whole strings --------------------------------------------------------------------------------------------- */

Value lua_string_len(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (likely(is_string(a0)))
        return one(value_integer(string_of(a0)->length));
    Args args = args_open(closure, call, a0, a1, a2);
    String *text;
    if (!arg_string(&args, 0, &text))
        return args_fail(&args);
    return args_return(&args, value_integer(text->length));
}

/* A string of the same length whose bytes `fill` derives from those of argument 0. Short ones are built on the C stack. */
[[gnu::always_inline]] static inline Value derived(const Args *args, void (*fill)(u8 *to, const u8 *from, u32 length))
{
    String *text;
    if (!arg_string(args, 0, &text))
        return args_fail(args);
    String *result;
    if (text->length <= SHORT_STRING) {
        u8 bytes[SHORT_STRING];
        fill(bytes, text->bytes, text->length);
        result = string_new(bytes, text->length);
    } else {
        result = string_blank(text->length);
        if (result != NULL)
            fill(result->bytes, text->bytes, text->length);
    }
    return result == NULL ? args_fail(args) : args_return(args, value_string(result));
}

enum : u64 { ONES = 0x0101010101010101, TOPS = ONES << 7 };

/* Eight bytes at a time: bit 7 of each byte that is a letter from `first` to `last` of ASCII. */
static inline u64 letters_between(u64 word, u8 first, u8 last)
{
    u64 low = word & ~TOPS;
    u64 from = low + ONES * (0x80 - first), beyond = low + ONES * (0x7f - last);
    return from & ~beyond & ~word & TOPS;
}

/* Bit 5 is what letters of different case differ in. */
static inline void fill_other_case(u8 *to, const u8 *from, u32 length, u8 first, u8 last)
{
    u32 i = 0;
    for (; i + 8 <= length; i += 8) {
        u64 word;
        __builtin_memcpy(&word, from + i, 8);
        word ^= letters_between(word, first, last) >> 2;
        __builtin_memcpy(to + i, &word, 8);
    }
    for (; i < length; i++)
        to[i] = (u8)(from[i] ^ (from[i] >= first && from[i] <= last ? 0x20 : 0));
}

static inline void fill_lower(u8 *to, const u8 *from, u32 length) { fill_other_case(to, from, length, 'A', 'Z'); }

static inline void fill_upper(u8 *to, const u8 *from, u32 length) { fill_other_case(to, from, length, 'a', 'z'); }

static inline void fill_reverse(u8 *to, const u8 *from, u32 length)
{
    u32 i = 0;
    for (; i + 8 <= length; i += 8) {
        u64 word;
        __builtin_memcpy(&word, from + length - 8 - i, 8);
        word = __builtin_bswap64(word);
        __builtin_memcpy(to + i, &word, 8);
    }
    for (; i < length; i++)
        to[i] = from[length - 1 - i];
}

/* Whether no byte lies between `first` and `last`, which are letters of ASCII. */
static bool has_none_between(const String *text, u8 first, u8 last)
{
    const u8 *bytes = text->bytes;
    u32 length = text->length, i = 0;
    for (; i + 8 <= length; i += 8) {
        u64 word;
        __builtin_memcpy(&word, bytes + i, 8);
        if (letters_between(word, first, last) != 0)
            return false;
    }
    for (; i < length; i++)
        if (bytes[i] >= first && bytes[i] <= last)
            return false;
    return true;
}

[[gnu::noinline]] static Value make_lower(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return derived(&args, fill_lower);
}

Value lua_string_lower(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (is_string(a0) && has_none_between(string_of(a0), 'A', 'Z'))
        return one(a0);
    return make_lower(closure, call, a0, a1, a2);
}

[[gnu::noinline]] static Value make_upper(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return derived(&args, fill_upper);
}

Value lua_string_upper(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (is_string(a0) && has_none_between(string_of(a0), 'a', 'z'))
        return one(a0);
    return make_upper(closure, call, a0, a1, a2);
}

Value lua_string_reverse(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return derived(&args, fill_reverse);
}

/* ---- sub ------------------------------------------------------------------------------------------------------- */

[[gnu::noinline]] static Value sub_slow(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    const Args row = args_open(closure, call, a0, a1, a2), *args = &row;
    String *text;
    i64 first, last = -1;
    if (!arg_string(args, 0, &text) || !arg_integer(args, 1, &first) || !arg_opt_integer(args, 2, &last))
        return args_fail(args);
    u64 start = slice_start(first, text->length), end = slice_end(last, text->length);
    if (start > end)
        return args_return(args, value_string(rt_name(NAME_EMPTY)));
    String *result = string_new(text->bytes + start - 1, (u32)(end - start + 1));
    return result == NULL ? args_fail(args) : args_return(args, value_string(result));
}

Value lua_string_sub(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (unlikely(!is_string(a0) || !is_integer(a1) || !(is_integer(a2) || is_nil(a2))))
        return sub_slow(closure, call, a0, a1, a2);
    String *text = string_of(a0);
    u64 start = slice_start(a1.payload, text->length);
    u64 end = is_nil(a2) ? text->length : slice_end(a2.payload, text->length);
    if (start > end)
        return one(value_string(rt_name(NAME_EMPTY)));
    if (end - start + 1 == text->length)
        return one(a0);
    root_push(a0);
    String *result = string_new(text->bytes + start - 1, (u32)(end - start + 1));
    root_pop(1);
    return result == NULL ? value_nil() : one(value_string(result));
}

/* ---- rep ------------------------------------------------------------------------------------------------------- */

/* Fills `total` bytes, of which the first `unit` are there, with copies of them: doubling what is done. */
static void repeat_bytes(u8 *to, u32 unit, u32 total)
{
    u32 done = unit;
    while (done < total) {
        u32 more = done < total - done ? done : total - done;
        memcpy(to + done, to, more);
        done += more;
    }
}

/* count times the text with the separator between; `total` > 0 is the exact length. */
static void fill_repeated(u8 *to, const String *text, const String *separator, u32 total)
{
    if (text->length == 1 && separator == NULL) {
        memset(to, text->bytes[0], total);
        return;
    }
    u32 unit = text->length;
    memcpy(to, text->bytes, text->length);
    if (separator != NULL && total > unit) {
        memcpy(to + unit, separator->bytes, separator->length);
        unit += separator->length;
    }
    repeat_bytes(to, unit, total);
}

Value lua_string_rep(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *text, *separator = NULL;
    i64 count;
    if (!arg_string(&args, 0, &text) || !arg_integer(&args, 1, &count) || !arg_opt_string(&args, 2, &separator))
        return args_fail(&args);
    if (count <= 0)
        return args_return(&args, value_string(rt_name(NAME_EMPTY)));
    u64 unit = (u64)text->length + (separator == NULL ? 0 : separator->length);
    if (unit > STRING_LIMIT || (unit != 0 && (u64)count > STRING_LIMIT / unit)) {
        throw_error(&args, "resulting string too large");
        return args_fail(&args);
    }
    u64 total = (u64)count * unit - (separator == NULL ? 0 : separator->length);
    if (total == 0)
        return args_return(&args, value_string(rt_name(NAME_EMPTY)));
    String *result;
    if (total <= SHORT_STRING) {
        u8 bytes[SHORT_STRING];
        fill_repeated(bytes, text, separator, (u32)total);
        result = string_new(bytes, (u32)total);
    } else {
        result = string_blank((u32)total);
        if (result != NULL)
            fill_repeated(result->bytes, text, separator, (u32)total);
    }
    return result == NULL ? args_fail(&args) : args_return(&args, value_string(result));
}
