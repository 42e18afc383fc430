/* SPDX-License-Identifier: MIT */
/* Memory: blocks of 8 KiB in runs, cells of one size class per block, and the collector's view of them.
 *
 * Objects live in cells and are freed by the sweep; raw memory (what tables point to) is freed by its owner. Both kinds
 * of blocks come from the same pool and return to it when they are empty, so no class can hoard memory. */
#ifndef MUNITION_HEAP_H
#define MUNITION_HEAP_H

#include "rt.h"

enum {
    BLOCK_SIZE = 8192,
    BLOCK_HEADER = 32,
    CELL_LARGEST = 4080, /* larger things get a run of blocks of their own */
    CLASS_COUNT = 36,
    SIZE_LIMIT = 0x7fff0000, /* no single allocation is larger */
    HEAP_THRESHOLD_MIN = 512 * 1024,
    CARVE_BYTES = 256, /* how much of a fresh block becomes cells at first; then it is twice as much as there is, each time */
};

typedef enum BlockState : u8 {
    BLOCK_FREE,
    BLOCK_OBJECTS,
    BLOCK_RAW,
    BLOCK_LARGE_OBJECT,
    BLOCK_LARGE_RAW,
} BlockState;

/* A free cell; the zero kind tells the sweep. */
typedef struct FreeCell {
    u32 kind;
    struct FreeCell *next;
} FreeCell;

/* The first bytes of a run. All runs lie one after the other from heap.first to heap.end. */
typedef struct Block {
    BlockState state;
    u8 class;
    bool swept;
    u8 spare;
    u16 used; /* raw blocks: cells in use; object blocks after a sweep: free cells */
    u16 carved; /* cells that exist: the rest of the block has not been touched */
    u32 blocks; /* length of the run */
    u32 previous; /* length of the run before it, 0 for the first */
    u32 cell_size; /* usable bytes per cell; of a large run: of the whole */
    struct Block *next;
    struct Block *back;
    FreeCell *free;
} Block;

static_assert(sizeof(Block) == BLOCK_HEADER);

typedef struct Heap {
    FreeCell *free[CLASS_COUNT]; /* cells of the current object block of each class */
    u8 live_mark; /* 1 or 2: objects with another mark are dead once marking is done */
    bool stopped; /* by collectgarbage("stop") */
    bool collecting;
    bool ready;
    bool finalizing; /* a __gc is running */
    u32 finalizers_due; /* objects whose __gc waits to be called */
    u64 allocated; /* bytes charged: live at the last collection, and handed out since */
    u64 threshold;
} Heap;

extern Heap heap;

static inline Block *block_of(const void *cell) { return (Block *)((uintptr_t)cell & ~(uintptr_t)(BLOCK_SIZE - 1)); }

/* Prepare the heap from `start` to the end of memory, with `hole` bytes left out of it near the front; returns where those
 * are, or NULL if the memory cannot be made large enough. */
u8 *heap_init(u8 *start, u32 hole);
u8 *no_heap(u8 *start, u32 hole); /* see gates.py */

/* A cell for an object of `size` bytes with the header filled in; NULL = failed. May collect. */
void *heap_object_slow(u32 class);
void *heap_object_large(u32 size);
u32 heap_class(u32 size); /* for 128 < size <= CELL_LARGEST */

static inline u32 heap_class_small(u32 size) { return ((size + 7) >> 3) - 1; }

static inline void *heap_object(u32 size, u8 kind, u8 flags)
{
    Object *object;
    if (likely(size <= CELL_LARGEST)) {
        u32 class = size <= 128 ? heap_class_small(size) : heap_class(size);
        FreeCell *cell = heap.free[class];
        if (likely(cell != NULL)) {
            heap.free[class] = cell->next;
            object = (Object *)cell;
        } else {
            object = heap_object_slow(class);
        }
    } else {
        object = heap_object_large(size);
    }
    if (likely(object != NULL))
        *object = (Object){kind, heap.live_mark, flags, 0};
    return object;
}

/* Memory that its owner frees. NULL = failed. May collect. */
void *raw_alloc(u64 size);
/* The same without collecting and without an error: NULL = no room. */
void *raw_try(u64 size);
void raw_free(void *memory);
/* The same for what belonged to a dead object: its bytes were not counted as live. */
void raw_discard(void *memory);
/* Make large raw memory longer without moving it; *usable gets its new size. false = it must move. */
bool raw_extend(void *memory, u64 size, u32 *usable);
/* How many bytes an allocation of `size` really gets. */
u32 raw_usable(u64 size);

/* ---- between heap.c and gc.c ---- */

void heap_collect(void); /* gc.c: mark, then reset the sweep */
void heap_begin_sweep(void);
bool heap_finish_sweep(void); /* true = something was freed */
void heap_sweep_large(void);
void heap_walk_marked(void (*visit)(Object *object));
u64 heap_used(void); /* bytes in live or handed-out cells, exact after a full sweep */
u64 heap_size(void); /* bytes obtained from the engine */
/* Release what a dead object owns (table.c, string.c). */
void object_release(Object *object);

#endif
