/* SPDX-License-Identifier: MIT */
/* require: finds what was loaded, then package.preload, then the modules that were compiled into the program. There is
 * nothing to search at run time. */
#include "core.h"

/* The modules that are being loaded, innermost first. Loaders cannot be suspended, so they end in this order. */
typedef struct Loading {
    const String *name;
    const struct Loading *outer;
} Loading;

static const Loading *loading;

static bool is_loading(const String *name)
{
    const Loading *found = loading;
    while (found != NULL && !string_equal(found->name, name))
        found = found->outer;
    return found != NULL;
}

/* The function that loads the module and, in `data`, what it is given besides the name; nil = there is none. */
static Value find_loader(String *name, Value *data)
{
    Value loader = rt_config.preload == NULL ? value_nil() : table_get_string(rt_config.preload, name);
    if (!is_nil(loader)) {
        String *text = string_from(":preload:");
        *data = text == NULL ? value_nil() : value_string(text);
        return loader;
    }
    loader = rt_config.modules == NULL ? value_nil() : table_get_string(rt_config.modules, name);
    if (is_function(loader) && closure_of(loader)->info != NULL)
        *data = value_string(closure_of(loader)->info->source);
    return loader;
}

static Value load(const Args *args, String *name, Value loader, Value data)
{
    Loading here = {name, loading};
    root_push(data);
    loading = &here;
    Value module = invoke2(loader, value_string(name), data);
    loading = here.outer;
    if (failed())
        return args_fail(args);
    if (rt_state.result_count > 0 && !is_nil(module) && !table_set_string(rt_config.loaded, name, module))
        return args_fail(args);
    module = table_get_string(rt_config.loaded, name);
    if (is_nil(module)) {
        module = value_bool(true);
        if (!table_set_string(rt_config.loaded, name, module))
            return args_fail(args);
    }
    return args_return_two(args, module, data);
}

Value lua_base_require(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *name;
    if (!arg_string(&args, 0, &name))
        return args_fail(&args);
    Value module = table_get_string(rt_config.loaded, name);
    if (is_true(module))
        return args_return(&args, module);
    Value data = value_nil();
    Value loader = find_loader(name, &data);
    if (failed())
        return args_fail(&args);
    if (is_nil(loader)) {
        throw_error(&args, "module '%S' not found:\n\tno field package.preload['%S']\n\tno file of that name is part of this program", name, name);
        return args_fail(&args);
    }
    if (is_loading(name)) {
        throw_error(&args, "loop or previous error loading module '%S'", name);
        return args_fail(&args);
    }
    return load(&args, name, loader, data);
}
