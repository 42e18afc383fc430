/* SPDX-License-Identifier: MIT */
/* The state of an instance, and what prepares it at its one entry. */
#include "core.h"

State rt_state = {.sp = NULL};
Config rt_config = {.globals = NULL};

extern u8 __heap_base;

enum { SHADOW_LEAST = (STACK_MARGIN + STACK_EXTRA) * (int)sizeof(Cell) * 2 };

void state_init(void)
{
    if (rt_state.sp != NULL)
        return;
    u32 bytes = rt_config.shadow_bytes < SHADOW_LEAST ? SHADOW_LEAST : rt_config.shadow_bytes;
    u8 *base = heap_init(&__heap_base, bytes);
    if (base == NULL)
        __builtin_trap(); /* the memory limit does not even hold the stack */
    rt_state.stack_base = (Cell *)base;
    rt_state.sp = rt_state.stack_base;
    rt_state.stack_end = (Cell *)(base + bytes) - STACK_MARGIN;
    rt_state.stack_limit = rt_state.stack_end - STACK_EXTRA;
    rt_state.heap_start = &__heap_base;
}
