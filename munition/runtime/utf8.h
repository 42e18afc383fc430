/* SPDX-License-Identifier: MIT */
/* Reading UTF-8. */
#ifndef MUNITION_UTF8_H
#define MUNITION_UTF8_H

#include "rt.h"

enum { UTF8_LONGEST = 6 };

static inline bool utf8_is_continuation(u8 byte) { return (byte & 0xc0) == 0x80; }

/* The sequence at `at`, which lies in a String: its length, or 0 if it is invalid. The NUL behind a string ends every
 * sequence. Lax: surrogates and codes up to 2^31 are valid. */
u32 utf8_decode(const u8 *at, bool lax, u32 *code);
bool utf8_is_valid(const String *text);

#endif
