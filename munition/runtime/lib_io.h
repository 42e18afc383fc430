/* SPDX-License-Identifier: MIT */
/* File objects: the two streams of lib_io.c, and the files opened for reading of lib_io_open.c and lib_io_read.c. */
#ifndef MUNITION_LIB_IO_H
#define MUNITION_LIB_IO_H

#include "core.h"

/* Types of the userdata. The two streams are the host's numbers for them. */
enum { FILE_OUTPUT = 1, FILE_ERROR = 2, FILE_READER = 3 };

/* What a FILE_READER holds. The cell of the heap is used in full. */
enum { READER_ROOM = 4080 - sizeof(Userdata) - 12 };

typedef struct Reader {
    u32 handle; /* the host's; 0 = closed */
    u32 start; /* bytes[start .. end) were read ahead */
    u32 end;
    u8 bytes[READER_ROOM];
} Reader;

static_assert(sizeof(Userdata) + sizeof(Reader) == 4080);

extern Userdata lua_io_stdout, lua_io_stderr;

static inline Reader *reader_of(Userdata *file) { return (Reader *)(void *)file->bytes; }

/* What the methods of files do with a reader; NULL until io.open has made one, so that programs without it do not carry
 * the host functions for files. */
typedef struct ReaderCalls {
    void (*close)(Reader *reader);
    Value (*seek)(const Args *args, Reader *reader);
} ReaderCalls;

extern ReaderCalls io_reader_calls;

/* Why something failed: the numbers of the host functions, which are Linux's. */
enum { CODE_BAD_HANDLE = 9, CODE_TOO_MANY_OPEN = 24, CODE_READ_ONLY = 30 };

const char *io_code_text(u32 code);
/* nil, "name: why" (or only why, without a name), and the number. */
Value io_fail(const Args *args, const String *name, u32 code);
bool io_arg_file(const Args *args, Userdata **file); /* argument 0 as a file that is not closed */
Value io_refuse_write(const Args *args); /* of a reader, after the arguments were looked at */

/* ---- between lib_io_open.c and lib_io_read.c ---- */

/* Read what the arguments from `index` on say (none: a line) and leave the results at *first, rooted. false = an error
 * is pending; *code is not 0 when reading failed. */
bool io_read_formats(const Args *args, Reader *reader, u32 index, Cell **first, u32 *code);

i32 io_open_handle(const String *name); /* the host's; below 0: why not. Test failed() afterwards. */

[[clang::import_module("munition:filesystem_read"), clang::import_name("open")]]
i32 host_file_open(const void *path, u32 length);
[[clang::import_module("munition:filesystem_read"), clang::import_name("close")]]
i32 host_file_close(u32 handle);
[[clang::import_module("munition:filesystem_read"), clang::import_name("read")]]
i32 host_file_read(u32 handle, void *bytes, u32 length);
[[clang::import_module("munition:filesystem_read"), clang::import_name("seek")]]
i64 host_file_seek(u32 handle, i64 offset, u32 whence);

#endif
