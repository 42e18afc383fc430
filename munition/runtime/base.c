/* SPDX-License-Identifier: MIT */
/* The basic functions, but for calls that protect (protect.c) and output (print.c). */
#include "base.h"

#include "core.h"
#include "coroutine.h"
#include "gc.h"

Value lua_base_type(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    (void)a1, (void)a2;
    if (!light_any(closure, call, 0))
        return none();
    return one(value_string(type_string(a0)));
}

Value lua_base_tostring(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (is_string(a0) && is_nil(metamethod(a0, META_TOSTRING)))
        return one(a0);
    if (!light_any(closure, call, 0))
        return none();
    Args args = args_open(closure, call, a0, a1, a2);
    String *text = value_to_string(a0);
    if (text == NULL)
        return args_fail(&args);
    return args_return(&args, value_string(text));
}

/* ---- tonumber ----------------------------------------------------------------------------------------------------------- */

static u32 skip_space(const String *text, u32 at)
{
    while (at < text->length && (text->bytes[at] == ' ' || (text->bytes[at] >= '\t' && text->bytes[at] <= '\r')))
        at++;
    return at;
}

static u32 digit_value(u8 byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'z' ? byte - 'a' + 10 : 99;
}

/* An integer numeral in `base`, wrapping around; nil if the text is none. */
static Value parse_in_base(const String *text, u32 base)
{
    u32 at = skip_space(text, 0);
    bool negative = at < text->length && text->bytes[at] == '-';
    if (negative || (at < text->length && text->bytes[at] == '+'))
        at++;
    u32 first = at;
    u64 number = 0;
    for (; at < text->length && digit_value(text->bytes[at]) < base; at++)
        number = number * base + digit_value(text->bytes[at]);
    if (at == first || skip_space(text, at) != text->length)
        return value_nil();
    return value_integer((i64)(negative ? 0 - number : number));
}

Value lua_base_tonumber(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (is_nil(a1)) {
        if (!light_any(closure, call, 0))
            return none();
        return one(value_to_number(a0));
    }
    Args args = args_open(closure, call, a0, a1, a2);
    i64 base;
    if (!arg_integer(&args, 1, &base))
        return args_fail(&args);
    if (!is_string(a0)) {
        throw_argument_type(&args, 0, "string");
        return args_fail(&args);
    }
    if (base < 2 || base > 36) {
        throw_argument(&args, 1, "base out of range");
        return args_fail(&args);
    }
    return args_return(&args, parse_in_base(string_of(a0), (u32)base));
}

/* ---- traversal ------------------------------------------------------------------------------------------------------------ */

Value lua_base_next(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (unlikely(!is_table(a0))) {
        Args args = args_open(closure, call, a0, a1, a2);
        throw_argument_type(&args, 0, "table");
        return args_fail(&args);
    }
    Value key, v;
    i32 found = table_next(table_of(a0), a1, &key, &v);
    return found > 0 ? two(key, v) : one(value_nil());
}

/* The iterators are closures without upvalues, so one static object each serves all loops. It is filled in when it is
 * needed: an initialiser would keep the function in every program. */
static Closure next_closure;
static Closure ipairs_closure;

static Value iterator(Closure *closure, Function function)
{
    closure->object.kind = TAG_FUNCTION;
    closure->slot = (u32)(uintptr_t)function;
    return value_function(closure);
}

static Value three(Value first, Value second, Value third)
{
    cell_store(rt_state.sp + 1, second);
    cell_store(rt_state.sp + 2, third);
    rt_state.result_count = 3;
    return first;
}

/* The first three results of __pairs, which may have suspended itself instead. */
static Value pairs_end(const Args *args, Value first)
{
    if (rt_state.pending == PENDING_YIELD)
        rt_save(0, args->closure, 0, 0);
    if (failed())
        return args_fail(args);
    for (u32 i = rt_state.result_count; i < 3; i++)
        cell_store(rt_state.sp + i, value_nil());
    Value second = cell_load(rt_state.sp + 1);
    Value third = cell_load(rt_state.sp + 2);
    rt_state.sp = args->at;
    return three(rt_state.result_count == 0 ? value_nil() : first, second, third);
}

static Value pairs_resume(Closure *closure)
{
    rt_restore();
    Args args = args_open(closure, 0, value_nil(), value_nil(), value_nil());
    rt_state.c_depth++;
    Value first = rt_rewind();
    rt_state.c_depth--;
    return pairs_end(&args, first);
}

Value lua_base_pairs(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (unlikely(rt_resuming != 0))
        return pairs_resume(closure);
    if (!light_any(closure, call, 0))
        return none();
    Value method = metamethod(a0, META_PAIRS);
    if (is_nil(method)) /* whether it is a table is for `next` to find out */
        return three(iterator(&next_closure, lua_base_next), a0, value_nil());
    Args args = args_open(closure, call, a0, a1, a2);
    closure->object.flags |= CLOSURE_SUSPENDABLE;
    return pairs_end(&args, meta_call1(method, META_PAIRS, call_site(call), a0));
}

Value lua_base_ipairs_next(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    i64 position = (i64)((u64)a1.payload + 1);
    Value v;
    if (likely(is_table(a0)) && table_of(a0)->metatable == NULL) {
        v = table_get_integer(table_of(a0), position);
    } else {
        Args args = args_open(closure, call, a0, a1, a2);
        v = rt_index(a0, value_integer(position), NULL);
        if (failed())
            return args_fail(&args);
        rt_state.sp = args.at;
    }
    return is_nil(v) ? one(v) : two(value_integer(position), v);
}

Value lua_base_ipairs(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    (void)a1, (void)a2;
    if (!light_any(closure, call, 0))
        return none();
    return three(iterator(&ipairs_closure, lua_base_ipairs_next), a0, value_integer(0));
}

/* ---- raw access --------------------------------------------------------------------------------------------------------------- */

Value lua_base_rawget(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (likely(is_table(a0) && (u32)call >= 2))
        return one(table_get(table_of(a0), a1));
    Args args = args_open(closure, call, a0, a1, a2);
    Table *table;
    if (arg_table(&args, 0, &table))
        arg_any(&args, 1);
    return args_fail(&args);
}

Value lua_base_rawset(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Table *table;
    if (!arg_table(&args, 0, &table) || !arg_any(&args, 1) || !arg_any(&args, 2) || !table_set(table, a1, a2))
        return args_fail(&args);
    return args_return(&args, a0);
}

Value lua_base_rawequal(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    (void)a2;
    if (!light_any(closure, call, 0) || !light_any(closure, call, 1))
        return none();
    return one(value_bool(rt_raw_equal(a0, a1)));
}

Value lua_base_rawlen(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (is_table(a0))
        return one(value_integer(table_length(table_of(a0))));
    if (is_string(a0))
        return one(value_integer(string_of(a0)->length));
    Args args = args_open(closure, call, a0, a1, a2);
    throw_argument_type(&args, 0, "table or string");
    return args_fail(&args);
}

/* ---- metatables ----------------------------------------------------------------------------------------------------------------- */

Value lua_base_getmetatable(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    (void)a1, (void)a2;
    if (!light_any(closure, call, 0))
        return none();
    Table *meta = metatable_of(a0);
    if (meta == NULL)
        return one(value_nil());
    Value shown = meta_field(meta, META_METATABLE);
    return one(is_nil(shown) ? value_table(meta) : shown);
}

Value lua_base_setmetatable(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (likely(is_table(a0) && is_table(a1)) && is_nil(meta_field(table_of(a0)->metatable, META_METATABLE)) &&
        is_nil(meta_field(table_of(a1), META_GC))) {
        gc_use_extras();
        if (unlikely(table_of(a0)->object.flags & TABLE_WATCHED))
            methods_forget();
        table_of(a0)->metatable = table_of(a1);
        return one(a0);
    }
    Args args = args_open(closure, call, a0, a1, a2);
    Table *table;
    if (!arg_table(&args, 0, &table))
        return args_fail(&args);
    if ((u32)call < 2 || (!is_nil(a1) && !is_table(a1))) {
        throw_argument_type(&args, 1, "nil or table");
        return args_fail(&args);
    }
    if (!is_nil(metamethod(a0, META_METATABLE))) {
        throw_error(&args, "cannot change a protected metatable");
        return args_fail(&args);
    }
    gc_use_extras();
    if (unlikely(table->object.flags & TABLE_WATCHED))
        methods_forget();
    table->metatable = is_nil(a1) ? NULL : table_of(a1);
    if (!is_nil(metamethod(a0, META_GC)) && !gc_register_finalizer(&table->object))
        return args_fail(&args);
    return args_return(&args, a0);
}

/* ---- the rest ----------------------------------------------------------------------------------------------------------------------- */

Value lua_base_select(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    u32 count = (u32)call;
    if (is_string(a0) && string_of(a0)->length == 1 && string_of(a0)->bytes[0] == '#')
        return one(value_integer((i64)count - 1));
    Args args = args_open(closure, call, a0, a1, a2);
    i64 number;
    if (!arg_integer(&args, 0, &number))
        return args_fail(&args);
    if (number < 0)
        number = (i64)count + number;
    else if (number > (i64)count)
        number = count;
    if (number < 1) {
        throw_argument(&args, 0, "index out of range");
        return args_fail(&args);
    }
    return args_return_cells(&args, args.at + number, count - (u32)number);
}

Value lua_base_collectgarbage(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    static const char *const names[] = {
        "collect", "count", "step", "isrunning", "stop", "restart", "generational", "incremental", "setpause", "setstepmul",
    };
    static i64 pause = 200, step_multiplier = 100;
    static bool generational;
    Args args = args_open(closure, call, a0, a1, a2);
    u32 option;
    i64 number = 0;
    if (!arg_option(&args, 0, "collect", names, 10, &option) || !arg_opt_integer(&args, 1, &number))
        return args_fail(&args);
    i64 before;
    if (heap.finalizing)
        return args_return(&args, value_nil()); /* a finalizer cannot ask for anything */
    switch (option) {
    case 1:
        return args_return(&args, value_float((f64)heap_used() / 1024.0));
    case 2:
        gc_collect_full();
        return args_return(&args, value_bool(true));
    case 3:
        return args_return(&args, value_bool(!heap.stopped));
    case 4:
    case 5:
        heap.stopped = option == 4;
        return args_return(&args, value_integer(0));
    case 6:
    case 7: {
        String *mode = string_from(generational ? "generational" : "incremental");
        generational = option == 6;
        return mode == NULL ? args_fail(&args) : args_return(&args, value_string(mode));
    }
    case 8:
        before = pause;
        pause = number;
        return args_return(&args, value_integer(before));
    case 9:
        before = step_multiplier;
        step_multiplier = number;
        return args_return(&args, value_integer(before));
    default:
        gc_collect_full();
        return args_return(&args, value_integer(0));
    }
}
