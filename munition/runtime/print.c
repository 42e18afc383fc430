/* SPDX-License-Identifier: MIT */
/* `print`: one host call per line as long as the line is short, the exact bytes in any case. */
#include "base.h"
#include "core.h"

enum { LINE_ROOM = 1024, STANDARD_OUTPUT = 1 };

typedef struct Line {
    u32 length;
    u8 bytes[LINE_ROOM];
} Line;

static void line_flush(Line *line)
{
    if (line->length > 0)
        host_log_write(STANDARD_OUTPUT, line->bytes, line->length);
    line->length = 0;
}

static void line_add(Line *line, const u8 *bytes, u32 length)
{
    if (length > LINE_ROOM - line->length)
        line_flush(line);
    if (length > LINE_ROOM) {
        host_log_write(STANDARD_OUTPUT, bytes, length);
        return;
    }
    copy_bytes(line->bytes + line->length, bytes, length);
    line->length += length;
}

Value lua_base_print(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Line line;
    line.length = 0;
    for (u32 i = 0; i < args.count; i++) {
        const String *text = value_to_string(arg(&args, i));
        if (text == NULL) {
            line_flush(&line);
            return args_fail(&args);
        }
        if (i > 0)
            line_add(&line, (const u8 *)"\t", 1);
        line_add(&line, text->bytes, text->length);
    }
    line_add(&line, (const u8 *)"\n", 1);
    line_flush(&line);
    return args_none(&args);
}
