/* SPDX-License-Identifier: MIT */
/* Closures, boxes and userdata. */
#include "core.h"

static Closure *closure_new(u32 slot, FunctionInfo *info, u32 count)
{
    Closure *closure = heap_object((u32)sizeof(Closure) + count * (u32)sizeof(Cell), TAG_FUNCTION, 0);
    if (closure == NULL)
        return NULL;
    closure->slot = slot;
    closure->info = info;
    closure->upvalue_count = count;
    for (u32 i = 0; i < count; i++)
        closure->upvalues[i] = (Cell){0, TAG_NIL, 0};
    return closure;
}

Closure *rt_closure_new(u32 slot, FunctionInfo *info, u32 count)
{
    gc_safe_point();
    return closure_new(slot, info, count);
}

Closure *native_closure(Function function, u32 upvalue_count)
{
    return closure_new((u32)(uintptr_t)function, NULL, upvalue_count);
}

Box *rt_box_new(Value v)
{
    Box *box;
    if (is_collectable(v.tag)) {
        Cell *root = root_push(v);
        box = heap_object(sizeof(Box), TAG_BOX, 0);
        rt_state.sp = root;
    } else {
        box = heap_object(sizeof(Box), TAG_BOX, 0);
    }
    if (box != NULL)
        cell_store(&box->value, v);
    return box;
}

Userdata *userdata_new(u32 type, u32 size, Table *metatable)
{
    if (size > SIZE_LIMIT - sizeof(Userdata)) {
        throw_memory();
        return NULL;
    }
    Userdata *data = heap_object((u32)sizeof(Userdata) + size, TAG_USERDATA, 0);
    if (data == NULL)
        return NULL;
    data->metatable = metatable;
    data->type = type;
    data->size = size;
    memset(data->bytes, 0, size);
    return data;
}
