/* SPDX-License-Identifier: MIT */
/* The module munition.http: get(url [, options]) and request(table). */
#include "codec.h"
#include "core.h"

[[clang::import_module("munition:http"), clang::import_name("request")]]
i32 host_http_request(const void *bytes, u32 length);
[[clang::import_module("munition:http"), clang::import_name("take")]]
i32 host_http_take(void *bytes, u32 length);

/* What the host answered: `size` bytes wait for us. */
static Value take_answer(const Args *args, u32 size)
{
    Buffer answer;
    buffer_open(&answer);
    u8 *bytes = buffer_reserve(&answer, size);
    if (bytes == NULL)
        return args_fail(args);
    host_http_take(bytes, size);
    i32 count = codec_decode(bytes + 1, size - 1); /* behind the status, which is always that of values */
    return count < 0 ? args_fail(args) : args_return_cells(args, rt_state.sp - count, (u32)count);
}

/* Send the table `request`, which is rooted and stands behind argument `index`. */
static Value send(const Args *args, u32 index, Table *request)
{
    Buffer out, refused;
    u32 count = 1;
    buffer_open(&out);
    buffer_open(&refused);
    if (!buffer_bytes(&out, &count, sizeof count))
        return args_fail(args);
    if (!codec_encode(&out, value_table(request), "request", 0, &refused)) {
        String *why = failed() ? NULL : buffer_finish(&refused);
        if (why != NULL) {
            root_push(value_string(why));
            throw_argument(args, index, (const char *)why->bytes);
        }
        return args_fail(args);
    }
    i32 size = host_http_request(out.bytes, out.length);
    buffer_drop(&out);
    return take_answer(args, (u32)size);
}

static bool set_text(Table *table, const char *name, const char *text)
{
    String *value = string_from(text);
    if (value == NULL)
        return false;
    Cell *root = root_push(value_string(value));
    String *key = string_from(name);
    bool done = key != NULL && table_set_string(table, key, value_string(value));
    rt_state.sp = root;
    return done;
}

static bool copy_fields(Table *to, Table *from)
{
    Value key = value_nil(), value;
    while (table_next(from, key, &key, &value) == 1)
        if (!table_set(to, key, value))
            return false;
    return true;
}

Value lua_http_get(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *url;
    Table *options = NULL;
    if (!arg_string(&args, 0, &url) || !arg_opt_table(&args, 1, &options))
        return args_fail(&args);
    Table *request = table_new(0, 6);
    if (request == NULL)
        return args_fail(&args);
    root_push(value_table(request));
    String *key;
    if ((options != NULL && !copy_fields(request, options)) || (key = string_from("url")) == NULL ||
        !table_set_string(request, key, value_string(url)) || !set_text(request, "method", "GET"))
        return args_fail(&args);
    return send(&args, 1, request);
}

Value lua_http_request(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Table *request;
    return arg_table(&args, 0, &request) ? send(&args, 0, request) : args_fail(&args);
}
