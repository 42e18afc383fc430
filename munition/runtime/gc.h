/* SPDX-License-Identifier: MIT */
/* Between the files of the collector. */
#ifndef MUNITION_GC_H
#define MUNITION_GC_H

#include "core.h"

/* What only programs with metatables need; gc_use_extras makes it known when the first metatable is set. */
typedef struct GcExtras {
    bool (*scan_weak)(Table *table); /* false: the table is not weak, and nothing was done */
    u64 (*mark_due)(void); /* mark objects whose finalizer waits; bytes of the lists */
    void (*settle)(void); /* after marking: ephemerons, weak references, finalizers */
    void (*separate)(bool all); /* dead objects with __gc (or all of them) become due */
    void (*run_finalizers)(void);
} GcExtras;

extern const GcExtras *gc_extras;
void gc_use_extras(void);

static inline bool gc_is_marked(const Object *object) { return is_static(object) || object->mark == heap.live_mark; }

void gc_mark_object(Object *object);
void gc_mark_cell(const Cell *cell);
void gc_mark_pointer(void *object);
void gc_propagate(void); /* mark everything that can be reached from what is marked */
void gc_entry_bury(Entry *entry);
u32 gc_raw_bytes(const void *memory);

/* ---- gc_final.c ---- */
void gc_separate(bool all); /* dead objects with __gc become due */
u32 gc_due_count(void);
void gc_mark_due_from(u32 first);
u64 gc_final_mark(void);
void gc_final_run(void);

#endif
