/* SPDX-License-Identifier: MIT */
/* The concatenation operator over a row of operands. */
#include "core.h"
#include "coroutine.h"
#include "number.h"

static bool is_text(const Cell *cell) { return cell->tag == TAG_STRING || cell->tag == TAG_INTEGER || cell->tag == TAG_FLOAT; }

static bool convert_number(Cell *cell)
{
    if (cell->tag == TAG_STRING)
        return true;
    String *text = string_from_number(cell_load(cell));
    if (text == NULL)
        return false;
    cell_store(cell, value_string(text));
    return true;
}

static const String *cell_string(const Cell *cell) { return (const String *)(uintptr_t)cell->payload; }

static void join(u8 *to, const Cell *first, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        const String *part = cell_string(first + i);
        copy_bytes(to, part->bytes, part->length);
        to += part->length;
    }
}

/* Replace the strings first[0 .. count-1] by their concatenation in first[0]. */
static bool join_strings(Cell *first, u32 count)
{
    u64 length = 0;
    u32 filled = 0;
    for (u32 i = 0; i < count; i++) {
        length += cell_string(first + i)->length;
        filled += cell_string(first + i)->length > 0;
    }
    if (length > SIZE_LIMIT - sizeof(String)) {
        throw_memory();
        return false;
    }
    if (filled <= 1) { /* one of them is the result */
        for (u32 i = 1; i < count; i++)
            if (cell_string(first + i)->length > 0)
                first[0] = first[i];
        return true;
    }
    String *text;
    if (length <= SHORT_STRING) {
        u8 local[SHORT_STRING];
        join(local, first, count);
        text = string_new(local, (u32)length);
    } else {
        text = string_blank((u32)length);
        if (text != NULL)
            join(text->bytes, first, count);
    }
    if (text == NULL)
        return false;
    cell_store(first, value_string(text));
    return true;
}

/* `number` is the operand's position in the row; its name stands in the record number / 2 of the row of sites. */
static Value concat_by_metamethod(const Cell *pair, u32 number, const Site *site)
{
    Value a = cell_load(pair);
    Value b = cell_load(pair + 1);
    Value method = metamethod(a, META_CONCAT);
    if (is_nil(method))
        method = metamethod(b, META_CONCAT);
    if (is_nil(method)) {
        u32 culprit = is_text(pair) ? number + 1 : number;
        throw_operand(site == NULL ? site : site + culprit / 2, "concatenate", culprit == number ? a : b, culprit % 2 + 1);
        return value_nil();
    }
    return meta_call2(method, META_CONCAT, site, a, b);
}

static Value concat_resume(Closure *closure, u64 call, Value a0, Value a1, Value a2);

/* The function of the record that a suspended concatenation leaves. */
static Closure suspended = {.object = {.kind = TAG_FUNCTION, .flags = CLOSURE_SUSPENDABLE}};

/* A metamethod was suspended: remember the `count` operands before it, which are still to be joined with its result. */
static void concat_suspend(const Cell *row, u32 count, const Site *site)
{
    suspended.slot = (u32)(uintptr_t)concat_resume;
    Cell *record = rt_save(count, &suspended, 0, (u32)(uintptr_t)site);
    if (record != NULL)
        memcpy(record + 1, row, (size_t)count * sizeof(Cell));
}

/* The operator is right associative: work from the end, taking as many strings and numbers at once as there are. */
Value rt_concat(u32 count, const Site *site)
{
    gc_safe_point();
    Cell *row = rt_state.sp;
    rt_state.sp = row + count;
    while (count > 1) {
        Cell *pair = row + count - 2;
        if (!is_text(pair) || !is_text(pair + 1)) {
            Value joined = concat_by_metamethod(pair, count - 2, site);
            if (rt_state.pending == PENDING_YIELD)
                concat_suspend(row, count - 2, site);
            if (failed())
                break;
            cell_store(pair, joined);
            count--;
            rt_state.sp = row + count;
            continue;
        }
        u32 first = count - 2;
        while (first > 0 && is_text(row + first - 1))
            first--;
        for (u32 i = first; i < count; i++)
            if (!convert_number(row + i))
                goto out;
        if (!join_strings(row + first, count - first))
            break;
        count = first + 1;
        rt_state.sp = row + count;
    }
out:
    rt_state.sp = row;
    return cell_load(row);
}

/* Go on: the operands that were left, and the result of the metamethod. */
static Value concat_resume(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    (void)closure, (void)call, (void)a0, (void)a1, (void)a2;
    u32 count = record_length();
    const Cell *record = rt_restore();
    const Site *site = (const Site *)(uintptr_t)(u32)record->payload;
    Cell *row = rt_state.sp;
    if (!stack_reserve(count + 1))
        return value_nil();
    memcpy(row, record + 1, (size_t)count * sizeof(Cell));
    rt_state.sp = row + count;
    Value joined = rt_rewind();
    if (rt_state.pending == PENDING_YIELD)
        concat_suspend(row, count, site);
    rt_state.sp = row;
    if (failed())
        return value_nil();
    cell_store(row + count, joined);
    return one(rt_concat(count + 1, site));
}
