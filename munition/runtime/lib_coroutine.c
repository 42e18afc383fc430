/* SPDX-License-Identifier: MIT */
/* coroutine.create wrap status running isyieldable close (reference manual, 6.2). resume and yield are in coroutine.c. */
#include "core.h"
#include "coroutine.h"

static Coroutine *coroutine_new(Value body)
{
    Coroutine *co = heap_object(sizeof(Coroutine), TAG_COROUTINE, 0);
    if (co == NULL)
        return NULL;
    *co = (Coroutine){.object = co->object, .status = COROUTINE_SUSPENDED};
    cell_store(&co->body, body);
    return co;
}

Value lua_coroutine_create(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    if (!arg_function(&args, 0))
        return args_fail(&args);
    Coroutine *co = coroutine_new(a0);
    return co == NULL ? args_fail(&args) : args_return(&args, value_coroutine(co));
}

Value lua_coroutine_wrap(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    if (!arg_function(&args, 0))
        return args_fail(&args);
    Coroutine *co = coroutine_new(a0);
    if (co == NULL)
        return args_fail(&args);
    root_push(value_coroutine(co));
    Closure *made = native_closure(coroutine_wrapped, 1);
    if (made == NULL)
        return args_fail(&args);
    cell_store(&made->upvalues[0], value_coroutine(co));
    return args_return(&args, value_function(made));
}

static const char *const status_names[] = {"suspended", "running", "normal", "dead"};

Value lua_coroutine_status(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Coroutine *co;
    if (!arg_coroutine(&args, 0, &co))
        return args_fail(&args);
    String *name = string_from(status_names[co->status]);
    return name == NULL ? args_fail(&args) : args_return(&args, value_string(name));
}

Value lua_coroutine_running(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    const Coroutine *co = coroutine_current();
    return args_return_two(&args, value_coroutine(co), value_bool(coroutine_is_main(co)));
}

Value lua_coroutine_isyieldable(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Coroutine *co = coroutine_current();
    if (args.count > 0 && !arg_coroutine(&args, 0, &co))
        return args_fail(&args);
    if (co != coroutine_current())
        return args_return(&args, value_bool(!coroutine_is_main(co)));
    return args_return(&args, value_bool(coroutine_is_yieldable(args.at)));
}

Value lua_coroutine_close(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Coroutine *co;
    if (!arg_coroutine(&args, 0, &co))
        return args_fail(&args);
    if (co->status == COROUTINE_RUNNING || co->status == COROUTINE_NORMAL) {
        throw_error(&args, "cannot close a %s coroutine", status_names[co->status]);
        return args_fail(&args);
    }
    Value error;
    bool had_failed = coroutine_close(co, &error);
    if (failed())
        return args_fail(&args);
    if (had_failed)
        return args_return_two(&args, value_bool(false), error);
    return args_return(&args, value_bool(true));
}
