/* SPDX-License-Identifier: MIT */
/* warn: one line on the standard error stream for each warning, once they are switched on. */
#include "core.h"

enum { STREAM_ERROR = 2 };

static bool is_text(const String *text, const char *wanted)
{
    u32 length = (u32)strlen(wanted);
    return text->length == length && memcmp(text->bytes, wanted, length) == 0;
}

static bool write_warning(const Args *args)
{
    Buffer buffer;
    buffer_open(&buffer);
    bool built = buffer_text(&buffer, "Lua warning: ");
    for (u32 i = 0; built && i < args->count; i++)
        built = buffer_string(&buffer, string_of(cell_load(args->at + i)));
    if (!built || !buffer_byte(&buffer, '\n'))
        return false;
    host_log_write(STREAM_ERROR, buffer.bytes, buffer.length);
    return true;
}

/* Warnings are off until `warn("@on")`. Unknown control messages are ignored. */
Value lua_base_warn(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    static bool is_on;
    Args args = args_open(closure, call, a0, a1, a2);
    String *text;
    if (!arg_string(&args, 0, &text))
        return args_fail(&args);
    for (u32 i = 1; i < args.count; i++) {
        String *more;
        if (!arg_string(&args, i, &more))
            return args_fail(&args);
    }
    if (args.count == 1 && text->length > 0 && text->bytes[0] == '@') {
        if (is_text(text, "@on") || is_text(text, "@off"))
            is_on = text->length == 3;
        return args_none(&args);
    }
    return is_on && !write_warning(&args) ? args_fail(&args) : args_none(&args);
}
