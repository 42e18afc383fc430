/* SPDX-License-Identifier: MIT */
/* io.write and the file objects io.stdout and io.stderr, which write to the log capability's streams.
 *
 * The two objects are static userdata; the code generator points their `metatable` at a static table when a program can
 * reach one of them: {__name = "FILE*", __tostring = lua_io_file_tostring, __index = {write, close, flush, seek,
 * setvbuf}} with the lua_io_file_ functions below. Nothing is buffered, so flushing does nothing. */
#include "core.h"
#include "number.h"

enum { LINE_ROOM = 1024, STREAM_OUTPUT = 1, STREAM_ERROR = 2 };

Userdata lua_io_stdout = {.object = {.kind = TAG_USERDATA}, .type = STREAM_OUTPUT};
Userdata lua_io_stderr = {.object = {.kind = TAG_USERDATA}, .type = STREAM_ERROR};

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
        host_log_write(STREAM_OUTPUT, string_of(a0)->bytes, string_of(a0)->length);
    else if (!write_arguments(&args, 0, STREAM_OUTPUT))
        return args_fail(&args);
    return args_return(&args, value_userdata(&lua_io_stdout));
}

/* ---- file objects ------------------------------------------------------------------------------------------------ */

static bool is_file(Value v)
{
    return v.tag == TAG_USERDATA && (userdata_of(v) == &lua_io_stdout || userdata_of(v) == &lua_io_stderr);
}

static bool arg_file(const Args *args, Userdata **file)
{
    Value v = arg(args, 0);
    *file = userdata_of(v);
    if (is_file(v))
        return true;
    throw_argument_type(args, 0, "FILE*");
    return false;
}

Value lua_io_file_write(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!arg_file(&args, &file) || !write_arguments(&args, 1, file->type))
        return args_fail(&args);
    return args_return(&args, a0);
}

Value lua_io_file_flush(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    return arg_file(&args, &file) ? args_return(&args, value_bool(true)) : args_fail(&args);
}

/* nil and why not, as the manual has it for what fails without an error. */
static Value refusal(const Args *args, const char *why)
{
    String *message = string_from(why);
    return message == NULL ? args_fail(args) : args_return_two(args, value_nil(), value_string(message));
}

Value lua_io_flush(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return args_return(&args, value_bool(true));
}

Value lua_io_file_close(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    return arg_file(&args, &file) ? refusal(&args, "cannot close standard file") : args_fail(&args);
}

/* Without argument: the standard output, which cannot be closed either. */
Value lua_io_close(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    return args.count == 0 || arg_file(&args, &file) ? refusal(&args, "cannot close standard file") : args_fail(&args);
}

Value lua_io_file_seek(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    return arg_file(&args, &file) ? refusal(&args, "Illegal seek") : args_fail(&args);
}

Value lua_io_file_setvbuf(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    static const char *const modes[] = {"no", "full", "line"};
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    u32 mode;
    if (!arg_file(&args, &file) || !arg_option(&args, 1, NULL, modes, 3, &mode))
        return args_fail(&args);
    return args_return(&args, value_bool(true));
}

Value lua_io_file_tostring(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!arg_file(&args, &file))
        return args_fail(&args);
    String *text = string_from(file->type == STREAM_OUTPUT ? "file (stdout)" : "file (stderr)");
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

Value lua_io_type(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    if (!arg_any(&args, 0))
        return args_fail(&args);
    if (!is_file(a0))
        return args_return(&args, value_nil());
    String *text = string_from("file");
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}
