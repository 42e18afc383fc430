/* SPDX-License-Identifier: MIT */
/* The formats of string.pack, packsize and unpack (reference manual, 6.4.2). "Native" is what it is on the common 64-bit
 * systems: little endian, int 4 bytes, long, size_t and lua_Integer 8, alignment up to 8. */
#ifndef MUNITION_PACK_LAYOUT_H
#define MUNITION_PACK_LAYOUT_H

#include "rt.h"

enum {
    PACK_SIZE_MAXIMUM = 0x7fffffff, /* largest size of a packed string, as in the reference implementation */
    PACK_INTEGER_MAXIMUM = 16,
};

typedef enum OptionKind : u8 {
    OPTION_INTEGER,
    OPTION_UNSIGNED,
    OPTION_FLOAT,
    OPTION_CHARACTERS, /* c: a string of fixed size */
    OPTION_STRING, /* s: length, then the bytes */
    OPTION_ZERO_TERMINATED,
    OPTION_PADDING,
    OPTION_ALIGNMENT,
    OPTION_NOTHING,
} OptionKind;

typedef struct Option {
    OptionKind kind;
    u32 size; /* of the item, or of the length of an `s` */
    u32 padding; /* before it */
} Option;

typedef struct Layout {
    const Args *args;
    const u8 *at; /* in the format, which ends at a NUL */
    bool big_endian;
    u32 alignment; /* largest */
} Layout;

/* Argument 0. */
bool layout_open(Layout *layout, const Args *args);
/* The next option, for an item that would start at `offset`. false = failed. */
bool layout_next(Layout *layout, u64 offset, Option *option);

#endif
