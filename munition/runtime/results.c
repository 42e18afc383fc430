/* SPDX-License-Identifier: MIT */
/* Results that were kept in a table while scopes were closed go back onto the stack. */

#include "rt.h"

u32 rt_spread(Value list, u32 count);

/* Lay the items 1 .. count of `list` (some may be nil) out at sp as an open list; returns count. */
u32 rt_spread(Value list, u32 count)
{
    if (!stack_reserve(count))
        return 0;
    for (u32 i = 0; i < count; i++)
        cell_store(rt_state.sp + i, table_get_integer(table_of(list), (i64)i + 1));
    return count;
}
