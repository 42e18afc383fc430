/* SPDX-License-Identifier: MIT */
/* Finalizers: objects with __gc, and calling them. */
#include "core.h"
#include "gc.h"

static struct {
    Object **registered; /* objects with __gc, in the order of their registration; `list` follows in the same memory */
    Object **list; /* to be called, in order */
    u32 registered_count;
    u32 registered_capacity;
    u32 list_first; /* list[list_first .. list_first + heap.finalizers_due) wait */
} due;

/* Registered and due objects share one allocation, so that moving them during a collection needs none. */
static bool finalizers_grow(void)
{
    u32 capacity = due.registered_capacity == 0 ? 32 : due.registered_capacity * 2;
    Object **memory = raw_alloc((u64)capacity * 2 * sizeof(Object *));
    if (memory == NULL)
        return false;
    if (due.registered != NULL) {
        memcpy(memory, due.registered, due.registered_count * sizeof(Object *));
        memcpy(memory + capacity, due.list + due.list_first, heap.finalizers_due * sizeof(Object *));
        raw_free(due.registered);
    }
    due.registered = memory;
    due.list = memory + capacity;
    due.list_first = 0;
    due.registered_capacity = capacity;
    return true;
}

bool gc_register_finalizer(Object *object)
{
    if (object->flags & OBJECT_FINALIZER)
        return true;
    if (due.registered_count + heap.finalizers_due >= due.registered_capacity && !finalizers_grow())
        return false;
    due.registered[due.registered_count++] = object;
    object->flags |= OBJECT_FINALIZER;
    return true;
}

static void due_add(Object *object)
{
    if (due.list_first + heap.finalizers_due == due.registered_capacity) {
        memmove(due.list, due.list + due.list_first, heap.finalizers_due * sizeof(Object *));
        due.list_first = 0;
    }
    due.list[due.list_first + heap.finalizers_due++] = object;
}

/* Move the registered objects that are dead (or all of them) to the due ones, last registered first. */
void gc_separate(bool all)
{
    for (u32 i = due.registered_count; i > 0; i--) {
        Object *object = due.registered[i - 1];
        if (all || !gc_is_marked(object)) {
            due.registered[i - 1] = NULL;
            due_add(object);
        }
    }
    u32 kept = 0;
    for (u32 i = 0; i < due.registered_count; i++)
        if (due.registered[i] != NULL)
            due.registered[kept++] = due.registered[i];
    due.registered_count = kept;
}

/* Call one finalizer; errors in it are lost, as the manual allows ("generate a warning"). */
static void finalize(Object *object)
{
    Cell *sp = rt_state.sp;
    u32 result_count = rt_state.result_count;
    Cell handler = rt_state.handler;
    rt_state.handler = (Cell){0, TAG_NIL, 0};
    object->flags &= (u8)~OBJECT_FINALIZER;
    Value v = value_of(object->kind, (i64)(uintptr_t)object);
    root_push(v);
    /* A finalizer cannot be suspended: it runs wherever memory was asked for. */
    static Closure barrier = {.object = {.kind = TAG_FUNCTION}};
    Cell *header = root_push(value_nil());
    header->aux = (u32)(uintptr_t)&barrier;
    header->tag = TAG_FRAME;
    Value method = metamethod(v, META_GC);
    if (is_function(method)) {
        meta_call1(method, META_GC, NULL, v);
        if (rt_state.pending == PENDING_ERROR)
            rt_state.pending = PENDING_NONE;
    }
    rt_state.sp = sp;
    rt_state.handler = handler;
    rt_state.result_count = result_count;
}

u32 gc_due_count(void) { return heap.finalizers_due; }

void gc_mark_due_from(u32 first)
{
    for (u32 i = first; i < heap.finalizers_due; i++)
        gc_mark_object(due.list[due.list_first + i]);
}

u64 gc_final_mark(void)
{
    gc_mark_due_from(0);
    return gc_raw_bytes(due.registered);
}

void gc_final_run(void)
{
    if (heap.finalizing || rt_state.pending != PENDING_NONE)
        return;
    heap.finalizing = true;
    while (heap.finalizers_due > 0 && rt_state.pending == PENDING_NONE) {
        Object *object = due.list[due.list_first];
        due.list_first++;
        heap.finalizers_due--;
        finalize(object);
    }
    heap.finalizing = false;
}
