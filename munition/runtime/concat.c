/* SPDX-License-Identifier: MIT */
/* The concatenation operator over a row of operands. */
#include "core.h"
#include "coroutine.h"
#include "number.h"
#include "number_digits.h"

static bool is_text(const Cell *cell) { return cell->tag == TAG_STRING || cell->tag == TAG_INTEGER || cell->tag == TAG_FLOAT; }

/* The bytes of one operand. */
typedef struct Piece {
    const u8 *bytes;
    u32 length;
} Piece;

/* So many operands are joined at a time; numbers among them are written to `digits` first. */
enum { PIECES = 16 };

typedef struct Pieces {
    Piece at[PIECES];
    u32 filled; /* pieces that are not empty */
    u64 length;
    char digits[PIECES * NUMBER_TEXT_BUFFER];
} Pieces;

static void collect_pieces(Pieces *pieces, const Cell *first, u32 count)
{
    char *digits = pieces->digits;
    pieces->filled = 0;
    pieces->length = 0;
    for (u32 i = 0; i < count; i++) {
        Piece *piece = &pieces->at[i];
        Value v = cell_load(first + i);
        if (is_string(v)) {
            *piece = (Piece){string_of(v)->bytes, string_of(v)->length};
        } else {
            u32 length = is_integer(v) ? number_format_int(v.payload, digits) : number_format_g14(float_of(v), digits);
            *piece = (Piece){(u8 *)digits, length};
            digits += length;
        }
        pieces->filled += piece->length > 0;
        pieces->length += piece->length;
    }
}

static void join(u8 *to, const Pieces *pieces, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        copy_bytes(to, pieces->at[i].bytes, pieces->at[i].length);
        to += pieces->at[i].length;
    }
}

/* Replace the strings and numbers first[0 .. count-1], at most PIECES, by their concatenation in first[0]. */
[[gnu::noinline]] static bool join_row(Cell *first, u32 count)
{
    Pieces pieces;
    collect_pieces(&pieces, first, count);
    if (pieces.filled <= 1) { /* one of them may be the result as it is */
        for (u32 i = 0; i < count; i++) {
            if (first[i].tag == TAG_STRING && (pieces.at[i].length > 0 || pieces.filled == 0)) {
                first[0] = first[i];
                return true;
            }
        }
    }
    if (pieces.length > SIZE_LIMIT - sizeof(String)) {
        throw_memory();
        return false;
    }
    String *text;
    if (pieces.length <= SHORT_STRING) {
        u8 local[SHORT_STRING];
        join(local, &pieces, count);
        text = string_new(local, (u32)pieces.length);
    } else {
        text = string_blank((u32)pieces.length);
        if (text != NULL)
            join(text->bytes, &pieces, count);
    }
    if (text == NULL)
        return false;
    cell_store(first, value_string(text));
    return true;
}

static u32 integer_length(i64 value) { return value < 0 ? 1 + number_length(0 - (u64)value) : number_length((u64)value); }

static u8 *write_integer(u8 *to, i64 value, u32 length)
{
    if (value < 0)
        *to = '-';
    number_write_digits(value < 0 ? 0 - (u64)value : (u64)value, value < 0 ? length - 1 : length, (char *)to + (value < 0));
    return to + length;
}

/* The length of every operand goes to its `aux`; UINT64_MAX = not all of them are strings and integers. */
static u64 measure_simple(Cell *row, u32 count)
{
    u64 total = 0;
    for (u32 i = 0; i < count; i++) {
        Cell *cell = &row[i];
        if (likely(cell->tag == TAG_STRING))
            cell->aux = ((const String *)(uintptr_t)cell->payload)->length;
        else if (cell->tag == TAG_INTEGER)
            cell->aux = integer_length(cell->payload);
        else
            return UINT64_MAX;
        total += cell->aux;
    }
    return total;
}

static void write_simple(u8 *to, const Cell *row, u32 count)
{
    for (const Cell *cell = row; cell < row + count; cell++) {
        if (likely(cell->tag == TAG_STRING)) {
            copy_bytes(to, ((const String *)(uintptr_t)cell->payload)->bytes, cell->aux);
            to += cell->aux;
        } else {
            to = write_integer(to, cell->payload, cell->aux);
        }
    }
}

/* Strings and integers, written where they belong at once. nil = it is not so simple, or failed. */
static Value concat_simple(Cell *row, u32 count)
{
    u64 total = measure_simple(row, count);
    if (unlikely(total > SIZE_LIMIT - sizeof(String)))
        return value_nil();
    if (total <= SHORT_STRING) {
        u8 local[SHORT_STRING];
        write_simple(local, row, count);
        String *text = string_new(local, (u32)total);
        return text == NULL ? value_nil() : value_string(text);
    }
    for (u32 i = 0; i < count; i++) /* one of them may be the result as it is */
        if (row[i].aux == total && row[i].tag == TAG_STRING)
            return cell_load(&row[i]);
    String *text = string_blank((u32)total);
    if (text == NULL)
        return value_nil();
    write_simple(text->bytes, row, count);
    return value_string(text);
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
    Cell *row = rt_state.sp;
    rt_state.sp = row + count; /* before finalizers, which use the stack from there on */
    gc_safe_point();
    Value simple = concat_simple(row, count);
    if (likely(!is_nil(simple))) {
        rt_state.sp = row;
        return simple;
    }
    while (count > 1 && !failed()) {
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
        while (first > 0 && count - first < PIECES && is_text(row + first - 1))
            first--;
        if (!join_row(row + first, count - first))
            break;
        count = first + 1;
        rt_state.sp = row + count;
    }
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
    if (count == 0) /* nothing to join it with: it stays what it is */
        return one(joined);
    cell_store(row + count, joined);
    return one(rt_concat(count + 1, site));
}
