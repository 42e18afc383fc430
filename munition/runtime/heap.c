/* SPDX-License-Identifier: MIT */
/* Cells: objects and small raw memory, and the sweep that frees objects. The blocks come from runs.c. */
#include "blocks.h"

Heap heap;

/* Where the cells are. */
static struct {
    Block *blocks[CLASS_COUNT]; /* object blocks of a class */
    Block *cursor[CLASS_COUNT]; /* those from here on have not been handed out since the collection */
    Block *fresh[CLASS_COUNT]; /* object blocks that are not all cells yet */
    Block *raw[CLASS_COUNT]; /* raw blocks with room */
    Block *large; /* large objects */
} pool;

static const u16 class_sizes[CLASS_COUNT] = {
    8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, /* multiples of 8 */
    160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1016, 1360, 1632, 2040, 2040, 2720, 4080, 4080, 4080,
};

u32 heap_class(u32 size)
{
    rt_assert(size <= CELL_LARGEST);
    if (size <= 128)
        return size == 0 ? 0 : heap_class_small(size);
    u32 last = size - 1;
    u32 exponent = 31 - (u32)__builtin_clz(last);
    u32 class = 16 + (exponent - 7) * 4 + ((last >> (exponent - 2)) & 3);
    while (class_sizes[class] < size)
        class++;
    return class;
}

static u32 block_capacity(u32 class) { return (BLOCK_SIZE - BLOCK_HEADER) / class_sizes[class]; }

/* ---- pacing ---------------------------------------------------------------------------------------------------- */

/* Before an allocation that may collect. */
static void heap_pace(u32 size)
{
    if (heap.collecting)
        return;
    if (unlikely(rt_config.flags & CONFIG_GC_STRESS))
        heap_collect();
    else if (heap.allocated + size >= heap.threshold && !heap.stopped)
        heap_collect();
}

/* A run; collects when there is no other way. */
static Block *run_demand(u32 blocks)
{
    Block *run = run_take(blocks);
    if (run == NULL && !heap.collecting) {
        heap_collect();
        run = run_take(blocks);
    }
    if (run == NULL)
        throw_memory();
    return run;
}

/* ---- objects --------------------------------------------------------------------------------------------------- */

static bool block_is_carved(const Block *block) { return block->carved == block_capacity(block->class); }

/* Make some more of a block into free cells, which nothing else of it is at that moment; returns how many. Memory is touched
 * only when it is needed: a small program should not pay for whole blocks. */
static u32 block_carve(Block *block)
{
    u32 size = block->cell_size;
    u32 left = block_capacity(block->class) - block->carved;
    u32 count = block->carved == 0 ? CARVE_BYTES / size + 1 : 2 * block->carved;
    if (count > left || block->next != NULL) /* a class with more blocks will need this one, too */
        count = left;
    u8 *cell = block_cells(block) + (size_t)block->carved * size;
    block->free = (FreeCell *)cell;
    for (u32 i = 1; i < count; i++) {
        *(FreeCell *)cell = (FreeCell){0, (FreeCell *)(cell + size)};
        cell += size;
    }
    *(FreeCell *)cell = (FreeCell){0, NULL};
    block->carved += (u16)count;
    return count;
}

static void block_setup(Block *block, BlockState state, u32 class)
{
    block->state = state;
    block->class = (u8)class;
    block->cell_size = class_sizes[class];
    block->swept = true;
    block->carved = 0;
    block->used = 0;
    block->free = NULL;
}

/* Free the dead objects of a block; afterwards `free` and `used` (number of free cells) hold what can be handed out. */
static void block_sweep(Block *block)
{
    u32 size = block->cell_size;
    u32 count = block->carved;
    u8 *at = block_cells(block);
    u8 live = heap.live_mark;
    FreeCell *head = NULL;
    FreeCell **tail = &head;
    u32 free = 0;
    for (u32 i = 0; i < count; i++, at += size) {
        Object *object = (Object *)at;
        if (object->kind != 0) {
            if (object->mark == live)
                continue;
            object_release(object);
        }
        FreeCell *cell = (FreeCell *)at;
        cell->kind = 0;
        *tail = cell;
        tail = &cell->next;
        free++;
    }
    *tail = NULL;
    block->free = head;
    block->used = (u16)free;
    block->swept = true;
}

/* The next block of the class that has free cells, or NULL. */
static Block *class_advance(u32 class)
{
    Block *block;
    while ((block = pool.cursor[class]) != NULL) {
        pool.cursor[class] = block->next;
        if (!block->swept)
            block_sweep(block);
        if (block->free != NULL)
            return block;
    }
    return NULL;
}

static void *class_hand_out(u32 class, Block *block)
{
    FreeCell *cell = block->free;
    heap.allocated += (u64)block->used * block->cell_size;
    block->free = NULL;
    block->used = 0;
    /* Under stress the rest waits for the next collection, so that every allocation comes here. */
    heap.free[class] = unlikely(rt_config.flags & CONFIG_GC_STRESS) ? NULL : cell->next;
    return cell;
}

/* A block with free cells: one that waits to be swept, the rest of one that was begun, or a new one. */
static Block *class_refill(u32 class)
{
    Block *block = class_advance(class);
    if (block != NULL)
        return block;
    block = pool.fresh[class];
    if (block == NULL) {
        block = run_take(1);
        if (block == NULL)
            return NULL;
        block_setup(block, BLOCK_OBJECTS, class);
        list_push(&pool.blocks[class], block);
        pool.fresh[class] = block;
    }
    block->used = (u16)block_carve(block);
    if (block_is_carved(block))
        pool.fresh[class] = NULL;
    return block;
}

void *heap_object_slow(u32 class)
{
    heap_pace(class_sizes[class]);
    Block *block = class_refill(class);
    if (block == NULL && !heap.collecting) {
        heap_collect();
        block = class_refill(class);
    }
    if (block == NULL) {
        throw_memory();
        return NULL;
    }
    return class_hand_out(class, block);
}

void *heap_object_large(u32 size)
{
    if (size > SIZE_LIMIT) {
        throw_memory();
        return NULL;
    }
    heap_pace(size);
    Block *run = run_demand(blocks_for(size));
    if (run == NULL)
        return NULL;
    run->state = BLOCK_LARGE_OBJECT;
    run->cell_size = run->blocks * BLOCK_SIZE - BLOCK_HEADER;
    list_push(&pool.large, run);
    heap.allocated += run->cell_size;
    return block_cells(run);
}

/* ---- sweeping -------------------------------------------------------------------------------------------------- */

void heap_begin_sweep(void)
{
    for (u32 class = 0; class < CLASS_COUNT; class++) {
        heap.free[class] = NULL;
        pool.cursor[class] = pool.blocks[class];
        for (Block *block = pool.blocks[class]; block != NULL; block = block->next) {
            block->swept = false;
            block->free = NULL;
        }
    }
}

bool heap_finish_sweep(void)
{
    bool freed = false;
    for (u32 class = 0; class < CLASS_COUNT; class++) {
        Block *next;
        for (Block *block = pool.cursor[class]; block != NULL; block = next) {
            next = block->next;
            if (block->swept)
                continue;
            freed = true;
            block_sweep(block);
            if (block->used != block->carved)
                continue;
            if (pool.fresh[class] == block)
                pool.fresh[class] = NULL;
            if (pool.cursor[class] == block)
                pool.cursor[class] = next;
            list_remove(&pool.blocks[class], block);
            run_release(block);
        }
    }
    return freed;
}

void heap_sweep_large(void)
{
    Block *next;
    for (Block *run = pool.large; run != NULL; run = next) {
        next = run->next;
        Object *object = (Object *)block_cells(run);
        if (object->mark == heap.live_mark)
            continue;
        object_release(object);
        list_remove(&pool.large, run);
        run_release(run);
    }
}

void heap_walk_marked(void (*visit)(Object *object))
{
    for (Block *run = run_after(NULL); run != NULL; run = run_after(run)) {
        u32 count = 0;
        if (run->state == BLOCK_OBJECTS)
            count = run->carved;
        else if (run->state == BLOCK_LARGE_OBJECT)
            count = 1;
        u8 *cell = block_cells(run);
        for (u32 i = 0; i < count; i++, cell += run->cell_size) {
            Object *object = (Object *)cell;
            if (object->kind != 0 && object->kind != TAG_STRING && object->mark == heap.live_mark)
                visit(object);
        }
    }
}

u64 heap_used(void)
{
    u64 idle = 0;
    for (u32 class = 0; class < CLASS_COUNT; class++)
        for (FreeCell *cell = heap.free[class]; cell != NULL; cell = cell->next)
            idle += class_sizes[class];
    return heap.allocated > idle ? heap.allocated - idle : 0;
}

/* ---- raw memory ------------------------------------------------------------------------------------------------ */

u32 raw_usable(u64 size)
{
    if (size <= CELL_LARGEST)
        return class_sizes[heap_class((u32)size)];
    if (size > SIZE_LIMIT)
        return (u32)SIZE_LIMIT;
    return blocks_for((u32)size) * BLOCK_SIZE - BLOCK_HEADER;
}

static void *raw_from_block(Block *block)
{
    if (block->free == NULL)
        block_carve(block);
    FreeCell *cell = block->free;
    block->free = cell->next;
    block->used++;
    if (block->free == NULL && block_is_carved(block))
        list_remove(&pool.raw[block->class], block);
    heap.allocated += block->cell_size;
    return cell;
}

static void *raw_large(Block *run)
{
    run->state = BLOCK_LARGE_RAW;
    run->cell_size = run->blocks * BLOCK_SIZE - BLOCK_HEADER;
    heap.allocated += run->cell_size;
    return block_cells(run);
}

static void *raw_cell(u32 class, Block *fresh)
{
    if (pool.raw[class] == NULL) {
        if (fresh == NULL)
            return NULL;
        block_setup(fresh, BLOCK_RAW, class);
        list_push(&pool.raw[class], fresh);
    }
    return raw_from_block(pool.raw[class]);
}

void *raw_try(u64 size)
{
    if (size > CELL_LARGEST) {
        Block *run = size > SIZE_LIMIT ? NULL : run_take(blocks_for((u32)size));
        return run == NULL ? NULL : raw_large(run);
    }
    u32 class = heap_class((u32)size);
    return raw_cell(class, pool.raw[class] == NULL ? run_take(1) : NULL);
}

void *raw_alloc(u64 size)
{
    if (size <= SIZE_LIMIT)
        heap_pace((u32)size);
    void *memory = raw_try(size);
    if (unlikely(memory == NULL) && !heap.collecting && size <= SIZE_LIMIT) {
        heap_collect();
        memory = raw_try(size);
    }
    if (unlikely(memory == NULL))
        throw_memory();
    return memory;
}

bool raw_extend(void *memory, u64 size, u32 *usable)
{
    if (memory == NULL || is_static(memory) || size > SIZE_LIMIT)
        return false;
    Block *run = block_of(memory);
    if (run->state != BLOCK_LARGE_RAW)
        return false;
    u32 before = run->cell_size;
    heap_pace((u32)size - before);
    if (!run_extend(run, blocks_for((u32)size)))
        return false;
    run->cell_size = run->blocks * BLOCK_SIZE - BLOCK_HEADER;
    heap.allocated += run->cell_size - before;
    *usable = run->cell_size;
    return true;
}

void raw_free(void *memory)
{
    if (memory == NULL || is_static(memory))
        return;
    u32 size = block_of(memory)->cell_size;
    heap.allocated -= heap.allocated >= size ? size : heap.allocated;
    raw_discard(memory);
}

void raw_discard(void *memory)
{
    if (memory == NULL || is_static(memory))
        return;
    Block *block = block_of(memory);
    if (block->state == BLOCK_LARGE_RAW) {
        run_release(block);
        return;
    }
    rt_assert(block->state == BLOCK_RAW && block->used > 0);
    if (block->free == NULL && block_is_carved(block))
        list_push(&pool.raw[block->class], block);
    FreeCell *cell = memory;
    *cell = (FreeCell){0, block->free};
    block->free = cell;
    block->used--;
    if (block->used == 0) {
        list_remove(&pool.raw[block->class], block);
        run_release(block);
    }
}
