/* SPDX-License-Identifier: MIT */
/* Checking the arguments of library functions. */
#include "core.h"

bool arg_any(const Args *args, u32 index)
{
    if (!arg_absent(args, index))
        return true;
    throw_argument(args, index, "value expected");
    return false;
}

/* What stands in place of an argument that is no integer: "number expected" or "no integer representation". */
static bool reject_integer(const Args *args, u32 index, Value v)
{
    if (is_number(value_to_number(v)))
        throw_argument(args, index, "number has no integer representation");
    else
        throw_argument_type(args, index, "number");
    return false;
}

bool arg_integer(const Args *args, u32 index, i64 *out)
{
    Value v = arg(args, index);
    if (likely(is_integer(v))) {
        *out = v.payload;
        return true;
    }
    return value_to_integer(v, out) || reject_integer(args, index, v);
}

bool arg_opt_integer(const Args *args, u32 index, i64 *out)
{
    return is_nil(arg(args, index)) || arg_integer(args, index, out);
}

bool arg_numeric(const Args *args, u32 index, Value *out)
{
    *out = value_to_number(arg(args, index));
    if (likely(!is_nil(*out)))
        return true;
    throw_argument_type(args, index, "number");
    return false;
}

bool arg_number(const Args *args, u32 index, f64 *out)
{
    Value number;
    if (!arg_numeric(args, index, &number))
        return false;
    *out = is_float(number) ? float_of(number) : (f64)number.payload;
    return true;
}

bool arg_opt_number(const Args *args, u32 index, f64 *out)
{
    return is_nil(arg(args, index)) || arg_number(args, index, out);
}

bool arg_string(const Args *args, u32 index, String **out)
{
    Value v = arg(args, index);
    if (likely(is_string(v))) {
        *out = string_of(v);
        return true;
    }
    if (!is_number(v)) {
        throw_argument_type(args, index, "string");
        return false;
    }
    String *text = string_from_number(v);
    if (text == NULL)
        return false;
    cell_store(args->at + index, value_string(text));
    *out = text;
    return true;
}

bool arg_opt_string(const Args *args, u32 index, String **out)
{
    return is_nil(arg(args, index)) || arg_string(args, index, out);
}

bool arg_table(const Args *args, u32 index, Table **out)
{
    Value v = arg(args, index);
    *out = table_of(v);
    if (likely(is_table(v)))
        return true;
    throw_argument_type(args, index, "table");
    return false;
}

bool arg_opt_table(const Args *args, u32 index, Table **out)
{
    return is_nil(arg(args, index)) || arg_table(args, index, out);
}

bool arg_function(const Args *args, u32 index)
{
    if (is_function(arg(args, index)))
        return true;
    throw_argument_type(args, index, "function");
    return false;
}

bool arg_option(const Args *args, u32 index, const char *fallback, const char *const *names, u32 count, u32 *out)
{
    String *text = NULL;
    const char *wanted = fallback;
    if (fallback == NULL || !is_nil(arg(args, index))) {
        if (!arg_string(args, index, &text))
            return false;
        wanted = (const char *)text->bytes;
    }
    u32 length = text == NULL ? (u32)strlen(wanted) : text->length;
    for (u32 i = 0; i < count; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], wanted, length) == 0) {
            *out = i;
            return true;
        }
    }
    Buffer buffer;
    buffer_open(&buffer);
    String *message = buffer_format(&buffer, "invalid option '%s'", wanted) ? buffer_finish(&buffer) : NULL;
    if (message == NULL) {
        buffer_drop(&buffer);
        return false;
    }
    root_push(value_string(message));
    throw_argument(args, index, (const char *)message->bytes);
    root_pop(1);
    return false;
}

/* ---- functions without a frame: they get one on the slow path, with the argument in its place ------------------------- */

static Args light_open(Closure *closure, u64 call, u32 index, Value v)
{
    Value values[3] = {value_nil(), value_nil(), value_nil()};
    if (index < 3)
        values[index] = v;
    Args args = args_open(closure, call, values[0], values[1], values[2]);
    return args;
}

bool light_any(Closure *closure, u64 call, u32 index)
{
    if (likely(index < (u32)call))
        return true;
    light_throw_argument(closure, call, index, "value expected");
    return false;
}

bool light_integer_slow(Closure *closure, u64 call, u32 index, Value v, i64 *out)
{
    if (value_to_integer(v, out))
        return true;
    Args args = light_open(closure, call, index, v);
    reject_integer(&args, index, v);
    args_fail(&args);
    return false;
}

bool light_numeric_slow(Closure *closure, u64 call, u32 index, Value v, Value *out)
{
    *out = value_to_number(v);
    if (!is_nil(*out))
        return true;
    Args args = light_open(closure, call, index, v);
    throw_argument_type(&args, index, "number");
    args_fail(&args);
    return false;
}

bool light_number_slow(Closure *closure, u64 call, u32 index, Value v, f64 *out)
{
    Value number;
    if (!light_numeric_slow(closure, call, index, v, &number))
        return false;
    *out = is_float(number) ? float_of(number) : (f64)number.payload;
    return true;
}
