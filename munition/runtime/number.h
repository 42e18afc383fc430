/* SPDX-License-Identifier: MIT */
/* Numbers to text and back, exactly: every digit agrees with correctly rounded decimal arithmetic (round half to even),
 * as the C library of the reference system does it. Nothing here allocates or raises. */
#ifndef MUNITION_NUMBER_H
#define MUNITION_NUMBER_H

#include "number_base.h"

enum {
    NUMBER_BUFFER = 512,     /* room for any result of number_format: 309 + 1 + 99 characters and a sign */
    NUMBER_TEXT_BUFFER = 32, /* room for number_format_g14 and number_format_int */
    NUMBER_WIDTH_MAX = 99,
};

/* Flags of a conversion specification. */
enum { NUMBER_LEFT = 1, NUMBER_PLUS = 2, NUMBER_SPACE = 4, NUMBER_ALTERNATE = 8, NUMBER_ZERO = 16 };

typedef struct {
    u8 conversion; /* d i u o x X for integers; a A e E f F g G for floats */
    u8 flags;
    u8 width;     /* at most NUMBER_WIDTH_MAX */
    i8 precision; /* at most NUMBER_WIDTH_MAX; negative when not given */
} NumberSpec;

typedef enum { NUMBER_NONE, NUMBER_INTEGER, NUMBER_FLOAT } NumberKind;

/* Lua's text of a float: "%.14g", with ".0" added to what would read as an integer. Returns the length. */
u32 number_format_g14(double value, char *out);
u32 number_format_int(i64 value, char *out);

/* The conversions of C's printf for one number, padded to the width. Return the length; no NUL is written. */
u32 number_format_float(double value, NumberSpec spec, char *out);
u32 number_format_integer(i64 value, NumberSpec spec, char *out);

/* Reads a numeral as Lua converts strings: white space around it, a sign, decimal or hexadecimal, integer if it is one
 * and fits (hexadecimal integers wrap around), float otherwise. `payload` gets the integer or the bits of the double. */
NumberKind number_parse_text(const u8 *text, u32 length, u64 *payload);

#ifdef MUNITION_RT_H
static inline bool number_parse(const u8 *text, u32 length, Value *out)
{
    u64 payload = 0;
    NumberKind kind = number_parse_text(text, length, &payload);
    if (kind == NUMBER_NONE)
        return false;
    *out = value_of(kind == NUMBER_INTEGER ? TAG_INTEGER : TAG_FLOAT, (i64)payload);
    return true;
}
#endif

#endif
