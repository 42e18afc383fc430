/* SPDX-License-Identifier: MIT */
/* What the files of the string library share. */
#ifndef MUNITION_LIB_STRING_H
#define MUNITION_LIB_STRING_H

#include "rt.h"

/* A start position of string.find and friends as a position from 1 (negative ones count from the end). */
u64 string_start(i64 position, u32 length);

/* Room for `count` results above sp; otherwise "stack overflow (why)" is pending. */
static inline bool stack_room(const Args *args, u64 count, const char *why)
{
    if (likely(count < (u64)(rt_state.stack_limit - rt_state.sp)))
        return true;
    throw_error(args, "stack overflow (%s)", why);
    return false;
}

#endif
