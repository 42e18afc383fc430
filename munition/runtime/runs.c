/* SPDX-License-Identifier: MIT */
/* Runs of blocks: found by size, split, and merged with their neighbours when they are released. */
#include "blocks.h"

enum { BIN_COUNT = 20, PAGE_SIZE = 65536, BLOCKS_PER_PAGE = PAGE_SIZE / BLOCK_SIZE };

/* All memory of the heap, in address order from `first` to `end`. */
static struct {
    Block *first;
    Block *last;
    u8 *end;
    u32 spare_pages; /* memory after `end` that was there from the start and has not been touched */
    Block *bins[BIN_COUNT]; /* free runs of 2^i <= blocks < 2^(i+1) */
} pool;

static u32 bin_of(u32 blocks)
{
    u32 bin = 31 - (u32)__builtin_clz(blocks);
    return bin < BIN_COUNT ? bin : BIN_COUNT - 1;
}

Block *run_after(Block *run)
{
    if (run == NULL)
        return pool.first;
    u8 *after = (u8 *)run + (size_t)run->blocks * BLOCK_SIZE;
    return after == pool.end ? NULL : (Block *)after;
}

/* Set the length of a run and tell its neighbour. */
static void run_resize(Block *run, u32 blocks)
{
    run->blocks = blocks;
    Block *after = run_after(run);
    if (after != NULL)
        after->previous = blocks;
    else
        pool.last = run;
}

void run_release(Block *run)
{
    Block *after = run_after(run);
    if (after != NULL && after->state == BLOCK_FREE) {
        list_remove(&pool.bins[bin_of(after->blocks)], after);
        run_resize(run, run->blocks + after->blocks);
    }
    if (run->previous != 0) {
        Block *before = (Block *)((u8 *)run - (size_t)run->previous * BLOCK_SIZE);
        if (before->state == BLOCK_FREE) {
            list_remove(&pool.bins[bin_of(before->blocks)], before);
            run_resize(before, before->blocks + run->blocks);
            run = before;
        }
    }
    run->state = BLOCK_FREE;
    list_push(&pool.bins[bin_of(run->blocks)], run);
}

/* Keep the first `blocks` of a run that is in no list, and free the rest. */
static void run_trim(Block *run, u32 blocks)
{
    u32 rest = run->blocks - blocks;
    if (rest == 0)
        return;
    Block *tail = (Block *)((u8 *)run + (size_t)blocks * BLOCK_SIZE);
    tail->previous = blocks;
    run->blocks = blocks;
    tail->state = BLOCK_RAW; /* so that nothing merges with it before it is complete */
    run_resize(tail, rest);
    run_release(tail);
}

static Block *run_find(u32 blocks)
{
    for (u32 bin = bin_of(blocks); bin < BIN_COUNT; bin++) {
        for (Block *run = pool.bins[bin]; run != NULL; run = run->next) {
            if (run->blocks >= blocks) {
                list_remove(&pool.bins[bin], run);
                run->state = BLOCK_RAW;
                run_trim(run, blocks);
                return run;
            }
        }
    }
    return NULL;
}

/* Add the memory that was grown after pool.end. */
static void pool_extend(u32 pages)
{
    Block *run = (Block *)pool.end;
    run->previous = pool.last != NULL ? pool.last->blocks : 0;
    run->state = BLOCK_RAW;
    pool.end += (size_t)pages * PAGE_SIZE;
    run_resize(run, pages * BLOCKS_PER_PAGE);
    run_release(run);
}

static bool pool_grow(u32 blocks)
{
    u32 needed = (blocks + BLOCKS_PER_PAGE - 1) / BLOCKS_PER_PAGE;
    u32 spare = pool.spare_pages;
    if (spare > 0) {
        pool.spare_pages = 0;
        pool_extend(spare);
        if (spare >= needed)
            return true;
    }
    u32 have = (u32)(heap_size() / PAGE_SIZE);
    u32 generous = needed + have / 8;
    if (__builtin_wasm_memory_grow(0, generous) != (size_t)-1) {
        pool_extend(generous);
        return true;
    }
    if (generous > needed && __builtin_wasm_memory_grow(0, needed) != (size_t)-1) {
        pool_extend(needed);
        return true;
    }
    return false;
}

/* A run of exactly so many blocks, without collecting. */
Block *run_take(u32 blocks)
{
    Block *run = run_find(blocks);
    if (run == NULL && !heap.collecting && heap_finish_sweep())
        run = run_find(blocks);
    if (run == NULL && pool_grow(blocks))
        run = run_find(blocks);
    return run;
}

/* Make a run longer where it is: into the free run behind it, or into new memory. */
bool run_extend(Block *run, u32 blocks)
{
    Block *after = run_after(run);
    bool free = after != NULL && after->state == BLOCK_FREE;
    u32 have = run->blocks + (free ? after->blocks : 0);
    if (have < blocks) {
        bool last = after == NULL || (free && run_after(after) == NULL);
        if (!last || !pool_grow(blocks - have))
            return false;
        after = run_after(run);
    }
    list_remove(&pool.bins[bin_of(after->blocks)], after);
    run_resize(run, run->blocks + after->blocks);
    run_trim(run, blocks);
    return true;
}

/* Some blocks come before the hole, so that a small program stays within the pages an engine keeps at hand. */
enum { FRONT_BLOCKS = 6 };

u8 *heap_init(u8 *start, u32 hole)
{
    start = (u8 *)(((uintptr_t)start + BLOCK_SIZE - 1) & ~(uintptr_t)(BLOCK_SIZE - 1));
    uintptr_t least = (uintptr_t)start + (size_t)(FRONT_BLOCKS + blocks_for(hole)) * BLOCK_SIZE;
    uintptr_t end = (least + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
    uintptr_t have = __builtin_wasm_memory_size(0) * (uintptr_t)PAGE_SIZE;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have) / PAGE_SIZE) == (size_t)-1)
        return NULL;
    heap.live_mark = 1;
    heap.ready = true;
    heap.threshold = HEAP_THRESHOLD_MIN;
    pool.first = (Block *)start;
    pool.end = (u8 *)end;
    pool.first->previous = 0;
    pool.first->state = BLOCK_RAW;
    pool.first->blocks = FRONT_BLOCKS;
    Block *gap = run_after(pool.first);
    gap->previous = FRONT_BLOCKS;
    gap->state = BLOCK_LARGE_RAW;
    run_resize(gap, (u32)((u8 *)end - (u8 *)gap) / BLOCK_SIZE);
    run_release(pool.first);
    pool.spare_pages = have > end ? (u32)((have - end) / PAGE_SIZE) : 0;
    return block_cells(gap);
}

/* For a program that makes no object: there is room, which the module's initial memory is made for. */
u8 *no_heap(u8 *start, u32 hole)
{
    (void)hole;
    return (u8 *)(((uintptr_t)start + CELL_SIZE - 1) & ~(uintptr_t)(CELL_SIZE - 1));
}

u64 heap_size(void) { return (u64)(pool.end - (u8 *)pool.first); }
