/* SPDX-License-Identifier: MIT */
/* File objects as such: what a value must be to be one, closing, and the methods that mean little here. */
#include "lib_io.h"

ReaderCalls io_reader_calls;

/* ---- failures ---------------------------------------------------------------------------------------------------- */

typedef struct CodeText {
    u32 code;
    const char *text;
} CodeText;

const char *io_code_text(u32 code)
{
    static const CodeText texts[] = {
        {2, "No such file or directory"}, {9, "Bad file descriptor"}, {13, "Permission denied"},
        {20, "Not a directory"},          {21, "Is a directory"},     {22, "Invalid argument"},
        {24, "Too many open files"},      {27, "File too large"},     {30, "Read-only file system"},
        {36, "File name too long"},
    };
    for (u32 i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].code == code)
            return texts[i].text;
    return "Input/output error";
}

Value io_fail(const Args *args, const String *name, u32 code)
{
    Buffer buffer;
    buffer_open(&buffer);
    bool built = (name == NULL || buffer_format(&buffer, "%S: ", name)) && buffer_text(&buffer, io_code_text(code));
    String *message = built ? buffer_finish(&buffer) : NULL;
    if (message == NULL)
        return args_fail(args);
    Cell *results = root_push(value_nil());
    root_push(value_string(message));
    root_push(value_integer(code));
    return args_return_cells(args, results, 3);
}

/* nil and why not, as the manual has it for what fails without an error. */
static Value refusal(const Args *args, const char *why)
{
    String *message = string_from(why);
    return message == NULL ? args_fail(args) : args_return_two(args, value_nil(), value_string(message));
}

/* ---- what is a file ---------------------------------------------------------------------------------------------- */

static bool is_closed(Userdata *file) { return file->type == FILE_READER && reader_of(file)->handle == 0; }

/* All userdata are files. */
static bool arg_any_file(const Args *args, Userdata **file)
{
    Value v = arg(args, 0);
    *file = userdata_of(v);
    if (v.tag == TAG_USERDATA)
        return true;
    throw_argument_type(args, 0, "FILE*");
    return false;
}

bool io_arg_file(const Args *args, Userdata **file)
{
    if (!arg_any_file(args, file))
        return false;
    if (!is_closed(*file))
        return true;
    throw_error(args, "attempt to use a closed file");
    return false;
}

Value lua_io_type(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    if (!arg_any(&args, 0))
        return args_fail(&args);
    if (a0.tag != TAG_USERDATA)
        return args_return(&args, value_nil());
    String *text = string_from(is_closed(userdata_of(a0)) ? "closed file" : "file");
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

static bool append_address(Buffer *buffer, u32 address)
{
    u8 text[10] = "0x";
    for (u32 i = 2; i < sizeof text; i++)
        text[i] = (u8)"0123456789abcdef"[address >> 4 * (sizeof text - 1 - i) & 15];
    return buffer_bytes(buffer, text, sizeof text);
}

static bool append_file(Buffer *buffer, Userdata *file)
{
    if (file == &lua_io_stderr)
        return buffer_text(buffer, "file (stderr)");
    if (file->type != FILE_READER)
        return buffer_text(buffer, "file (stdout)");
    if (is_closed(file))
        return buffer_text(buffer, "file (closed)");
    return buffer_text(buffer, "file (") && append_address(buffer, (u32)(uintptr_t)file) && buffer_text(buffer, ")");
}

Value lua_io_file_tostring(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!arg_any_file(&args, &file))
        return args_fail(&args);
    Buffer buffer;
    buffer_open(&buffer);
    String *text = append_file(&buffer, file) ? buffer_finish(&buffer) : NULL;
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

/* ---- closing ----------------------------------------------------------------------------------------------------- */

static Value close_file(const Args *args)
{
    Userdata *file;
    if (!io_arg_file(args, &file))
        return args_fail(args);
    if (file->type != FILE_READER)
        return refusal(args, "cannot close standard file");
    io_reader_calls.close(reader_of(file));
    return args_return(args, value_bool(true));
}

Value lua_io_file_close(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return close_file(&args);
}

/* Without argument: the standard output, which cannot be closed either. */
Value lua_io_close(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return args.count == 0 ? refusal(&args, "cannot close standard file") : close_file(&args);
}

/* __gc and __close: closes what is open, and is content with what is not. */
Value lua_io_file_release(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!arg_any_file(&args, &file))
        return args_fail(&args);
    if (file->type == FILE_READER && !is_closed(file))
        io_reader_calls.close(reader_of(file));
    return args_none(&args);
}

/* ---- the other methods ------------------------------------------------------------------------------------------- */

Value io_refuse_write(const Args *args)
{
    for (u32 i = 1; i < args->count; i++) {
        Value v = cell_load(args->at + i);
        if (!is_string(v) && !is_number(v)) {
            throw_argument_type(args, i, "string");
            return args_fail(args);
        }
    }
    return args->count > 1 ? io_fail(args, NULL, CODE_BAD_HANDLE) : args_return(args, arg(args, 0));
}

/* `write` in programs that can open files and have no streams. */
Value lua_io_reader_write(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    return io_arg_file(&args, &file) ? io_refuse_write(&args) : args_fail(&args);
}

Value lua_io_file_flush(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    return io_arg_file(&args, &file) ? args_return(&args, value_bool(true)) : args_fail(&args);
}

Value lua_io_file_seek(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!io_arg_file(&args, &file))
        return args_fail(&args);
    return file->type == FILE_READER ? io_reader_calls.seek(&args, reader_of(file)) : refusal(&args, "Illegal seek");
}

Value lua_io_file_setvbuf(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    static const char *const modes[] = {"no", "full", "line"};
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    u32 mode;
    if (!io_arg_file(&args, &file) || !arg_option(&args, 1, NULL, modes, 3, &mode))
        return args_fail(&args);
    return args_return(&args, value_bool(true));
}
