/* SPDX-License-Identifier: MIT */
/* The utf8 library (reference manual, 6.5). Lax mode allows surrogates and codes up to 2^31, as the original UTF-8 did. */
#include "lib_string.h"
#include "utf8.h"

enum {
    CODE_LARGEST = 0x7fffffff,
    SLICE_LIMIT = 0x7fffffff,
};

static const char INVALID[] = "invalid UTF-8 code";

/* ---- encoding ---------------------------------------------------------------------------------------------------- */

/* The length of the sequence. */
static u32 encode(u32 code, u8 *to)
{
    if (code < 0x80) {
        to[0] = (u8)code;
        return 1;
    }
    u32 length = code < 0x800 ? 2 : code < 0x10000 ? 3 : code < 0x200000 ? 4 : code < 0x4000000 ? 5 : 6;
    for (u32 i = length - 1; i > 0; i--) {
        to[i] = (u8)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    to[0] = (u8)(0xff00 >> length | code);
    return length;
}

/* A position as the functions take it: negative ones count from the end, too negative ones are 0. */
static i64 position_of(i64 position, u32 length)
{
    if (position >= 0)
        return position;
    return position < -(i64)length ? 0 : (i64)length + position + 1;
}

static bool check(const Args *args, bool holds, u32 index, const char *message)
{
    if (!holds)
        throw_argument(args, index, message);
    return holds;
}

/* ---- char -------------------------------------------------------------------------------------------------------- */

Value lua_utf8_char(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Buffer buffer;
    buffer_open(&buffer);
    for (u32 i = 0; i < args.count; i++) {
        i64 code;
        if (!arg_integer(&args, i, &code) || !check(&args, (u64)code <= CODE_LARGEST, i, "value out of range"))
            return args_fail(&args);
        u8 *to = buffer_reserve(&buffer, UTF8_LONGEST);
        if (to == NULL)
            return args_fail(&args);
        buffer.length += encode((u32)code, to);
    }
    String *text = buffer_finish(&buffer);
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

/* ---- codepoint --------------------------------------------------------------------------------------------------- */

Value lua_utf8_codepoint(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *text;
    i64 first = 1;
    if (!arg_string(&args, 0, &text) || !arg_opt_integer(&args, 1, &first))
        return args_fail(&args);
    first = position_of(first, text->length);
    i64 last = first;
    if (!arg_opt_integer(&args, 2, &last))
        return args_fail(&args);
    last = position_of(last, text->length);
    if (!check(&args, first >= 1, 1, "out of bounds") || !check(&args, last <= text->length, 2, "out of bounds"))
        return args_fail(&args);
    if (first > last)
        return args_none(&args);
    if (!stack_room(&args, (u64)(last - first) + 1, "string slice too long"))
        return args_fail(&args);
    bool lax = is_true(arg(&args, 3));
    Cell *row = rt_state.sp;
    for (i64 at = first - 1; at < last;) {
        u32 code, length = utf8_decode(text->bytes + at, lax, &code);
        if (length == 0) {
            throw_error(&args, INVALID);
            return args_fail(&args);
        }
        root_push(value_integer(code));
        at += length;
    }
    return args_return_cells(&args, row, (u32)(rt_state.sp - row));
}

/* ---- len --------------------------------------------------------------------------------------------------------- */

Value lua_utf8_len(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *text;
    i64 first = 1, last = -1, count = 0;
    if (!arg_string(&args, 0, &text) || !arg_opt_integer(&args, 1, &first) || !arg_opt_integer(&args, 2, &last))
        return args_fail(&args);
    first = position_of(first, text->length);
    last = position_of(last, text->length);
    if (!check(&args, first >= 1 && first <= (i64)text->length + 1, 1, "initial position out of bounds") ||
        !check(&args, last <= text->length, 2, "final position out of bounds"))
        return args_fail(&args);
    bool lax = is_true(arg(&args, 3));
    for (i64 at = first - 1; at < last; count++) {
        u32 code, length = utf8_decode(text->bytes + at, lax, &code);
        if (length == 0)
            return args_return_two(&args, value_nil(), value_integer(at + 1));
        at += length;
    }
    return args_return(&args, value_integer(count));
}

/* ---- offset ------------------------------------------------------------------------------------------------------ */

/* Moves *at by `count` characters; true if it arrived. */
static bool move_by(const String *text, i64 *at, i64 count)
{
    const u8 *bytes = text->bytes;
    for (; count < 0 && *at > 0; count++)
        do
            --*at;
        while (*at > 0 && utf8_is_continuation(bytes[*at]));
    for (; count > 0 && *at < text->length; count--)
        do
            ++*at;
        while (utf8_is_continuation(bytes[*at]));
    return count == 0;
}

Value lua_utf8_offset(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *text;
    i64 count;
    if (!arg_string(&args, 0, &text) || !arg_integer(&args, 1, &count))
        return args_fail(&args);
    i64 at = count >= 0 ? 1 : (i64)text->length + 1;
    if (!arg_opt_integer(&args, 2, &at))
        return args_fail(&args);
    at = position_of(at, text->length) - 1;
    if (!check(&args, at >= 0 && at <= text->length, 2, "position out of bounds"))
        return args_fail(&args);
    if (count == 0) {
        while (at > 0 && utf8_is_continuation(text->bytes[at]))
            at--;
        return args_return(&args, value_integer(at + 1));
    }
    if (utf8_is_continuation(text->bytes[at])) {
        throw_error(&args, "initial position is a continuation byte");
        return args_fail(&args);
    }
    bool arrived = move_by(text, &at, count > 0 ? count - 1 : count);
    return args_return(&args, arrived ? value_integer(at + 1) : value_nil());
}

/* ---- codes ------------------------------------------------------------------------------------------------------- */

/* The character behind the one that starts at position *control. */
static Value codes_next(Args *args, bool lax)
{
    String *text;
    i64 before = 0;
    if (!arg_string(args, 0, &text))
        return args_fail(args);
    value_to_integer(arg(args, 1), &before);
    u64 at = (u64)before;
    while (at < text->length && utf8_is_continuation(text->bytes[at]))
        at++;
    if (at >= text->length)
        return args_none(args);
    u32 code, length = utf8_decode(text->bytes + at, lax, &code);
    if (length == 0 || utf8_is_continuation(text->bytes[at + length])) {
        throw_error(args, INVALID);
        return args_fail(args);
    }
    return args_return_two(args, value_integer((i64)at + 1), value_integer(code));
}

static Value codes_step(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return codes_next(&args, false);
}

static Value codes_step_lax(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return codes_next(&args, true);
}

Value lua_utf8_codes(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *text;
    if (!arg_string(&args, 0, &text) || !check(&args, !utf8_is_continuation(text->bytes[0]), 0, INVALID))
        return args_fail(&args);
    Closure *iterator = native_closure(is_true(arg(&args, 1)) ? codes_step_lax : codes_step, 0);
    if (iterator == NULL)
        return args_fail(&args);
    Cell *row = rt_state.sp;
    root_push(value_function(iterator));
    root_push(value_string(text));
    root_push(value_integer(0));
    return args_return_cells(&args, row, 3);
}
