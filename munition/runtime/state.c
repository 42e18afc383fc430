/* SPDX-License-Identifier: MIT */
/* The state of an instance, and what prepares it at its one entry. */
#include "core.h"

State rt_state = {.sp = NULL};
Config rt_config = {.globals = NULL};

extern u8 __heap_base;

enum { SHADOW_LEAST = (STACK_MARGIN + STACK_EXTRA) * (int)sizeof(Cell) * 2, PAGE = 65536 };

void state_init(void)
{
    if (rt_state.sp != NULL)
        return;
    u32 bytes = rt_config.shadow_bytes < SHADOW_LEAST ? SHADOW_LEAST : rt_config.shadow_bytes;
    uintptr_t base = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    uintptr_t end = base + bytes;
    uintptr_t have = __builtin_wasm_memory_size(0) * (uintptr_t)PAGE;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1)
        __builtin_trap(); /* the memory limit does not even hold the stack */
    rt_state.stack_base = (Cell *)base;
    rt_state.sp = (Cell *)base;
    rt_state.stack_end = (Cell *)end - STACK_MARGIN;
    rt_state.stack_limit = rt_state.stack_end - STACK_EXTRA;
    rt_state.heap_start = (u8 *)end;
    heap_init((u8 *)end);
}
