/* SPDX-License-Identifier: MIT */
/* error, assert, pcall and xpcall: raising errors from Lua, and stopping them. */
#include "base.h"
#include "core.h"
#include "coroutine.h"

/* The position of the function at `level` (1 = the caller), or NULL if it is none of Lua. */
static const Site *level_site(i32 level)
{
    if (level <= 0)
        return NULL;
    const Cell *header = frame_at(level == 1 ? 0 : (u32)level);
    if (header == NULL)
        return NULL;
    return level == 1 ? frame_site(header) : frame_stands_at(header);
}

Value lua_base_error(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    i64 level = 1;
    if (!arg_opt_integer(&args, 1, &level))
        return args_fail(&args);
    if (is_string(a0))
        throw_message(level_site((i32)level), string_of(a0)); /* as the reference implementation: 32 bits of it */
    else
        throw_value(a0);
    return args_fail(&args);
}

Value lua_base_assert(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (likely(is_true(a0))) {
        u32 count = (u32)call;
        if (count == 1)
            return one(a0);
        cell_store(rt_state.sp + 1, a1);
        cell_store(rt_state.sp + 2, a2);
        rt_state.result_count = count;
        return a0;
    }
    Args args = args_open(closure, call, a0, a1, a2);
    if (!arg_any(&args, 0))
        return args_fail(&args);
    if (args.count > 1 && !is_string(a1))
        throw_value(a1);
    else if (args.count > 1)
        throw_message(level_site(1), string_of(a1));
    else
        throw_at(level_site(1), "assertion failed!");
    return args_fail(&args);
}

/* Let xpcall's handler replace the value; the handler itself is in force meanwhile. */
static void run_handler(Value v)
{
    if (rt_state.c_depth >= C_DEPTH_HANDLER || c_stack_is_low()) {
        Cell handler = rt_state.handler;
        rt_state.handler = (Cell){0, TAG_NIL, 0};
        String *text = string_from("error in error handling");
        rt_state.handler = handler;
        if (text != NULL)
            error_set_pending(value_string(text));
        return;
    }
    Cell *row = rt_state.sp;
    Cell handler = rt_state.handler;
    Site here = error_site();
    rt_state.c_depth++;
    v = rt_call(cell_load(&handler), call_word(1, here.function == NULL ? NULL : &here), v, value_nil(), value_nil());
    rt_state.c_depth--;
    rt_state.sp = row;
    if (rt_state.pending == PENDING_NONE)
        error_set_pending(rt_state.result_count == 0 ? value_nil() : v);
}

/* How a protected call ends: results behind true, an error behind false; what is neither goes on. */
static Value protected_end(const Args *args, Value result)
{
    if (rt_state.pending == PENDING_ERROR) {
        rt_state.pending = PENDING_NONE;
        Value error = cell_load(&rt_state.error);
        cell_store(&rt_state.error, value_nil());
        return args_return_two(args, value_bool(false), error);
    }
    if (failed())
        return args_fail(args);
    u32 results = rt_state.result_count;
    if (results > 1)
        memmove(args->at + 2, rt_state.sp + 1, (size_t)(results - 1) * sizeof(Cell));
    cell_store(args->at + 1, result);
    rt_state.sp = args->at;
    rt_state.result_count = results + 1;
    return value_bool(true);
}

/* If the call is being suspended, leave a record that holds the handler. */
static void protected_suspend(const Args *args, Value handler)
{
    if (rt_state.pending != PENDING_YIELD)
        return;
    root_push(handler);
    Cell *record = rt_save(1, args->closure, args->call, 0);
    if (record != NULL)
        cell_store(record + 1, handler);
    root_pop(1);
}

/* Call args[0] with the arguments from `first` on, under `handler`; the results follow a boolean. */
static Value protected_call(const Args *args, u32 first, Value handler)
{
    u32 count = args->count > first ? args->count - first : 0;
    Cell outer = rt_state.handler;
    root_push(cell_load(&outer)); /* the collector sees only the handler in force */
    const Cell *from = args->at + first;
    if (count > 3) {
        if (!stack_reserve(count))
            return args_fail(args);
        memcpy(rt_state.sp + 3, from + 3, (size_t)(count - 3) * sizeof(Cell));
    }
    cell_store(&rt_state.handler, handler);
    args->closure->object.flags |= CLOSURE_SUSPENDABLE;
    Value a0 = count > 0 ? cell_load(from) : value_nil();
    Value a1 = count > 1 ? cell_load(from + 1) : value_nil();
    Value a2 = count > 2 ? cell_load(from + 2) : value_nil();
    protected_depth++;
    Value result = invoke_values(arg(args, 0), count, a0, a1, a2);
    protected_depth--;
    rt_state.handler = outer;
    protected_suspend(args, handler);
    return protected_end(args, result);
}

/* Go on with a protected call that was suspended. */
static Value protected_resume(Closure *closure, u64 call)
{
    Value handler = cell_load(rt_restore() + 1);
    Args args = args_open(closure, call & ~(u64)UINT32_MAX, value_nil(), value_nil(), value_nil());
    Cell outer = rt_state.handler;
    root_push(cell_load(&outer));
    bool closing = coroutine_is_closing();
    cell_store(&rt_state.handler, closing ? value_nil() : handler);
    rt_state.c_depth++;
    protected_depth++;
    Value result = rt_rewind();
    protected_depth--;
    rt_state.c_depth--;
    rt_state.handler = outer;
    if (closing)
        return args_fail(&args); /* what goes wrong then is for coroutine.close */
    protected_suspend(&args, handler);
    return protected_end(&args, result);
}

Value lua_base_pcall(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (unlikely(rt_resuming != 0))
        return protected_resume(closure, call);
    Args args = args_open(closure, call, a0, a1, a2);
    if (!arg_any(&args, 0))
        return args_fail(&args);
    return protected_call(&args, 1, value_nil());
}

Value lua_base_xpcall(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (unlikely(rt_resuming != 0))
        return protected_resume(closure, call);
    Args args = args_open(closure, call, a0, a1, a2);
    if (!arg_function(&args, 1))
        return args_fail(&args);
    error_run_handler = run_handler;
    return protected_call(&args, 2, a1);
}
