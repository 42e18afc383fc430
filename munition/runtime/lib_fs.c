/* SPDX-License-Identifier: MIT */
/* The module munition.fs: list(path) and size(path), over the directories that io.open reads from. */
#include "lib_io.h"

[[clang::import_module("munition:filesystem_read"), clang::import_name("list")]]
i32 host_file_list(u32 handle, void *bytes, u32 length);
[[clang::import_module("munition:filesystem_read"), clang::import_name("size")]]
i64 host_file_size(const void *path, u32 length);

enum { PAGE = 4096 }; /* room for the entries of one call, whatever their names are */

typedef struct Head {
    u8 kind;
    u8 length[2]; /* of the name, which follows */
} Head;

static String *kind_name(u8 kind)
{
    static const char *const names[] = {"other", "file", "directory"};
    return string_from(names[kind < 3 ? kind : 0]);
}

static bool set_field(Table *table, const char *name, String *value)
{
    if (value == NULL)
        return false;
    Cell *root = root_push(value_string(value));
    String *key = string_from(name);
    bool done = key != NULL && table_set_string(table, key, value_string(value));
    rt_state.sp = root;
    return done;
}

/* Append {name = , kind = } for each of the entries in `bytes`. */
static bool append_entries(Table *list, const u8 *bytes, u32 length)
{
    for (u32 at = 0; at + sizeof(Head) <= length;) {
        const Head *head = (const void *)(bytes + at);
        u32 size = head->length[0] | (u32)head->length[1] << 8;
        Table *entry = table_new(0, 2);
        if (entry == NULL || !table_set_integer(list, (i64)table_length(list) + 1, value_table(entry)) ||
            !set_field(entry, "name", string_new(bytes + at + sizeof(Head), size)) ||
            !set_field(entry, "kind", kind_name(head->kind)))
            return false;
        at += sizeof(Head) + size;
    }
    return true;
}

/* All entries of an open directory: 0 or the host's negative number. false = an error is pending. */
static bool list_all(u32 handle, Table *list, i32 *code)
{
    u8 page[PAGE];
    do {
        *code = host_file_list(handle, page, PAGE);
        if (*code > 0 && !append_entries(list, page, (u32)*code))
            return false;
    } while (*code > 0);
    return true;
}

Value lua_fs_list(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *path;
    if (!arg_string(&args, 0, &path))
        return args_fail(&args);
    Table *list = table_new(0, 0);
    if (list == NULL)
        return args_fail(&args);
    root_push(value_table(list));
    i32 handle = io_open_handle(path);
    if (failed())
        return args_fail(&args);
    if (handle < 0)
        return io_fail(&args, path, (u32)-handle);
    i32 code;
    bool listed = list_all((u32)handle, list, &code);
    host_file_close((u32)handle);
    if (!listed)
        return args_fail(&args);
    return code < 0 ? io_fail(&args, path, (u32)-code) : args_return(&args, value_table(list));
}

Value lua_fs_size(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *path;
    if (!arg_string(&args, 0, &path))
        return args_fail(&args);
    i64 size = host_file_size(path->bytes, path->length);
    return size < 0 ? io_fail(&args, path, (u32)-size) : args_return(&args, value_integer(size));
}
