/* SPDX-License-Identifier: MIT */
/* What heap.c (cells) and runs.c (blocks) share. */
#ifndef MUNITION_BLOCKS_H
#define MUNITION_BLOCKS_H

#include "core.h"

static inline void list_remove(Block **head, Block *block)
{
    if (block->back != NULL)
        block->back->next = block->next;
    else
        *head = block->next;
    if (block->next != NULL)
        block->next->back = block->back;
}

static inline void list_push(Block **head, Block *block)
{
    block->back = NULL;
    block->next = *head;
    if (*head != NULL)
        (*head)->back = block;
    *head = block;
}

static inline u8 *block_cells(Block *block) { return (u8 *)block + BLOCK_HEADER; }

static inline u32 blocks_for(u32 size) { return (size + BLOCK_HEADER + BLOCK_SIZE - 1) / BLOCK_SIZE; }

Block *run_after(Block *run); /* the next run in memory; of NULL: the first; NULL = none */
Block *run_take(u32 blocks); /* a run of exactly so many blocks, without collecting; NULL = none */
bool run_extend(Block *run, u32 blocks); /* false = there is something behind it */
void run_release(Block *run);

#endif
