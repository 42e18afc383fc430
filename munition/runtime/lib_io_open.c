/* SPDX-License-Identifier: MIT */
/* io.open, io.lines, and the methods of files that need the host functions for files. */
#include "gc.h"
#include "lib_io.h"

enum { LINES_FILE, LINES_CLOSE, LINES_FORMATS, LINES_MOST = 250 };

/* Only its metatable is used: the code generator writes it, new files get it. */
Userdata lua_io_reader = {.object = {.kind = TAG_USERDATA}, .type = FILE_READER};

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static void reader_close(Reader *reader)
{
    host_file_close(reader->handle);
    reader->handle = 0;
}

/* What was read ahead lies between where the program is and where the host is. */
static Value reader_seek(const Args *args, Reader *reader)
{
    static const char *const names[] = {"set", "cur", "end"};
    u32 whence;
    i64 offset = 0;
    if (!arg_option(args, 1, "cur", names, 3, &whence) || !arg_opt_integer(args, 2, &offset))
        return args_fail(args);
    i64 ahead = whence == 1 ? (i64)reader->end - reader->start : 0;
    i64 at = host_file_seek(reader->handle, __builtin_sub_overflow(offset, ahead, &offset) ? INT64_MIN : offset, whence);
    if (at < 0)
        return io_fail(args, NULL, (u32)-at);
    reader->start = reader->end = 0;
    return args_return(args, value_integer(at));
}

/* Files that nobody can reach hold handles, too: when there are none left, the collector may find some. */
i32 io_open_handle(const String *name)
{
    i32 handle = host_file_open(name->bytes, name->length);
    if (handle != -CODE_TOO_MANY_OPEN)
        return handle;
    gc_collect_full();
    return failed() ? handle : host_file_open(name->bytes, name->length);
}

/* A file object for an open handle, rooted; NULL = failed, and the handle is closed. */
static Userdata *reader_new(u32 handle)
{
    gc_use_extras();
    Userdata *file = userdata_new(FILE_READER, sizeof(Reader), lua_io_reader.metatable);
    if (file != NULL) {
        root_push(value_userdata(file));
        if (gc_register_finalizer(&file->object)) {
            reader_of(file)->handle = handle;
            return file;
        }
    }
    host_file_close(handle);
    return NULL;
}

/* Opens a file: *code is not 0 when there is none. false = an error is pending. */
static bool open_file(const String *name, Userdata **file, u32 *code)
{
    io_reader_calls = (ReaderCalls){reader_close, reader_seek};
    i32 handle = io_open_handle(name);
    if (failed())
        return false;
    *code = handle < 0 ? (u32)-handle : 0;
    if (handle < 0)
        return true;
    *file = reader_new((u32)handle);
    return *file != NULL;
}

/* "r", "w" or "a", then perhaps "+", then perhaps "b". */
static bool mode_is_valid(const String *mode)
{
    const u8 *at = mode->bytes;
    if (*at != 'r' && *at != 'w' && *at != 'a')
        return false;
    at++;
    at += *at == '+';
    at += *at == 'b';
    return at == mode->bytes + mode->length;
}

static bool mode_only_reads(const String *mode) { return mode->bytes[0] == 'r' && (mode->length == 1 || mode->bytes[1] == 'b'); }

Value lua_io_open(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *name, *mode = NULL;
    if (!arg_string(&args, 0, &name) || !arg_opt_string(&args, 1, &mode))
        return args_fail(&args);
    if (mode != NULL && !mode_is_valid(mode)) {
        throw_argument(&args, 1, "invalid mode");
        return args_fail(&args);
    }
    if (mode != NULL && !mode_only_reads(mode))
        return io_fail(&args, name, CODE_READ_ONLY);
    Userdata *file;
    u32 code;
    if (!open_file(name, &file, &code))
        return args_fail(&args);
    return code != 0 ? io_fail(&args, name, code) : args_return(&args, value_userdata(file));
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

Value lua_io_file_read(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!io_arg_file(&args, &file))
        return args_fail(&args);
    if (file->type != FILE_READER)
        return io_fail(&args, NULL, CODE_BAD_HANDLE);
    Cell *first;
    u32 code;
    if (!io_read_formats(&args, reader_of(file), 1, &first, &code))
        return args_fail(&args);
    return code != 0 ? io_fail(&args, NULL, code) : args_return_cells(&args, first, (u32)(rt_state.sp - first));
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* What an iterator was made with, as the arguments of a call: the file and the formats. false = failed. */
static bool lines_arguments(Args *args, const Cell *state, u32 count)
{
    if (!stack_reserve(count + 1))
        return false;
    args->at = root_push(cell_load(&state[LINES_FILE]));
    args->count = count + 1;
    for (u32 i = 0; i < count; i++)
        root_push(cell_load(&state[LINES_FORMATS + i]));
    return true;
}

static Value lines_step(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    const Cell *state = closure->upvalues;
    Userdata *file = userdata_of(cell_load(&state[LINES_FILE]));
    bool is_reader = file->type == FILE_READER;
    if (is_reader && reader_of(file)->handle == 0) {
        throw_error(&args, "file is already closed");
        return args_fail(&args);
    }
    u32 code = CODE_BAD_HANDLE, count = closure->upvalue_count - LINES_FORMATS;
    Args given = args;
    Cell *first = rt_state.sp;
    if (is_reader && (!lines_arguments(&given, state, count) || !io_read_formats(&given, reader_of(file), 1, &first, &code)))
        return args_fail(&args);
    if (code != 0) {
        throw_error(&args, "%s", io_code_text(code));
        return args_fail(&args);
    }
    if (!is_nil(cell_load(first)))
        return args_return_cells(&args, first, (u32)(rt_state.sp - first));
    if (state[LINES_CLOSE].tag == TAG_TRUE)
        reader_close(reader_of(file));
    return args_none(&args);
}

/* The iterator over a file, with the formats that are the arguments from 1 on; NULL = failed. */
static Closure *lines_new(const Args *args, Userdata *file, bool closes)
{
    u32 count = args->count > 1 ? args->count - 1 : 0;
    if (count > LINES_MOST) {
        throw_argument(args, LINES_MOST + 1, "too many arguments");
        return NULL;
    }
    Closure *iterator = native_closure(lines_step, LINES_FORMATS + count);
    if (iterator == NULL)
        return NULL;
    cell_store(&iterator->upvalues[LINES_FILE], value_userdata(file));
    cell_store(&iterator->upvalues[LINES_CLOSE], value_bool(closes));
    for (u32 i = 0; i < count; i++)
        cell_store(&iterator->upvalues[LINES_FORMATS + i], cell_load(args->at + 1 + i));
    return iterator;
}

Value lua_io_file_lines(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Userdata *file;
    if (!io_arg_file(&args, &file))
        return args_fail(&args);
    Closure *iterator = lines_new(&args, file, false);
    return iterator == NULL ? args_fail(&args) : args_return(&args, value_function(iterator));
}

/* The iterator, two nils, and the file, which the loop closes when it is left. */
Value lua_io_lines(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *name = NULL;
    Userdata *file;
    u32 code;
    if (!arg_opt_string(&args, 0, &name))
        return args_fail(&args);
    if (name == NULL)
        throw_error(&args, "standard input is not available: give io.lines the name of a file");
    if (name == NULL || !open_file(name, &file, &code))
        return args_fail(&args);
    if (code != 0) {
        throw_error(&args, "cannot open file '%S' (%s)", name, io_code_text(code));
        return args_fail(&args);
    }
    Closure *iterator = lines_new(&args, file, true);
    if (iterator == NULL)
        return args_fail(&args);
    Cell *results = root_push(value_function(iterator));
    root_push(value_nil());
    root_push(value_nil());
    root_push(value_userdata(file));
    return args_return_cells(&args, results, 4);
}
