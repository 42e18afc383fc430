/* SPDX-License-Identifier: MIT */
/* io.write and the file objects io.stdout and io.stderr, which write to the log capability's streams.
 *
 * The two objects are static userdata; the code generator points their `metatable` at a static table when a program can
 * reach one of them, or can open files: __name, __tostring, __gc, __close, and __index with the methods. The methods that
 * need no host function for files are in lib_io_file.c. Nothing is buffered, so flushing does nothing. */
#include "lib_io.h"
#include "number.h"

enum { LINE_ROOM = 1024 };

Userdata lua_io_stdout = {.object = {.kind = TAG_USERDATA}, .type = FILE_OUTPUT};
Userdata lua_io_stderr = {.object = {.kind = TAG_USERDATA}, .type = FILE_ERROR};

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Gathers short pieces, so that a call of write is one call of the host in most cases. */
typedef struct Line {
    u32 stream;
    u32 length;
    u8 bytes[LINE_ROOM];
} Line;

static void line_flush(Line *line)
{
    if (line->length > 0)
        host_log_write(line->stream, line->bytes, line->length);
    line->length = 0;
}

static void line_add(Line *line, const u8 *bytes, u32 length)
{
    if (length > LINE_ROOM - line->length)
        line_flush(line);
    if (length > LINE_ROOM) {
        host_log_write(line->stream, bytes, length);
        return;
    }
    copy_bytes(line->bytes + line->length, bytes, length);
    line->length += length;
}

/* Floats as "%.14g", without the ".0" that tostring adds. */
static void line_add_number(Line *line, Value number)
{
    char text[NUMBER_BUFFER];
    u32 length = is_integer(number) ? number_format_int(number.payload, text)
                                    : number_format_float(float_of(number), (NumberSpec){.conversion = 'g', .precision = 14}, text);
    line_add(line, (const u8 *)text, length);
}

/* Writes the arguments from `first` on; what stands before a wrong one is written nevertheless. */
[[gnu::noinline]] static bool write_arguments(const Args *args, u32 first, u32 stream)
{
    Line line;
    line.stream = stream;
    line.length = 0;
    bool done = true;
    for (u32 i = first; done && i < args->count; i++) {
        Value v = cell_load(args->at + i);
        if (is_string(v))
            line_add(&line, string_of(v)->bytes, string_of(v)->length);
        else if (is_number(v))
            line_add_number(&line, v);
        else {
            throw_argument_type(args, i, "string");
            done = false;
        }
    }
    line_flush(&line);
    return done;
}

Value lua_io_write(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    if (args.count == 1 && is_string(a0))
        host_log_write(FILE_OUTPUT, string_of(a0)->bytes, string_of(a0)->length);
    else if (!write_arguments(&args, 0, FILE_OUTPUT))
        return args_fail(&args);
    return args_return(&args, value_userdata(&lua_io_stdout));
}

Value lua_io_file_write(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!io_arg_file(&args, &file))
        return args_fail(&args);
    if (file->type == FILE_READER)
        return io_refuse_write(&args);
    if (!write_arguments(&args, 1, file->type))
        return args_fail(&args);
    return args_return(&args, a0);
}

Value lua_io_flush(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return args_return(&args, value_bool(true));
}
