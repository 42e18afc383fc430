/* SPDX-License-Identifier: MIT */
/* What find, match, gmatch and gsub share. */
#ifndef MUNITION_LIB_STRING_MATCH_H
#define MUNITION_LIB_STRING_MATCH_H

#include "lib_string.h"
#include "pattern.h"

void throw_unfinished(const Args *args, Match *match);
/* Pushes all captures, or the whole match if there are none. Returns how many; 0 = failed. */
u32 push_captures(const Args *args, Match *match, const u8 *start, const u8 *end);
/* The program, if there are strings, a constant pattern used before, and a start inside the text: nothing to check or to
 * convert. NULL = it is not so simple. */
const Program *simple_search(u64 call, Value a0, Value a1, Value a2, u64 *start);

/* Where the search for the next match goes on, and where the last one ended: an empty match may not end there, too. */
typedef struct Walk {
    const u8 *at;
    const u8 *last_end; /* or NULL */
} Walk;

/* The next match; *start is its start. NULL: none, or match->fault. */
const u8 *walk_next(Match *match, const Program *program, const Walk *walk, const u8 **start);

#endif
